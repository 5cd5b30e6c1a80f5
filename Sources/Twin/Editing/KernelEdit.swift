import Base
import Foundation

/// A change of temporal kernels as they act, each by itself: `zero=2`, `dc=0`, `shift=1`, `scale=0.5`, `lowpass=20`,
/// `highpass=5`.
///
/// A kernel is `w[t]` at the taps t = 0, 1, …, K - 1; tap 0 reads the newest frame. Its frequencies are those of its discrete
/// Fourier transform, k / K of the taps' rate.
public struct KernelEdit: Sendable, Equatable {
  public enum Change: Sendable, Equatable {
    /// The first taps become 0.
    case zero(taps: Int)
    /// The mean over the taps that can have weight is taken off them, so that the kernel sums to 0.
    case zeroSum
    /// To later taps; a negative number to earlier ones. What moves beyond the ends is lost, and zeros follow.
    case shift(taps: Int)
    case scale(Double)
    /// Frequencies (Hz) above this one are taken out.
    case lowPass(Double)
    /// Frequencies (Hz) below this one are taken out, 0 Hz among them.
    case highPass(Double)
  }

  public let change: Change
  /// As it was written.
  public let text: String

  private static let names = ["zero", "dc", "shift", "scale", "lowpass", "highpass"]

  /// - Throws: `usage` for anything else than a known name and its number.
  public init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let name = parts.first, let word = parts.last else {
      throw Failure(
        .usage, "`\(text.shortened)` is not a change of kernels and its number",
        hint: "zero=2, dc=0, shift=1, scale=0.5")
    }
    func number(_ need: String, _ holds: (Double) -> Bool) throws -> Double {
      guard let value = Double(word), value.isFinite, holds(value) else {
        throw Failure(.usage, "`\(text.shortened)`: \(name) needs \(need)")
      }
      return value
    }
    let most = 1e6
    switch name {
    case "zero":
      change = .zero(
        taps: Int(try number("a number of taps from 1 on") { $0 >= 1 && $0 <= most && $0 == $0.rounded() }))
    case "dc":
      _ = try number("the sum that kernels should have: 0") { $0 == 0 }
      change = .zeroSum
    case "shift":
      change = .shift(
        taps: Int(
          try number("a whole number of taps other than 0") { abs($0) <= most && $0 == $0.rounded() && $0 != 0 }))
    case "scale": change = .scale(try number("a number") { abs($0) <= most })
    case "lowpass": change = .lowPass(try number("a frequency from 0 Hz on") { $0 >= 0 })
    case "highpass": change = .highPass(try number("a frequency above 0 Hz") { $0 > 0 })
    default:
      throw Failure(
        .usage, "`\(name.shortened)` is no change of kernels",
        hint: Suggestion.hint(for: name, among: Self.names) ?? "known: \(Self.names.joined(separator: ", "))")
    }
    self.text = text
  }

  /// Refuses filters that leave no frequency of a kernel: what stays would be rounding noise.
  ///
  /// - Parameters:
  ///   - taps: of a kernel.
  ///   - rateHz: taps per second; nil where unknown.
  /// - Throws: `usage` naming the filters.
  static func checkBand(_ edits: [KernelEdit], taps: Int, rateHz: Double?) throws {
    var (low, high): (Double, Double?) = (0, nil)
    for edit in edits {
      if case .highPass(let limit) = edit.change { low = max(low, limit) }
      if case .lowPass(let limit) = edit.change { high = min(high ?? limit, limit) }
    }
    guard low > 0 else { return }
    let text = edits.filter(\.isFilter).map(\.text).joined(separator: " ")
    if let high, low >= high {
      throw Failure(.usage, "`\(text)` leaves no frequency: the high-pass must lie below the low-pass")
    }
    guard let rateHz, taps > 0 else { return }
    let step = rateHz / Double(taps)
    guard !(0...taps / 2).contains(where: { wave in (low...(high ?? .infinity)).contains(Double(wave) * step) }) else {
      return
    }
    throw Failure(
      .usage,
      "`\(text)` leaves no frequency: those of a kernel of \(taps) taps lie \(NumberText.sentence(step)) Hz apart")
  }

  private var isFilter: Bool {
    switch change {
    case .lowPass, .highPass: true
    default: false
    }
  }

  /// The kernel after the change.
  ///
  /// - Parameters:
  ///   - isLive: whether a tap can have weight at all.
  ///   - rateHz: taps per second; nil where unknown.
  /// - Throws: `usage` for more taps than there are, or a frequency that the kernel does not have; `undefined` for a frequency
  ///   without a rate.
  public func applied(to kernel: [Double], isLive: [Bool], rateHz: Double?) throws -> [Double] {
    let taps = kernel.count
    switch change {
    case .zero(let count):
      guard count < taps else { throw Failure(.usage, "`\(text)` leaves none of the \(taps) taps") }
      return kernel.indices.map { $0 < count ? 0 : kernel[$0] }
    case .zeroSum:
      let live = kernel.indices.filter { isLive[$0] }
      guard !live.isEmpty else { return kernel }
      let mean = live.reduce(0) { $0 + kernel[$1] } / Double(live.count)
      return kernel.indices.map { isLive[$0] ? kernel[$0] - mean : 0 }
    case .shift(let distance):
      guard abs(distance) < taps else { throw Failure(.usage, "`\(text)` moves the kernels beyond their \(taps) taps") }
      return kernel.indices.map { kernel.indices.contains($0 - distance) ? kernel[$0 - distance] : 0 }
    case .scale(let factor): return kernel.map { $0 * factor }
    case .lowPass(let limit): return try filtered(kernel, rateHz, limit) { $0 <= limit }
    case .highPass(let limit): return try filtered(kernel, rateHz, limit) { $0 >= limit }
    }
  }

  /// Without the frequencies that `passes` refuses.
  private func filtered(
    _ kernel: [Double], _ rateHz: Double?, _ limit: Double, passes: (Double) -> Bool
  ) throws -> [Double] {
    guard let rateHz else {
      throw Failure(
        .undefined, "`\(text)`: the twin's configuration has no sampling_rate, so its taps have no frequencies",
        hint: "--set sampling_rate=120")
    }
    guard limit < rateHz / 2 else {
      throw Failure(.usage, "`\(text)`: kernels have frequencies below \(NumberText.sentence(rateHz / 2)) Hz")
    }
    let taps = kernel.count
    var out = [Double](repeating: 0, count: taps)
    for wave in 0..<taps {
      guard passes(Double(min(wave, taps - wave)) / Double(taps) * rateHz) else { continue }
      let angle = 2 * Double.pi * Double(wave) / Double(taps)
      var (real, imaginary) = (0.0, 0.0)
      for (tap, value) in kernel.enumerated() {
        real += value * cos(angle * Double(tap))
        imaginary += value * sin(angle * Double(tap))
      }
      for tap in out.indices {
        out[tap] += (real * cos(angle * Double(tap)) + imaginary * sin(angle * Double(tap))) / Double(taps)
      }
    }
    return out
  }
}
