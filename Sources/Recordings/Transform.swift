import Base

/// One step on a covariate, as the YAML's `transforms` name it.
///
/// A transform is one file in `Transforms/` and one line in `AllTransforms.swift`.
package protocol Transform: Sendable {
  static var name: String { get }

  /// - Throws: `Failure` naming the option's place in the YAML.
  init(_ step: PipelineStep) throws

  /// Whether each frame's result depends on that frame alone, so that a few frames can be had without the others.
  var isFramewise: Bool { get }

  /// - Shapes: time is the first axis.
  func apply(_ values: Tensor) throws -> Tensor
}
