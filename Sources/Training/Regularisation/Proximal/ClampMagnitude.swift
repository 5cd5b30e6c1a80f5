/// Limits every value to between minus the weight and the weight.
public enum ClampMagnitude: ProximalStep {
  public static let type = "proximal_clamp"

  public static func apply(_ values: inout [Float], weight: Double, stepSizes: [Float]) {
    let limit = Float(weight)
    for index in values.indices { values[index] = min(limit, max(-limit, values[index])) }
  }
}
