/// Shrinks every value toward 0 by the weight times its step size: the proximal step of an L1 penalty.
public enum SoftThreshold: ProximalStep {
  public static let type = "proximal_l1"

  public static func apply(_ values: inout [Float], weight: Double, stepSizes: [Float]) {
    for index in values.indices {
      let left = abs(values[index]) - Float(weight) * stepSizes[index]
      values[index] = left > 0 ? (values[index] < 0 ? -left : left) : 0
    }
  }
}
