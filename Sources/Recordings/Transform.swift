import Base

/// One step on a covariate, as the YAML's `transforms` name it.
///
/// A transform is one file in `Transforms/` and one line in `AllTransforms.swift`.
package protocol Transform: Sendable {
  static var name: String { get }

  /// - Throws: `Failure` naming the option's place in the YAML.
  init(_ step: PipelineStep) throws

  /// The frames, counted from its own, that a frame's result depends on once the transform is `prepared`; nil where it
  /// depends on all of them. What lies before the first frame and after the last one is the transform's own affair.
  var reach: ClosedRange<Int>? { get }

  /// The transform with what it must know of the whole recording, gathered block by block.
  ///
  /// - Parameter eachBlock: hands the blocks of what the transform will be applied to on, in order.
  func prepared(_ eachBlock: ((Tensor) throws -> Void) throws -> Void) throws -> any Transform

  /// - Shapes: time is the first axis.
  func apply(_ values: Tensor) throws -> Tensor
}

extension Transform {
  package func prepared(_ eachBlock: ((Tensor) throws -> Void) throws -> Void) throws -> any Transform { self }
}
