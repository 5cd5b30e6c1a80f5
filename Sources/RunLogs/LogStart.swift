/// Where the log of a resumed training begins: such a training counts its epochs and steps on.
package struct LogStart: Sendable, Equatable {
  /// As the log counts: Lightning counts from 0.
  package var epoch: Int
  package var step: Int

  package init(epoch: Int, step: Int) { (self.epoch, self.step) = (epoch, step) }
}

extension RunLog {
  /// Where a log begins that goes on from an earlier one; nil where it begins with its training, or can't tell.
  ///
  /// Lightning, and so VisionCore, counts epochs from 0; others may count from 1, and some log only each n-th epoch: the first
  /// epoch must lie farther from where they would begin than two logged epochs lie apart.
  package var resumedFrom: LogStart? {
    var (first, second, firstStep) = (Int.max, Int.max, Int.max)
    for curve in curves where !Self.countsApart(curve.name) {
      for case let epoch? in curve.epochs where epoch < second && epoch != first {
        (first, second) = (min(first, epoch), max(first, epoch))
      }
      firstStep = min(firstStep, curve.steps.min() ?? .max)
    }
    let begin = self[metric: "val_bps_overall"] == nil ? 1 : 0
    guard firstStep > 0, firstStep < .max, second < .max, first > begin, first - begin >= second - first else {
      return nil
    }
    return LogStart(epoch: first, step: firstStep)
  }

  /// Says of a log that goes on from an earlier one where it begins.
  mutating func noteResume() {
    guard let start = resumedFrom, !remarks.contains(where: { $0.hasPrefix(Self.resumed) }) else { return }
    remarks.append("\(Self.resumed): the log begins in epoch \(start.epoch), at step \(start.step)")
  }

  /// What a remark about a resume begins with.
  package static let resumed = "resumed"

  /// TensorBoard's logger writes `hp_metric` at step 0 whenever it starts; VisionCore's counts of skipped batches have the batch
  /// as their step.
  static func countsApart(_ metric: String) -> Bool {
    metric == "hp_metric" || metric.hasPrefix("train_nan_skip") || metric.hasPrefix("val_nan_skip")
  }
}

extension [MetricCurve] {
  /// The first step of all metrics that count the training's steps; nil where there is none.
  var firstStep: Int? { lazy.filter { !RunLog.countsApart($0.name) }.compactMap { $0.steps.min() }.min() }
}
