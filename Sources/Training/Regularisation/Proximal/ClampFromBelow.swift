/// Raises every value to at least the weight.
public enum ClampFromBelow: ProximalStep {
  public static let type = "proximal_clamp_min"

  public static func apply(_ values: inout [Float], weight: Double, stepSizes: [Float]) {
    let limit = Float(weight)
    for index in values.indices { values[index] = max(limit, values[index]) }
  }
}
