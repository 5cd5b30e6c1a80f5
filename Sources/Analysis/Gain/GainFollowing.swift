import Base
import Fitting
import Foundation
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
  /// - Throws: `Failure.interrupted`.
  package init(_ predictions: Predictions, _ calibration: Calibration, _ stimulus: Stimulus, work: Work) throws {
    self.stimulus = stimulus.name
    guard let trialOfRow = predictions.trials else {
      trials = 0
      statistics = []
      reason = "the recording has no trials"
      return
    }
    let rows = Dictionary(grouping: predictions.frames.indices, by: { trialOfRow[$0] })
    var logGains: [Double] = []
    var found: [StimulusStatistics] = []
    for trial in rows.keys.sorted() {
      try work.cancellation.check()
      let members = rows[trial] ?? []
      guard let gain = Self.gain(predictions, calibration, rows: members) else { continue }
      let frames = members.map { predictions.frames[$0] }
      let images = try stimulus.images(rows: frames.sorted())
      guard let statistics = StimulusStatistics(images, rateHz: stimulus.rateHz) else { continue }
      logGains.append(log(gain))
      found.append(statistics)
    }
    trials = found.count
    statistics = [
      Self.statistic("contrast", nil, found.map { Optional($0.contrast) }, logGains),
      Self.statistic("mean", nil, found.map { Optional($0.mean) }, logGains),
      Self.statistic("temporal_frequency", "Hz", found.map(\.temporalFrequency), logGains),
    ]
    reason = trials < 4 ? Undefined.tooFewTrials.rawValue : nil
  }

  /// Nil for a trial without spikes, or without calibrated rates.
  private static func gain(_ predictions: Predictions, _ calibration: Calibration, rows: [Int]) -> Double? {
    var observed = 0.0
    var predicted = 0.0
    for (cell, scaling) in calibration.rescalings.enumerated() where scaling.all != nil {
      for row in rows {
        let index = row * predictions.cellCount + cell
        let mask = Double(predictions.mask.values[index])
        guard mask > 0 else { continue }
        observed += mask * Double(predictions.counts.values[index])
        predicted += mask * Double(scaling.applied(to: predictions.rates.values[index], half: nil))
      }
    }
    return observed > 0 && predicted > 0 ? observed / predicted : nil
  }

  private static func statistic(
    _ name: String, _ unit: String?, _ values: [Double?], _ logGains: [Double]
  ) -> Statistic {
    let pairs = zip(values, logGains).compactMap { value, gain in value.map { ($0, gain) } }
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
    .int("trials", "Trials with a gain and a statistic") { $0.part.trials },
    .float("rho", "Rank correlation of the gain with the statistic over trials") { $0.statistic.correlation?.rho },
    .float("p", "p value of rho") { $0.statistic.correlation?.p },
    .float("q", "p adjusted for the number of rows (false discovery rate)") { $0.q },
    .string("reason", "Why numbers of this row are undefined") {
      $0.part.reason ?? ($0.statistic.correlation == nil ? "the statistic does not vary" : nil)
    },
  ])
}
