import Base
import Kernels

/// Frames split into a coarse part (blurred, halved and expanded again) and the fine rest.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, 2 channel, time, height, width]`, fine channels first
/// - Source: Burt & Adelson 1983 with the binomial kernel and the padding of plenoptic (SEMANTICS 5)
struct PyramidSplit: Sendable {
  /// sqrt(2) [1, 4, 6, 4, 1] / 16; its outer product sums to 2.
  private static let taps: [Float] = [1, 4, 6, 4, 1].map { $0 * Float(2).squareRoot() / 16 }

  func check(_ input: FeatureShape, for layer: some Layer) throws {
    guard input.height >= 3, input.width >= 3 else { throw layer.misfit("frames are too small to be split", input) }
  }

  func apply(_ input: Features) -> Features {
    let shape = input.shape
    let low = Self.map(shape)(input.values)
    var out: [Float] = []
    out.reserveCapacity(2 * shape.count)
    for time in 0..<shape.time {
      let frame = time * shape.frame..<(time + 1) * shape.frame
      for index in frame { out.append(input.values[index] - low[index]) }
      out.append(contentsOf: low[frame])
    }
    return Features(doubled(shape), out)
  }

  /// The fine part is x - L x, the coarse one L x: x gets the fine part's gradient f and L^T (c - f).
  func pullback(_ gradient: Features) -> Features {
    var shape = gradient.shape
    shape.channels /= 2
    let order = (0..<shape.time).map { 2 * $0 }
    let fine = BlockGather.gather(gradient.values, size: shape.frame, order: order)
    var difference = BlockGather.gather(gradient.values, size: shape.frame, order: order.map { $0 + 1 })
    for index in difference.indices { difference[index] -= fine[index] }
    let low = Self.map(shape).pullback(difference, planes: [Float](repeating: 0, count: shape.count)).planes
    return Features(shape, fine).adding(Features(shape, low))
  }

  private func doubled(_ shape: FeatureShape) -> FeatureShape {
    var doubled = shape
    doubled.channels *= 2
    return doubled
  }

  /// From planes to their coarse parts.
  private static func map(_ shape: FeatureShape) -> SeparableMap {
    SeparableMap(
      rows: coarse(shape.height), columns: coarse(shape.width), height: shape.height, width: shape.width)
  }

  /// The map from a line of `size` pixels to its coarse version, size x size.
  private static func coarse(_ size: Int) -> [Float] {
    // Down: reflect by 2, correlate, every second sample.
    let small = (size - 1) / 2 + 1
    var down = [Float](repeating: 0, count: small * size)
    for row in 0..<small {
      for (k, tap) in taps.enumerated() { down[row * size + reflected(2 * row + k - 2, size)] += tap }
    }
    // Up: reflect the small line by 1, insert zeros, one more zero at the end where its padding is odd, correlate
    // with the (symmetric) kernel.
    let padEnd = 5 - size % 2 - 2
    let width = 2 * (small + 1 + padEnd / 2) - 1 + padEnd % 2
    var out = [Float](repeating: 0, count: size * size)
    for row in 0..<size {
      for (k, tap) in taps.enumerated() {
        let position = row + k
        guard position < width, position % 2 == 0, position / 2 < small + 1 + padEnd / 2 else { continue }
        let source = reflected(position / 2 - 1, small)
        for column in 0..<size { out[row * size + column] += tap * down[source * size + column] }
      }
    }
    return out
  }

  private static func reflected(_ index: Int, _ size: Int) -> Int {
    if size == 1 { return 0 }
    if index < 0 { return -index }
    return index >= size ? 2 * (size - 1) - index : index
  }
}
