/// Copies of blocks of values: block i of the result is block `order[i]` of the input.
public enum BlockGather {
  /// - Precondition: `order` names whole blocks of `size` values.
  public static func gather(_ values: [Float], size: Int, order: [Int]) -> [Float] {
    var out: [Float] = []
    out.reserveCapacity(order.count * size)
    for block in order { out.append(contentsOf: values[block * size..<(block + 1) * size]) }
    return out
  }

  /// The way back: the gradient of each of `count` blocks is the sum over the places that it was copied to.
  public static func pullback(_ gradient: [Float], size: Int, order: [Int], count: Int) -> [Float] {
    var out = [Float](repeating: 0, count: count * size)
    for (place, block) in order.enumerated() {
      Elementwise.add(gradient, from: place * size, to: &out, at: block * size, count: size)
    }
    return out
  }
}
