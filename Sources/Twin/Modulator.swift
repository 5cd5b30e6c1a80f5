import Base

/// Features changed by behaviour.
protocol Modulator: Sendable {
  static var typeNames: [String] { get }
  var name: String { get }
  var detail: String { get }
  var tensors: [StoredTensor] { get }
  var behaviorCount: Int { get }
  var outputChannels: Int { get }

  init(_ site: inout Site) throws
  /// - Throws: `mismatch` where features of this size do not fit.
  func outputShape(for input: FeatureShape) throws -> FeatureShape
  /// - Precondition: `behavior` has `behaviorCount` values.
  func forward(_ input: Features, behavior: [Float]) -> Features
}

extension Modulator {
  func node(for input: FeatureShape) throws -> ArchitectureNode {
    let out = try outputShape(for: input)
    return ArchitectureNode(
      name: name, detail: detail, outputShape: [out.channels, out.time, out.height, out.width], tensors: tensors,
      children: [])
  }
}
