import Base
import Fitting
import Metrics
import Recordings

/// Whether the gain of all cells together follows what a stimulus looks like, trial by trial.
package struct GainFollowing: Sendable {
  fileprivate struct Statistic: Sendable {
    var name: String
    var unit: String?
    var value: Double?
    var correlation: RankCorrelation?
  }

  private let stimulus: String
  private let trials: Int
  private let statistics: [Statistic]
  private let reason: String?

  /// The ratio of all spikes to all calibrated rates of each trial, beside the trial's statistics.
  ///
  /// Whole trials are what is permuted: trials that show the same frames share the error of one prediction, so that they count
  /// as one. A trial without spikes has the gain 0.
  /// - Throws: `Failure.interrupted`.
  package init(_ predictions: Predictions, _ calibration: Calibration, _ stimulus: Stimulus, work: Work) throws {
    try self.init(predictions, calibration, stimulus: stimulus.name, work: work) { frames in
      StimulusStatistics(try stimulus.images(rows: frames), rateHz: stimulus.rateHz)
    }
  }

  /// - Parameter statisticsOf: what some frames, ascending, look like; nil for frames without pixels.
  package init(
    _ predictions: Predictions, _ calibration: Calibration, stimulus: String, work: Work,
    statisticsOf: ([Int]) throws -> StimulusStatistics?
  ) throws {
    self.stimulus = stimulus
    guard let trialOfRow = predictions.trials else {
      trials = 0
      statistics = []
      reason = "the recording has no trials"
      return
    }
    let rows = Dictionary(grouping: predictions.frames.indices, by: { trialOfRow[$0] })
    var spikes: [Spikes] = []
    var shown = 0
    var found: [StimulusStatistics] = []
    for trial in rows.keys.sorted() {
      try work.cancellation.check()
      let members = rows[trial] ?? []
      let own = Self.spikes(predictions, calibration, rows: members)
      guard own.predicted > 0 else { continue }
      let frames = members.map { predictions.frames[$0] }
      guard let statistics = try statisticsOf(frames.sorted()) else { continue }
      if let same = found.firstIndex(of: statistics) {
        spikes[same].observed += own.observed
        spikes[same].predicted += own.predicted
      } else {
        spikes.append(own)
        found.append(statistics)
      }
      shown += 1
    }
    trials = found.count
    let gains = spikes.map { $0.observed / $0.predicted }
    statistics = [
      Self.statistic("contrast", nil, found.map { Optional($0.contrast) }, gains),
      Self.statistic("mean", nil, found.map { Optional($0.mean) }, gains),
      Self.statistic("temporal_frequency", "Hz", found.map(\.temporalFrequency), gains),
    ]
    reason =
      trials >= RankCorrelation.fewest
      ? nil
      : shown >= RankCorrelation.fewest
        ? "the \(shown) trials show \(trials) different movie\(trials == 1 ? "" : "s") (fewest \(RankCorrelation.fewest))"
        : "\(Undefined.tooFewTrials.rawValue) (fewest \(RankCorrelation.fewest))"
  }

  /// All spikes and all calibrated rates of some rows.
  private struct Spikes {
    var observed = 0.0
    var predicted = 0.0
  }

  private static func spikes(_ predictions: Predictions, _ calibration: Calibration, rows: [Int]) -> Spikes {
    var spikes = Spikes()
    for (cell, scaling) in calibration.rescalings.enumerated() where scaling.all != nil {
      for row in rows {
        let index = row * predictions.cellCount + cell
        let mask = Double(predictions.mask.values[index])
        guard mask > 0 else { continue }
        spikes.observed += mask * Double(predictions.counts.values[index])
        spikes.predicted += mask * Double(scaling.applied(to: predictions.rates.values[index], half: nil))
      }
    }
    return spikes
  }

  private static func statistic(
    _ name: String, _ unit: String?, _ values: [Double?], _ gains: [Double]
  ) -> Statistic {
    let pairs = zip(values, gains).compactMap { value, gain in value.map { ($0, gain) } }
    let known = pairs.map(\.0)
    return Statistic(
      name: name, unit: unit, value: known.isEmpty ? nil : known.reduce(0, +) / Double(known.count),
      correlation: RankCorrelation(known, pairs.map(\.1)))
  }

  /// One stimulus and statistic.
  package struct Row: Sendable {
    fileprivate var part: GainFollowing
    fileprivate var statistic: Statistic
    fileprivate var q: Double?
  }

  package static func table(_ parts: [GainFollowing]) -> Table {
    var rows = parts.flatMap { part in part.statistics.map { Row(part: part, statistic: $0) } }
    for (place, q) in FalseDiscovery.adjusted(rows.map { $0.statistic.correlation?.p }).enumerated() {
      rows[place].q = q
    }
    return shape.table(rows)
  }

  package static let shape = TableShape<Row>([
    .string("stimulus", "The recording's stimulus") { $0.part.stimulus },
    .string("statistic", "What the gain could follow: contrast, mean, temporal_frequency") { $0.statistic.name },
    .float("value", "The statistic's mean over trials, in `unit`") { $0.statistic.value },
    .string("unit", "The unit of `value`; null where it has none") { $0.statistic.unit },
    .int("trials", "Trials with a gain and a statistic; trials that show the same frames count as one") {
      $0.part.trials
    },
    .float("rho", "Rank correlation of the gain with the statistic over trials") { $0.statistic.correlation?.rho },
    .float("p", "p value of rho, by permutation of whole trials: exact up to 9, above of Student's t") {
      $0.statistic.correlation?.p
    },
    .float("q", "p adjusted for the number of rows (false discovery rate)") { $0.q },
    .string("reason", "Why numbers of this row are undefined") {
      $0.part.reason ?? ($0.statistic.correlation == nil ? "the statistic does not vary" : nil)
    },
  ])
}
