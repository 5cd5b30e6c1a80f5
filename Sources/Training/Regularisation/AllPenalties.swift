/// All penalties on single tensors.
public enum AllPenalties {
  public static let types: [any Penalty.Type] = [
    GroupLassoPenalty.self, L1Penalty.self, L2Penalty.self, OrthogonalityPenalty.self,
  ]
}
