import RunLogs

/// How a training of VisionCore that diverged is known. It ends normally: the loss is exactly 0, the score exactly 0,
/// `*_nan_skip` is 1, and `val_loss` is no longer written.
struct Divergence {
  /// In words; one alone may have another cause.
  private(set) var signs: [String] = []
  var isCertain: Bool { signs.count >= 2 }

  init(_ log: RunLog) {
    // Rows of `val_nan_skip` count validation batches, not steps.
    let skips = log.curves.filter { $0.name.hasPrefix("train_nan_skip") && $0.values.contains { $0 > 0 } }
    if let first = skips.min(by: { ($0.steps.first ?? 0) < ($1.steps.first ?? 0) }) {
      signs.append("\(first.name) is 1 from step \(first.values.firstIndex { $0 > 0 }.map { first.steps[$0] } ?? 0)")
    }
    for name in ["train_loss_epoch", "train_loss_step", "train_loss"] {
      guard let curve = log[metric: name], let last = curve.values.last, last == 0,
        let from = Self.start(of: curve, { $0 == 0 })
      else { continue }
      signs.append("\(name) is exactly 0 from \(CurveCheck.place(curve, from))")
      break
    }
    if let score = log[metric: "val_bps_overall"], score.values.last == 0, let from = Self.start(of: score, { $0 == 0 })
    {
      signs.append("val_bps_overall is exactly 0 from \(CurveCheck.place(score, from))")
      if let loss = log[metric: "val_loss"], let lastEpoch = score.epochs.last ?? nil,
        let lossEpoch = loss.epochs.last ?? nil,
        lossEpoch < lastEpoch
      {
        signs.append("val_loss is not written after epoch \(lossEpoch)")
      }
    }
  }

  /// Where a curve's end that has this property begins.
  private static func start(of curve: MetricCurve, _ holds: (Double) -> Bool) -> Int? {
    guard let last = curve.values.lastIndex(where: { !holds($0) }) else { return curve.values.isEmpty ? nil : 0 }
    return last + 1 < curve.values.count ? last + 1 : nil
  }
}
