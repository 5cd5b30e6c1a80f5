import Base
import Kernels

/// Gradients of a loss with respect to parameters, by the stored tensor's name.
///
/// A parameter that received no gradient is absent; one whose gradient is zero is there.
public struct Gradients: Sendable, Equatable {
  public private(set) var tensors: [String: Tensor] = [:]

  public init() {}

  public subscript(_ name: String) -> Tensor? { tensors[name] }
  public var names: [String] { tensors.keys.sorted() }

  package mutating func add(_ values: [Float], to name: String, shape: [Int]) {
    guard tensors[name] != nil else {
      tensors[name] = Tensor(shape: shape, values: values)
      return
    }
    Elementwise.add(values, to: &tensors[name, default: Tensor(zeros: shape)].values, count: values.count)
  }

  /// Adds the gradient of another part of the loss.
  public mutating func add(_ gradient: Tensor, to name: String) {
    add(gradient.values, to: name, shape: gradient.shape)
  }

  /// Multiplies every value by a factor.
  public mutating func scale(by factor: Float) {
    guard factor != 1 else { return }
    for name in tensors.keys { tensors[name]?.multiply(by: factor) }
  }

  /// Adds those of another part of the batch.
  public mutating func add(_ other: Gradients) {
    for name in other.names { other.tensors[name].map { add($0.values, to: name, shape: $0.shape) } }
  }
}

extension Tensor {
  fileprivate mutating func multiply(by factor: Float) {
    Elementwise.scaleShift(&values, in: 0..<values.count, scale: factor, shift: 0)
  }
}
