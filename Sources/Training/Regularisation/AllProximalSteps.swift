/// All proximal steps.
public enum AllProximalSteps {
  public static let types: [any ProximalStep.Type] = [
    ClampFromBelow.self, ClampMagnitude.self, ClampPositive.self, SoftThreshold.self,
  ]
}
