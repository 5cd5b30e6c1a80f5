import Base

/// One operation on a covariate, as the YAML's `transforms` name it.
///
/// A transform is one file in `Transforms/` and one line in `AllTransforms.swift`.
package protocol Transform: Sendable {
  static var name: String { get }

  /// - Throws: `Failure` naming the option's place in the YAML.
  init(_ step: PipelineStep) throws

  /// The frames that a frame's result depends on, relative to it, after `prepared`. Nil where it depends on all frames.
  /// The transform itself decides what counts before the first frame and after the last.
  var reach: ClosedRange<Int>? { get }

  /// The transform with the numbers that it needs from the whole recording, computed block by block.
  ///
  /// - Parameter eachBlock: calls its argument with the transform's input, block by block and in order.
  func prepared(_ eachBlock: ((Tensor) throws -> Void) throws -> Void) throws -> any Transform

  /// - Shapes: time is the first axis.
  func apply(_ values: Tensor) throws -> Tensor
}

extension Transform {
  package func prepared(_ eachBlock: ((Tensor) throws -> Void) throws -> Void) throws -> any Transform { self }
}
