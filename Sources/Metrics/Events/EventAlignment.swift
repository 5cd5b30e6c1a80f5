import Base

/// Events with the rows of predictions around each.
package struct EventAlignment: Sendable {
  package let kind: EventKind
  package let windows: EventWindows
  /// `31 of 175 saccades`, for notes.
  package let description: String

  /// - Parameters:
  ///   - count: events that were asked for, with or without rows.
  ///   - detail: what follows the number of events in the description.
  private init(_ kind: EventKind, _ windows: EventWindows, of count: Int, detail: String = "") {
    self.kind = kind
    self.windows = windows
    let found = windows.eventCount == count ? "\(count)" : "\(windows.eventCount) of \(count)"
    description = "\(found) \(kind.plural)\(detail)"
  }

  /// An event of a recording.
  package struct Event: Sendable, Equatable {
    package var frame: Int
    /// The frames that its window may reach.
    package var allowed: ClosedRange<Int>

    package init(frame: Int, allowed: ClosedRange<Int>) {
      self.frame = frame
      self.allowed = allowed
    }
  }

  /// Rows around events. No window leaves the uninterrupted stretch of its event.
  ///
  /// - Parameters:
  ///   - frames: the frame of each row.
  ///   - stretches: for each frame of the recording, the uninterrupted stretch that it belongs to.
  ///   - windows: without events.
  /// - Throws: `Failure.interrupted`.
  package init(
    _ events: [Event], of kind: EventKind, frames: [Int], stretches: [Int], in windows: EventWindows
  ) throws {
    var windows = windows
    let rowOfFrame = Dictionary(frames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let lags = windows.lags
    for event in events {
      try Cancellation.current?.check()
      let places = lags.lazy.compactMap { lag -> (lag: Int, row: Int)? in
        let frame = event.frame + lag
        guard event.allowed.contains(frame), stretches.indices.contains(frame),
          stretches[frame] == stretches[event.frame], let row = rowOfFrame[frame]
        else { return nil }
        return (lag, row)
      }
      windows.add(places)
    }
    self.init(kind, windows, of: events.count)
  }

  /// Rows of trials.
  ///
  /// - Parameter windows: without events.
  package init(_ trials: TrialRows, in windows: EventWindows) {
    var windows = windows
    for trial in trials.rows { windows.add(trial) }
    self.init(
      .trial, windows, of: trials.rows.count,
      detail: trials.isRepeated ? " by their place in the repeated sequence" : "")
  }
}
