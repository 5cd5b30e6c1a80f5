import Base
import Foundation

/// Power of kernels below a frequency, as quadratic forms of their taps.
///
/// X is the one-sided discrete Fourier transform over the taps, zero-padded to `size`; bin j lies at j * rate / size, and
/// inner bins count once.
struct KernelSpectrum: Sendable {
  let cutoffHz: Double
  let rateHz: Double
  /// Length of the transform; the number of taps where nil.
  let size: Int?

  var text: String {
    "below \(NumberText.of(cutoffHz)) Hz, transform of \(size.map { "\($0) taps" } ?? "the kernel's taps")"
  }

  /// Power strictly below the cut-off and in all bins, and half of their gradients.
  ///
  /// - Throws: `mismatch` where the transform is shorter than the kernel.
  func power(of kernel: [Double]) throws -> (
    low: Double, all: Double, lowSlope: [Double], allSlope: [Double]
  ) {
    let count = size ?? kernel.count
    guard count >= kernel.count else {
      throw Failure(.mismatch, "a transform of \(count) taps is shorter than the kernel's \(kernel.count)")
    }
    var result = (
      low: 0.0, all: 0.0, lowSlope: [Double](repeating: 0, count: kernel.count),
      allSlope: [Double](repeating: 0, count: kernel.count)
    )
    for bin in 0...count / 2 {
      let waves = kernel.indices.map { tap in
        let angle = 2 * Double.pi * Double(bin * tap % count) / Double(count)
        return (cos: cos(angle), sin: sin(angle))
      }
      let real = zip(kernel, waves).reduce(0) { $0 + $1.0 * $1.1.cos }
      let imaginary = zip(kernel, waves).reduce(0) { $0 + $1.0 * $1.1.sin }
      let power = real * real + imaginary * imaginary
      let isLow = Double(bin) * rateHz / Double(count) < cutoffHz
      result.all += power
      if isLow { result.low += power }
      for tap in kernel.indices {
        let slope = real * waves[tap].cos + imaginary * waves[tap].sin
        result.allSlope[tap] += slope
        if isLow { result.lowSlope[tap] += slope }
      }
    }
    return result
  }

  /// `lowfreq_KIND_fc15` or `lowfreq_KIND_fc15_n64`.
  static func named(_ name: String, kind: String, rateHz: Double) -> KernelSpectrum? {
    let stem = "lowfreq_\(kind)_fc"
    if let numbers = KernelPenaltyNumbers.read(name, [stem]) {
      return KernelSpectrum(cutoffHz: numbers[0], rateHz: rateHz, size: nil)
    }
    guard let numbers = KernelPenaltyNumbers.read(name, [stem, "_n"]),
      let size = KernelPenaltyNumbers.count(numbers.last)
    else { return nil }
    return KernelSpectrum(cutoffHz: numbers[0], rateHz: rateHz, size: size)
  }
}
