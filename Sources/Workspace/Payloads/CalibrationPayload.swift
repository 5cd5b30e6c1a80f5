/// Gain and offset of each cell, fitted to one set of predictions.
public struct CalibrationPayload: Payload {
  public static let kind = KindName.calibration

  public struct Cell: Codable, Sendable, Equatable {
    public var cid: Int
    /// Fitted on all bins. Applied to bins that were not used in the fit.
    public var gain: Double?
    public var offset: Double?
    /// Fitted on each half of the trials. Applied to the other half.
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
  /// The trials of the two halves; each half is scored with the fit from the other. One list of all trials for an
  /// in-sample calibration. Nil where the predictions have no trials.
  public var trials: [[Int]]?
  public var session: String
  public var stimulus: String
  public var split: String
  public var cells: [Cell]

  public init(
    mode: String, inSample: Bool, key: String, trials: [[Int]]?, session: String, stimulus: String, split: String,
    cells: [Cell]
  ) {
    self.mode = mode
    self.inSample = inSample
    self.key = key
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
