import Base

/// One cell's response and prediction around events.
///
/// - Units: counts a frame.
public struct TriggeredResponse: Sendable, Equatable {
  public struct Bin: Sendable, Equatable {
    /// Events with a valid bin here.
    public var events = 0
    /// Spikes in them.
    public var counts = 0.0
    public var observed: Double?
    /// The 95% interval of `observed`; nil where no two events differ.
    public var low: Double?
    public var high: Double?
    /// Of `observed` over events, as a ratio of sums.
    public var standardError: Double?
    public var predicted: Double?
    /// Why one of them is nil.
    public var reason: Undefined?

    package init() {}
  }

  public var cid: CellID
  public var windows: EventWindows
  public var rateHz: Double
  public var bins: [Bin] = []
  /// Events with a valid bin anywhere.
  public var eventCount = 0

  package init(cid: CellID, windows: EventWindows, rateHz: Double) {
    self.cid = cid
    self.windows = windows
    self.rateHz = rateHz
  }

  /// Takes back the prediction of every bin.
  public mutating func forgetPrediction(because reason: Undefined) {
    for place in bins.indices where bins[place].events > 0 {
      bins[place].predicted = nil
      bins[place].reason = reason
    }
  }

  /// ms from the event to the middle of each bin.
  public var times: [Double] { windows.bins.map { windows.middle($0) / rateHz * 1000 } }
}
