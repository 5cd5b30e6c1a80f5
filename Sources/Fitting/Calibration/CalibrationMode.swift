/// What a calibration may change of the predicted rates.
public enum CalibrationMode: String, Sendable, CaseIterable {
  /// A gain and an offset per cell.
  case affine
  /// A gain per cell.
  case gain
  /// One gain for all cells.
  case globalGain = "global-gain"
  /// One gain and one offset for all cells.
  case globalAffine = "global-affine"

  /// What is fitted: `gain and offset`.
  public var fitted: String {
    switch self {
    case .affine: "gain and offset"
    case .gain: "gain"
    case .globalGain: "one gain for all cells"
    case .globalAffine: "one gain and offset for all cells"
    }
  }

  public var hasOffset: Bool { self == .affine || self == .globalAffine }
  /// Whether all cells share their numbers.
  public var isGlobal: Bool { self == .globalGain || self == .globalAffine }
}
