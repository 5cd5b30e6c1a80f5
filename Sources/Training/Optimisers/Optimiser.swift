import Base
import Formats

/// How a gradient moves a parameter.
///
/// State is kept by parameter, so that one which gets no gradient in a step keeps its own.
public protocol Optimiser: Sendable {
  /// Moves `values` along `gradient`, both of the parameter `name`.
  ///
  /// - Parameters:
  ///   - rate: learning rate.
  ///   - decay: decoupled weight decay, a share of the value for each unit of the learning rate.
  mutating func update(_ values: inout [Float], gradient: [Float], of name: String, rate: Double, decay: Double)

  /// Step size of each value of the parameter at a learning rate, as the proximal step of an L1 penalty needs it.
  func stepSizes(of name: String, count: Int, rate: Double) -> [Float]

  /// Everything that it remembers, as arrays that `restore` takes.
  var state: [NamedArray] { get }

  /// Goes on from a state that was kept: the next steps are the same to the bit as without a break.
  ///
  /// - Throws: what reading throws.
  mutating func restore(_ state: any ArraySource) throws
}
