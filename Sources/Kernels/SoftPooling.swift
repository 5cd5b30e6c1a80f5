/// Means weighted towards large values: mean(x w) / (mean(w) + 1e-6) with w = exp(x / 10).
///
/// Shapes: as the pooling that takes the means.
public struct SoftPooling: Sendable {
  private let pooling: Pooling
  private static let floor: Float = 1e-6
  private static let sharpness: Float = 0.1

  /// - Precondition: `pooling` takes means over single time steps.
  public init(_ pooling: Pooling) { self.pooling = pooling }

  public func callAsFunction(_ input: [Float], channels: Int, time: Int, height: Int, width: Int) -> [Float] {
    let sums = sums(input, channels, time, height, width)
    return zip(sums.above, sums.below).map { $0 / ($1 + Self.floor) }
  }

  /// From the output's gradient to the input's.
  public func pullback(
    _ gradient: [Float], input: [Float], channels: Int, time: Int, height: Int, width: Int
  ) -> [Float] {
    let sums = sums(input, channels, time, height, width)
    var above = gradient
    var below = gradient
    for index in gradient.indices {
      let divisor = sums.below[index] + Self.floor
      above[index] = gradient[index] / divisor
      below[index] = -above[index] * sums.above[index] / divisor
    }
    let windows = pooling.windows(frames: time)
    let products = pooling.pullback(
      above, input: input, channels: channels, height: height, width: width, windows: windows)
    let weights = pooling.pullback(
      below, input: input, channels: channels, height: height, width: width, windows: windows)
    var out = products
    for index in out.indices {
      out[index] =
        sums.weight[index] * (products[index] + Self.sharpness * (products[index] * input[index] + weights[index]))
    }
    return out
  }

  private func sums(
    _ input: [Float], _ channels: Int, _ time: Int, _ height: Int, _ width: Int
  ) -> (weight: [Float], above: [Float], below: [Float]) {
    var weight = input
    Elementwise.scaleShift(&weight, in: 0..<weight.count, scale: Self.sharpness, shift: 0)
    ElementFunction.exp.apply(to: &weight)
    let below = pooling(weight, channels: channels, time: time, height: height, width: width)
    var product = weight
    Elementwise.multiply(input, to: &product, count: product.count)
    return (weight, pooling(product, channels: channels, time: time, height: height, width: width), below)
  }
}
