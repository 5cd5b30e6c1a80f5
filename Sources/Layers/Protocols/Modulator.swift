import Base

/// A layer that changes features by behaviour.
package protocol Modulator: Sendable {
  static var typeNames: [String] { get }
  var name: String { get }
  var detail: String { get }
  var tensors: [StoredTensor] { get }
  var behaviorCount: Int { get }
  var outputChannels: Int { get }

  init(_ site: inout Site) throws
  /// - Throws: `mismatch` where features of this size do not fit.
  func outputShape(for input: FeatureShape) throws -> FeatureShape
  /// Samples with a row of behaviour each.
  ///
  /// - Precondition: rows have `behaviorCount` values.
  /// - Throws: `interrupted`.
  func forward(_ batch: FeatureBatch, behavior: [[Float]]) throws -> FeatureBatch
  /// The output, and the pullback from its gradient to those of the features and of the rows of behaviour.
  ///
  /// - Precondition: as for `forward`, and built for training.
  /// - Throws: `interrupted`.
  func traced(_ batch: FeatureBatch, behavior: [[Float]], _ pass: Pass) throws -> TracedModulation
}

package typealias TracedModulation = (
  output: FeatureBatch, pullback: (Features) throws -> (features: Features, behavior: [Float])
)

extension Modulator {
  package func node(for input: FeatureShape) throws -> ArchitectureNode {
    let out = try outputShape(for: input)
    return ArchitectureNode(
      name: name, detail: detail, outputShape: [out.channels, out.time, out.height, out.width], tensors: tensors,
      children: [])
  }
}
