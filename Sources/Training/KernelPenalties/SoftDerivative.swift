/// Squared sum of each kernel's taps, summed over kernels: 0 where no kernel answers a constant stimulus.
public struct SoftDerivative: KernelPenalty {
  public static let form = "derivative_soft"

  public init?(_ name: String, rateHz: Double) {
    guard name == Self.form else { return nil }
  }

  public var parameters: String { "all taps" }

  public func penalty(_ kernels: [[Double]]) throws -> (value: Double, gradient: [[Double]]) {
    let sums = kernels.map { $0.reduce(0, +) }
    return (
      sums.reduce(0) { $0 + $1 * $1 }, zip(kernels, sums).map { [Double](repeating: 2 * $1, count: $0.count) }
    )
  }
}
