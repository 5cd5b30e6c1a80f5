import Base

/// The rows of predictions around each event, grouped into bins by the time since the event.
///
/// Bin k holds the lags from k `binFrames` to (k + 1) `binFrames` - 1, so no bin mixes frames from before the event with
/// frames after it.
public struct EventWindows: Sendable, Equatable {
  /// Ascending, without gaps.
  public let bins: Range<Int>
  public let binFrames: Int
  /// The rows in each bin, for each event that has any.
  ///
  /// - Shapes: `[event][bin][row]`
  public private(set) var rows: [[[Int]]] = []

  /// - Parameter lags: frames since the event; the range grows to whole bins.
  /// - Precondition: `binFrames` is above 0.
  public init(lags: ClosedRange<Int>, binFrames: Int = 1) {
    precondition(binFrames > 0, "bins of \(binFrames) frames")
    self.binFrames = binFrames
    bins = Self.bin(lags.lowerBound, binFrames)..<Self.bin(lags.upperBound, binFrames) + 1
  }

  public var eventCount: Int { rows.count }

  /// The lags that the bins hold.
  public var lags: ClosedRange<Int> { bins.lowerBound * binFrames...bins.upperBound * binFrames - 1 }

  /// Frames from the event to the centre of a bin.
  public func middle(_ bin: Int) -> Double { Double(bin * binFrames) + Double(binFrames - 1) / 2 }

  /// Adds an event with the rows around it. An event without any row is left out, and so are lags outside of all bins.
  public mutating func add(_ places: some Sequence<(lag: Int, row: Int)>) {
    var event = [[Int]](repeating: [], count: bins.count)
    for place in places where lags.contains(place.lag) {
      event[Self.bin(place.lag, binFrames) - bins.lowerBound].append(place.row)
    }
    if event.contains(where: { !$0.isEmpty }) { rows.append(event) }
  }

  private static func bin(_ lag: Int, _ frames: Int) -> Int {
    lag >= 0 ? lag / frames : -((-lag + frames - 1) / frames)
  }
}
