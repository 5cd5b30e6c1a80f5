import Base
import Formats
import Foundation

/// A symmetric window of `torch.signal.windows`, to a power, with maximum 1.
///
/// - Shapes: `[size]`
/// - Source: SEMANTICS 6; scipy's definitions with sym=True
package struct SignalWindow: Sendable, Equatable {
  static let kinds = [
    "hann", "hamming", "blackman", "bartlett", "cosine", "kaiser", "gaussian", "exponential", "nuttall",
    "general_hamming", "general_cosine",
  ]

  var kind: String
  var power: Double = 1
  private var parameter: Double
  private var center: Double?
  private var coefficients: [Double] = []

  /// `power` and the window's own options, from the section `aa_window_kwargs`.
  init(kind: String, at kindPath: String, options: inout Section) throws {
    guard Self.kinds.contains(kind) else {
      throw Failure(
        .unsupported, "\(kindPath): unknown window `\(kind)`",
        hint: Suggestion.hint(for: kind, among: Self.kinds) ?? "known: \(Self.kinds.joined(separator: ", "))")
    }
    self.kind = kind
    power = try options.double("power") ?? 1
    parameter = 0
    switch kind {
    case "kaiser": parameter = try options.double("beta") ?? 12
    case "gaussian": parameter = try options.double("std") ?? 1
    case "exponential":
      parameter = try options.double("tau") ?? 1
      center = try options.double("center")
    case "general_hamming": parameter = try options.double("alpha") ?? 0.54
    case "general_cosine":
      coefficients = try options.required("a", try options.doubles("a"))
    default: break
    }
    if let sym = try options.bool("sym"), !sym {
      throw Failure(.unsupported, "\(options.path("sym")): only symmetric windows")
    }
    try options.finish()
  }

  /// The window with options as a configuration writes them.
  package init(kind: String, options: ConfigNode) throws {
    var section = try Section(options, path: "aa_window_kwargs")
    try self.init(kind: kind, at: "aa_window", options: &section)
  }

  package func values(_ size: Int) -> [Float] {
    guard size > 1 else { return [Float](repeating: 1, count: size) }
    let last = Double(size - 1)
    let raw = (0..<size).map { index -> Double in
      let n = Double(index)
      let centered = n - last / 2
      switch kind {
      case "hann": return cosines([0.5, 0.5], n / last)
      case "hamming": return cosines([0.54, 0.46], n / last)
      case "general_hamming": return cosines([parameter, 1 - parameter], n / last)
      case "blackman": return cosines([0.42, 0.5, 0.08], n / last)
      case "nuttall": return cosines([0.3635819, 0.4891775, 0.1365995, 0.0106411], n / last)
      case "general_cosine": return cosines(coefficients, n / last)
      case "bartlett": return 1 - abs(2 * n / last - 1)
      case "cosine": return sin(.pi * (n + 0.5) / Double(size))
      case "gaussian": return exp(-0.5 * (centered / parameter) * (centered / parameter))
      case "exponential": return exp(-abs(n - (center ?? last / 2)) / parameter)
      default:
        let r = 2 * n / last - 1
        return Self.besselI0(parameter * max(0, 1 - r * r).squareRoot()) / Self.besselI0(parameter)
      }
    }
    let powered = raw.map { power == 1 ? $0 : pow(abs($0) < 1e-12 ? 0 : $0, power) }
    let largest = max(powered.max() ?? 1, 1e-12)
    return powered.map { Float($0 / largest) }
  }

  /// Alternating cosine sum at phase `x` of a period; exact at both ends, where cosine is 1.
  private func cosines(_ a: [Double], _ x: Double) -> Double {
    let phase = x > 0.5 ? 1 - x : x
    return a.enumerated().reduce(0) {
      $0 + ($1.offset % 2 == 0 ? 1 : -1) * $1.element * cos(2 * .pi * Double($1.offset) * phase)
    }
  }

  /// Modified Bessel function of order 0 by its power series.
  private static func besselI0(_ x: Double) -> Double {
    var sum = 1.0
    var term = 1.0
    let quarter = x * x / 4
    for k in 1..<200 {
      term *= quarter / Double(k * k)
      sum += term
      if term < sum * 1e-17 { break }
    }
    return sum
  }
}
