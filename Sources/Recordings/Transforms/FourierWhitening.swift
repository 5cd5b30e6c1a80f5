import Base
import Foundation

/// Whitening over time and space together: amplitudes rise with frequency, up to a soft limit.
///
/// Formula: the spectrum of the whole recording times `f exp(-(f / f_0)^n)`, f in cycles per sample over the three
/// axes. The mean is removed. The transform is circular, and later frames act on earlier ones.
/// - Shapes: `[time, height, width]` or `[time, 1, height, width]` -> same
/// - Source: VisionCore's `fftwhitening`
package struct FourierWhitening: Transform {
  package static let name = "fftwhitening"

  private let limit: Double
  private let steepness: Double
  private let place: String

  package init(_ step: PipelineStep) throws {
    try step.allow(["f_0", "n"])
    place = step.place
    limit = try step.number("f_0") ?? 0.4
    steepness = try step.number("n") ?? 4
    guard limit > 0 else { throw Failure(.format, "\(place).f_0: a frequency above 0 is expected") }
  }

  package var reach: ClosedRange<Int>? { nil }

  package func apply(_ values: Tensor) throws -> Tensor {
    guard values.rank == 3 || (values.rank == 4 && values.shape[1] == 1) else {
      throw Failure(.mismatch, "\(place): shape \(values.shape) is not [time, height, width]")
    }
    let sizes = [values.shape[0], values.shape[values.rank - 2], values.shape[values.rank - 1]]
    guard sizes.allSatisfy({ $0 > 0 }) else { return values }
    var spectrum = values.values.map { FourierTransform.Complex(re: Double($0), im: 0) }
    let transforms = sizes.map(FourierTransform.init)
    for axis in 0..<3 { along(axis, sizes, &spectrum) { transforms[axis].forward($0) } }
    raise(&spectrum, sizes)
    for axis in 0..<3 { along(axis, sizes, &spectrum) { transforms[axis].inverse($0) } }
    return Tensor(shape: values.shape, values: spectrum.map { Float($0.re) })
  }

  private func raise(_ spectrum: inout [FourierTransform.Complex], _ sizes: [Int]) {
    let squares = sizes.map { count in (0..<count).map { pow(Self.frequency($0, of: count), 2) } }
    var i = 0
    for time in squares[0] {
      for row in squares[1] {
        for column in squares[2] {
          let f = (time + row + column).squareRoot()
          let gain = f * exp(-pow(f / limit, steepness))
          spectrum[i].re *= gain
          spectrum[i].im *= gain
          i += 1
        }
      }
    }
  }

  /// Cycles per sample of the spectrum's entry `index`.
  private static func frequency(_ index: Int, of count: Int) -> Double {
    Double(index <= (count - 1) / 2 ? index : index - count) / Double(count)
  }

  private func along(
    _ axis: Int, _ sizes: [Int], _ values: inout [FourierTransform.Complex],
    _ change: ([FourierTransform.Complex]) -> [FourierTransform.Complex]
  ) {
    let step = sizes.dropFirst(axis + 1).reduce(1, *)
    let span = step * sizes[axis]
    for block in stride(from: 0, to: values.count, by: span) {
      for start in block..<block + step {
        let line = stride(from: start, to: start + span, by: step).map { values[$0] }
        for (i, value) in change(line).enumerated() { values[start + i * step] = value }
      }
    }
  }
}
