import Base

/// The rows of each trial with their frame in it: the place in the repeated sequence where there is one, otherwise the time
/// since the trial began.
package struct TrialRows: Sendable {
  /// `[trial][row]`, trials in the order of their first row.
  package let rows: [[(lag: Int, row: Int)]]
  /// Whether the lags are places in a repeated sequence.
  package let isRepeated: Bool

  /// Trials of repeats, from the predictions themselves; nil where they have no repeats.
  package init?(repeatsIn predictions: Predictions) {
    guard let bins = predictions.trialBins, let passes = TrialPasses(predictions) else { return nil }
    var collected = Collected()
    for row in bins.indices { if let pass = passes.ofRow[row] { collected.add((bins[row], row), to: pass) } }
    rows = collected.rows
    isRepeated = true
  }

  /// Trials by the recording's clock.
  ///
  /// - Parameters:
  ///   - frames: the frame of each row.
  ///   - trials: the trial of each frame of the recording.
  ///   - times: seconds of each frame since its trial began.
  package init(frames: [Int], trials: [Int], times: [Double], rateHz: Double) {
    var collected = Collected()
    for (row, frame) in frames.enumerated() where trials.indices.contains(frame) {
      // A time that is off by years is a gap in the file's clock, not a lag.
      guard let lag = Int(exactly: (times[frame] * rateHz).rounded()), abs(lag) < 1 << 40 else { continue }
      collected.add((lag, row), to: trials[frame])
    }
    rows = collected.rows
    isRepeated = false
  }

  /// The last frame of the longest trial.
  package var longest: Int { rows.joined().reduce(0) { max($0, $1.lag) } }

  private struct Collected {
    private var order: [Int] = []
    private var places: [Int: [(lag: Int, row: Int)]] = [:]

    mutating func add(_ place: (lag: Int, row: Int), to trial: Int) {
      if places[trial] == nil { order.append(trial) }
      places[trial, default: []].append(place)
    }

    var rows: [[(lag: Int, row: Int)]] { order.compactMap { places[$0] } }
  }
}
