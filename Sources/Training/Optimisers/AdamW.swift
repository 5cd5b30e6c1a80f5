import Base
import Formats
import Foundation
import Kernels

/// Adam with decoupled weight decay, value by value in float32 as PyTorch computes it.
///
/// Formula: m = m + (1 - b1)(g - m), v = b2 v + (1 - b2) g^2, p = p (1 - lr wd) - lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 -
/// b2^t) + eps), with b1 0.9, b2 0.999, eps 1e-8.
/// Source: Loshchilov and Hutter 2019; VisionCore's settings in SEMANTICS 16.
public struct AdamW: Optimiser, Equatable {
  /// What Adam remembers of one parameter.
  public struct Moments: Sendable, Equatable {
    /// Steps in which the parameter had a gradient.
    public var steps: Int
    /// Running mean of the gradient.
    public var first: [Float]
    /// Running mean of the gradient's square.
    public var second: [Float]

    public init(steps: Int, first: [Float], second: [Float]) {
      self.steps = steps
      self.first = first
      self.second = second
    }
  }

  private static let firstDecay = 0.9
  private static let secondDecay = 0.999
  private static let epsilon: Float = 1e-8

  /// By parameter.
  public private(set) var moments: [String: Moments]

  public init(moments: [String: Moments] = [:]) { self.moments = moments }

  public mutating func update(
    _ values: inout [Float], gradient: [Float], of name: String, rate: Double, decay: Double
  ) {
    precondition(values.count == gradient.count, "one gradient a value")
    // Taken out, so that its arrays are changed in place.
    var own =
      moments.removeValue(forKey: name)
      ?? Moments(
        steps: 0, first: [Float](repeating: 0, count: values.count), second: [Float](repeating: 0, count: values.count))
    own.steps += 1
    let step = AdamWStep(
      firstShare: Float(1 - Self.firstDecay), secondKept: Float(Self.secondDecay),
      secondShare: Float(1 - Self.secondDecay), kept: Float(1 - rate * decay),
      size: Float(rate / (1 - pow(Self.firstDecay, Double(own.steps)))),
      correction: Float((1 - pow(Self.secondDecay, Double(own.steps))).squareRoot()), epsilon: Self.epsilon)
    step.apply(to: &values, gradient: gradient, first: &own.first, second: &own.second)
    moments[name] = own
  }

  public func stepSizes(of name: String, count: Int, rate: Double) -> [Float] {
    guard let own = moments[name], own.second.count == count else {
      return [Float](repeating: Float(rate), count: count)
    }
    let corrected =
      rate * (1 - pow(Self.secondDecay, Double(own.steps))).squareRoot() / (1 - pow(Self.firstDecay, Double(own.steps)))
    return own.second.map { Float(corrected) / ($0.squareRoot() + Self.epsilon) }
  }
}
