/// From the last time step's map to one number a cell.
package protocol Readout: Sendable {
  static var typeNames: [String] { get }
  var name: String { get }
  var detail: String { get }
  var tensors: [StoredTensor] { get }
  var cellCount: Int { get }

  init(_ site: inout Site) throws
  /// - Throws: `mismatch` where features of this size do not fit.
  func check(_ input: FeatureShape) throws
  /// What depends on the map's size alone is computed here, once for many samples.
  func prepared(height: Int, width: Int) -> PreparedReadout
  /// Outputs of all samples, `[sample, cell]`, and the pullback from their gradient to that of the batch's frames.
  ///
  /// - Precondition: built for training, and `check` accepts the features.
  func traced(_ batch: FeatureBatch, _ pass: Pass) -> (output: [Float], pullback: ([Float]) -> Features)
}

/// A readout ready for maps of one size.
package struct PreparedReadout: Sendable {
  /// One number a cell from a map `[channel, height, width]`.
  package let forward: @Sendable ([Float]) -> [Float]
}

extension Readout {
  package func node() -> ArchitectureNode {
    ArchitectureNode(name: name, detail: detail, outputShape: [cellCount], tensors: tensors, children: [])
  }
}
