import Base
import Formats

/// How a Gaussian readout lies in the tensors of a checkpoint of several sessions; names are without `model.`.
extension GaussianReadout {
  /// The parameters of a readout.
  public enum Part: String, Sendable, CaseIterable {
    case bias, mean, std, theta
    case features = "features.weight"
  }

  /// What the names of all tensors of a head's readout begin with.
  public static func prefix(head: Int) -> String { "readouts.\(head)." }

  public static func name(_ part: Part, head: Int) -> String { prefix(head: head) + part.rawValue }

  /// Names of its tensors.
  public static func parameterNames(head: Int) -> [String] { Part.allCases.map { name($0, head: head) } }

  /// Whether a head's readout is Gaussian.
  public static func isStored(in source: any ArraySource, head: Int) -> Bool {
    [.mean, .std, .theta, .features].allSatisfy { (part: Part) in source.info(name(part, head: head)) != nil }
  }

  /// The readout that a head's tensors hold.
  ///
  /// - Throws: `missing` for a tensor that is not there; `mismatch` where shapes disagree.
  public init(stored source: any ArraySource, head: Int) throws {
    func values(_ part: Part, _ count: Int) throws -> [Float] {
      let tensor = try source.tensor(Self.name(part, head: head))
      guard tensor.count == count else {
        throw Failure(
          .mismatch,
          "\(source.origin): `\(Self.name(part, head: head))` has shape \(tensor.shape), \(count) numbers are needed")
      }
      return tensor.values
    }
    let weights = try source.tensor(Self.name(.features, head: head))
    let cells = weights.shape.first ?? 0
    let channels = cells > 0 ? weights.count / cells : 0
    self.init(
      features: weights.values, mean: try values(.mean, 2 * cells), std: try values(.std, 2 * cells),
      theta: try values(.theta, cells),
      bias: source.info(Self.name(.bias, head: head)) == nil ? nil : try values(.bias, cells), channels: channels)
  }

  /// The tensors that hold this readout as a head's.
  public func arrays(head: Int) -> [NamedArray] {
    func array(_ part: Part, _ shape: [Int], _ values: [Float]) -> NamedArray {
      NamedArray(Self.name(part, head: head), shape: shape, values: .float32(values))
    }
    return [
      array(.features, [cellCount, channels, 1, 1], features), array(.mean, [cellCount, 2], mean),
      array(.std, [cellCount, 2], std), array(.theta, [cellCount], theta),
    ] + (bias.map { [array(.bias, [cellCount], $0)] } ?? [])
  }
}
