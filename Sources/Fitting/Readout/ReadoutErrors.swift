/// Standard errors of a readout's place.
///
/// Formula: roots of the diagonal of (I + P)⁻¹, I the Fisher information of the counts about all fitted numbers, P the second
/// derivative of the penalties, both as sums over bins. They hold where the counts are Poisson counts at the readout's rates.
/// Units: pixels of the feature map; radians.
/// Undefined: nil for a number that was held or lies at its bound, and where the information can't be inverted.
public struct ReadoutErrors: Sendable, Equatable {
  public var meanY: Double?
  public var meanX: Double?
  public var stdY: Double?
  public var stdX: Double?
  public var theta: Double?
}
