/// Limits every value to between 0 and the weight.
public enum ClampPositive: ProximalStep {
  public static let type = "proximal_clamp_positive"

  public static func apply(_ values: inout [Float], weight: Double, stepSizes: [Float]) {
    let limit = Float(weight)
    for index in values.indices { values[index] = min(limit, max(0, values[index])) }
  }
}
