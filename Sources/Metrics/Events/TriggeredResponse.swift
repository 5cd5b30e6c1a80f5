import Base

/// Mean response and prediction of one cell around events.
///
/// - Units: counts a frame.
public struct TriggeredResponse: Sendable, Equatable {
  public struct Bin: Sendable, Equatable {
    /// Number of events with a valid frame in this bin.
    public var events = 0
    /// Spikes of these events.
    public var counts = 0.0
    public var observed: Double?
    /// The 95% interval of `observed`; nil where all events are equal.
    public var low: Double?
    public var high: Double?
    /// Standard error of `observed` over events, as that of a ratio of sums.
    public var standardError: Double?
    public var predicted: Double?
    /// Why a value is nil.
    public var reason: Undefined?

    package init() {}
  }

  public var cid: CellID
  public var windows: EventWindows
  public var rateHz: Double
  public var bins: [Bin] = []
  /// Number of events with a valid frame in any bin.
  public var eventCount = 0

  package init(cid: CellID, windows: EventWindows, rateHz: Double) {
    self.cid = cid
    self.windows = windows
    self.rateHz = rateHz
  }

  /// Removes the prediction from every bin.
  public mutating func removePrediction(because reason: Undefined) {
    for place in bins.indices where bins[place].events > 0 {
      bins[place].predicted = nil
      bins[place].reason = reason
    }
  }

  /// Milliseconds from the event to the centre of each bin.
  public var times: [Double] { windows.bins.map { windows.middle($0) / rateHz * 1000 } }
}
