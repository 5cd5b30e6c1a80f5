import RunLogs

/// Counts epochs in curves.
enum RunEpochs {
  /// Epochs that were validated; without a validation, those that were begun; without epochs, the points of the ranking
  /// metric.
  static func completed(_ log: RunLog, _ ranking: MetricCurve?) -> Int? {
    let validated = Set((ranking?.epochs ?? []).compactMap { $0 })
    if let last = validated.max(), let first = validated.min() { return first == 1 ? last : last + 1 }
    if let last = log.curves.lazy.flatMap(\.epochs).compactMap({ $0 }).max() { return last + 1 }
    return ranking?.values.count
  }

  /// In words; nil where the log ends with an epoch, or validates so rarely that this can't be told.
  static func endWithinEpoch(_ log: RunLog, _ ranking: MetricCurve?) -> String? {
    let validated = Set((ranking?.epochs ?? []).compactMap { $0 })
    var last: (epoch: Int, step: Int)?
    for curve in log.curves {
      for (step, epoch) in zip(curve.steps, curve.epochs) {
        guard let epoch, epoch >= last?.epoch ?? -1 else { continue }
        last = (epoch, max(step, last?.step ?? step))
      }
    }
    guard let last, validated.count >= 2, !validated.contains(last.epoch),
      ((validated.min() ?? 0)..<last.epoch).allSatisfy(validated.contains)
    else { return nil }
    return "the log ends at step \(last.step), in epoch \(last.epoch), before its validation"
  }

  /// What a log has of the epochs that were planned.
  enum Progress: Equatable {
    case complete
    /// Whole epochs are missing, however the log counts them.
    case short
    /// The last epoch may be missing, or the log has more epochs than were planned.
    case unclear
  }

  /// - Parameters:
  ///   - planned: at least 1.
  ///   - mayGrow: whether the log may still grow: then only what is logged at an epoch's end tells that it is complete.
  static func progress(_ log: RunLog, _ ranking: MetricCurve?, of planned: Int, mayGrow: Bool) -> Progress {
    let epochs = Set(log.curves.lazy.flatMap(\.epochs).compactMap { $0 }).sorted()
    let validation = ranking.flatMap { isValidation($0.name) ? $0 : nil }
    guard let first = epochs.first, let last = epochs.last else {
      return validation?.values.count == planned ? .complete : .unclear
    }
    // Lightning writes means over the batches of an epoch, and validations, when the epoch ends.
    var ends = log.curves.filter { $0.name.hasSuffix("_epoch") } + [validation].compactMap { $0 }
    if ends.isEmpty, !mayGrow, let ranking { ends = [ranking] }
    if let end = ends.compactMap(lastWholeEpoch).max() {
      // A log that begins in epoch 1 may count from 1, or be that of a resumed training. VisionCore counts from 0.
      let countsFromZero = first != 1 || log[metric: "val_bps_overall"] != nil
      if end + 1 == planned && countsFromZero || end == planned && first > 0 { return .complete }
    }
    // Epochs without a validation may have left no row.
    let distance = zip(epochs, epochs.dropFirst()).map { $1 - $0 }.max() ?? 1
    return last + distance < planned ? .short : .unclear
  }

  private static func isValidation(_ metric: String) -> Bool {
    ["val_", "val/", "valid"].contains { metric.hasPrefix($0) } && !metric.hasSuffix("_step")
  }

  /// Nil where the curve has no whole epoch. An epoch with fewer values than the one before has not ended.
  private static func lastWholeEpoch(_ curve: MetricCurve) -> Int? {
    let epochs = curve.epochs.compactMap { $0 }
    guard let last = epochs.max() else { return nil }
    guard let before = epochs.lazy.filter({ $0 < last }).max() else { return last }
    return epochs.count { $0 == last } < epochs.count { $0 == before } ? before : last
  }
}
