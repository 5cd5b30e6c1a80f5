import Base
import Foundation

/// How the filters of a learned temporal frontend start.
///
/// Source: VisionCore's `init_type` of `learnable_temporal`
enum TemporalStart {
  private static let types = ["gaussian_derivatives", "random", "identity", "biphasic"]

  /// - Parameter isStored: the filters are in a checkpoint, so that an unknown type does no harm.
  /// - Returns: nil for torch's own start.
  /// - Throws: `unsupported` for an unknown type.
  static func kernels(_ type: String, at path: String, taps: Int, count: Int, isStored: Bool) throws -> Start? {
    switch type {
    case "gaussian_derivatives": return gaussianDerivatives(taps, count)
    case "identity":
      return .values((0..<count).flatMap { index in (0..<taps).map { $0 == min(index, taps - 1) ? 1 : 0 } })
    case "biphasic":
      let kernel = biphasic(taps)
      return .values((0..<count).flatMap { _ in kernel })
    case "random": return nil
    default:
      guard !isStored else { return nil }
      throw Failure(
        .unsupported, "\(path): unknown start `\(type.shortened)`",
        hint: Suggestion.hint(for: type, among: types) ?? "known: \(types.joined(separator: ", "))")
    }
  }

  /// A Gaussian, its first and second derivative, then noise under the Gaussian; each of length 1.
  private static func gaussianDerivatives(_ taps: Int, _ count: Int) -> Start {
    let sigma = Double(taps) / 6
    let times = (0..<taps).map { Double($0) - Double(taps - 1) / 2 }
    let envelope = times.map { exp(-0.5 * ($0 / sigma) * ($0 / sigma)) }
    let shapes = [
      envelope,
      zip(times, envelope).map { -$0 / (sigma * sigma) * $1 },
      zip(times, envelope).map { ($0 * $0 / (sigma * sigma) - 1) / (sigma * sigma) * $1 },
    ].map { shape in
      let length = shape.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return shape.map { Float($0 / max(length, 1e-30)) }
    }
    return .kernels(Array(shapes.prefix(count)), envelope: envelope.map(Float.init))
  }

  /// A fast minus a slow gamma function at 120 Hz, with mean 0 and a positive lobe whose sum is 1.
  private static func biphasic(_ taps: Int) -> [Float] {
    func gamma(_ t: Double, _ tau: Double) -> Double { t * exp(-t / tau) / (tau * tau) }
    var kernel = (0..<taps).map { tap in
      let t = Double(tap) / 120
      return gamma(t, 0.008) - 0.9 * gamma(t, 0.022)
    }
    let mean = kernel.reduce(0, +) / Double(taps)
    kernel = kernel.map { $0 - mean }
    let sum = max(kernel.reduce(0) { $0 + max($1, 0) }, 1e-12)
    return kernel.map { Float($0 / sum) }
  }
}
