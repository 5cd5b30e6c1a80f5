import Base
import Formats

/// Steps of a fixed size down the gradient, with decoupled weight decay and without momentum.
public struct SGD: Optimiser, Equatable {
  public init() {}

  public mutating func update(
    _ values: inout [Float], gradient: [Float], of name: String, rate: Double, decay: Double
  ) {
    precondition(values.count == gradient.count, "one gradient a value")
    let (kept, size) = (Float(1 - rate * decay), Float(rate))
    for index in values.indices { values[index] = values[index] * kept - size * gradient[index] }
  }

  public func stepSizes(of name: String, count: Int, rate: Double) -> [Float] {
    [Float](repeating: Float(rate), count: count)
  }

  public var state: [NamedArray] { [] }

  public mutating func restore(_ state: any ArraySource) throws {}
}
