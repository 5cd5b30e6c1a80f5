/// One step of gated recurrent units, after the products with input and state.
///
/// h = (1 - z) h' + z n, where h' is the state before the step.
public enum GatedUnit {
  /// The way back of one step's gates and blend for `count` values that lie beside each other.
  ///
  /// - Parameters:
  ///   - gradient: of h from `at` on; becomes the part of h' gradient that goes past the gates.
  ///   - before: h' from `at` on.
  ///   - gates: z from `gate` on, n from `candidate` on, both after their activations.
  ///   - pre: receives the gradients of z's and n's pre-activations at the same places.
  public static func pullback(
    _ gradient: inout [Float], at start: Int, before: [Float], gates: [Float], gate: Int, candidate: Int,
    pre: inout [Float], count: Int
  ) {
    precondition(start + count <= min(gradient.count, before.count) && pre.count == gates.count)
    for index in 0..<count {
      let h = gradient[start + index]
      let z = gates[gate + index]
      let n = gates[candidate + index]
      pre[gate + index] = h * (n - before[start + index]) * z * (1 - z)
      pre[candidate + index] = h * z * (1 - n * n)
      gradient[start + index] = h * (1 - z)
    }
  }

  /// The way back of the reset r h' for `count` values.
  ///
  /// - Parameters:
  ///   - reset: gradient of r h' from `at` on.
  ///   - gradient: of h' from `at` on; added to.
  ///   - pre: receives the gradient of r's pre-activation, which lies in `gates` from `gate` on.
  public static func resetPullback(
    _ reset: [Float], at start: Int, before: [Float], gates: [Float], gate: Int, to gradient: inout [Float],
    pre: inout [Float], count: Int
  ) {
    precondition(start + count <= min(gradient.count, before.count, reset.count) && pre.count == gates.count)
    for index in 0..<count {
      let r = gates[gate + index]
      pre[gate + index] = reset[start + index] * before[start + index] * r * (1 - r)
      gradient[start + index] += reset[start + index] * r
    }
  }
}
