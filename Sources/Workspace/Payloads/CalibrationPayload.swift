import Base

/// Gain and offset of each cell, fitted to one set of predictions.
public struct CalibrationPayload: Payload {
  public static let kind = KindName.calibration

  public struct Cell: Codable, Sendable, Equatable {
    public var cid: Int
    /// Fitted on all bins. Applied to bins that were not used in the fit.
    public var gain: Double?
    public var offset: Double?
    /// Fitted on each half of the bins. Applied to the other half.
    public var halves: [Pair]
    public var reason: String?

    public init(cid: Int, gain: Double?, offset: Double?, halves: [Pair], reason: String?) {
      self.cid = cid
      self.gain = gain
      self.offset = offset
      self.halves = halves
      self.reason = reason
    }
  }

  public struct Pair: Codable, Sendable, Equatable {
    public var gain: Double
    public var offset: Double

    public init(gain: Double, offset: Double) {
      self.gain = gain
      self.offset = offset
    }
  }

  public var mode: String
  public var inSample: Bool
  /// Digest of the weights, the head and the data for which it was fitted.
  public var key: String
  /// The half of each bin that took part; all bins are in half 0 for an in-sample calibration. Nil in what vcsh stored before
  /// it kept halves by bin.
  public var bins: BinHalves?
  /// Older calibrations: the trials of the two halves, one list of all trials for an in-sample calibration. Nil where the
  /// predictions had no trials.
  public var trials: [[Int]]?
  public var session: String
  public var stimulus: String
  public var split: String
  public var cells: [Cell]

  public init(
    mode: String, inSample: Bool, key: String, bins: BinHalves?, trials: [[Int]]? = nil, session: String,
    stimulus: String,
    split: String, cells: [Cell]
  ) {
    self.mode = mode
    self.inSample = inSample
    self.key = key
    self.bins = bins
    self.trials = trials
    self.session = session
    self.stimulus = stimulus
    self.split = split
    self.cells = cells
  }
}

extension KindName {
  public static let calibration = KindName(rawValue: "calibration")
}
