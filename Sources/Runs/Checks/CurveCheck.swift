import Base
import RunLogs

/// What a run's curves show of the known faults.
struct CurveCheck {
  let run: RunSummary
  let log: RunLog

  var faults: [RunFault] { [diverged, undefined, zeroRate, clampedScores].compactMap { $0 } }

  /// A training of VisionCore that diverged ends normally: the loss is exactly 0, the score exactly 0, `*_nan_skip` is 1,
  /// and `val_loss` is no longer written.
  private var diverged: RunFault? {
    var signs: [String] = []
    // Rows of `val_nan_skip` count validation batches, not steps.
    let skips = log.curves.filter { $0.name.hasPrefix("train_nan_skip") && $0.values.contains { $0 > 0 } }
    if let first = skips.min(by: { ($0.steps.first ?? 0) < ($1.steps.first ?? 0) }) {
      signs.append("\(first.name) is 1 from step \(first.values.firstIndex { $0 > 0 }.map { first.steps[$0] } ?? 0)")
    }
    for name in ["train_loss_epoch", "train_loss_step", "train_loss"] {
      guard let curve = log[metric: name], let last = curve.values.last, last == 0,
        let from = Self.start(of: curve, { $0 == 0 })
      else { continue }
      signs.append("\(name) is exactly 0 from \(Self.place(curve, from))")
      break
    }
    if let score = log[metric: "val_bps_overall"], score.values.last == 0, let from = Self.start(of: score, { $0 == 0 })
    {
      signs.append("val_bps_overall is exactly 0 from \(Self.place(score, from))")
      if let loss = log[metric: "val_loss"], let lastEpoch = score.epochs.last ?? nil,
        let lossEpoch = loss.epochs.last ?? nil,
        lossEpoch < lastEpoch
      {
        signs.append("val_loss is not written after epoch \(lossEpoch)")
      }
    }
    guard signs.count >= 2 else { return nil }
    let best =
      run.best.map {
        "; its best \(run.metric?.name ?? "score"), \(NumberText.significant($0, digits: 4)), is from before"
      } ?? ""
    return RunFault(
      run.run, .diverged, isError: true, signs.joined(separator: ", ") + best,
      remedy: "train again with a lower learning rate or stronger clipping; use a checkpoint from before")
  }

  /// NaN or infinite values, where the logger writes them.
  private var undefined: RunFault? {
    let bad = log.curves.filter { !$0.name.contains("nan_skip") && $0.values.contains { !$0.isFinite } }
    guard !bad.isEmpty else { return nil }
    let told = bad.map { curve in
      let first = curve.values.firstIndex { !$0.isFinite } ?? 0
      return "\(curve.name) is \(curve.values[first].isNaN ? "NaN" : "infinite") from \(Self.place(curve, first))"
    }
    return RunFault(
      run.run, .undefinedValues, isError: true, told.listed(first: 4),
      remedy: "use a checkpoint from before; lower the learning rate or clip gradients")
  }

  /// A warm-up from rate 0 by epochs learns nothing in epoch 0.
  private var zeroRate: RunFault? {
    let rates = log.curves.filter { $0.name.hasPrefix("lr-") }
    guard let first = rates.first, first.values.first == 0, rates.allSatisfy({ $0.values.first == 0 }),
      let next = first.values.firstIndex(where: { $0 > 0 })
    else { return nil }
    return RunFault(
      run.run, .zeroRate,
      "all learning rates are 0 until step \(first.steps[next]) (\(rates.map(\.name).joined(separator: ", ")))",
      remedy: "start the warm-up above 0, or count one epoch less")
  }

  /// VisionCore's `val_bps` sets negative cells to 0 and averages over the validation batches that it drew.
  private var clampedScores: RunFault? {
    guard log[metric: "val_bps_overall"] != nil else { return nil }
    let zeros = log.curves.filter { $0.name.hasPrefix("val_bps/") && $0.values.contains(0) }
    let exact = zeros.first.map { curve in
      "\(curve.name) is exactly 0 at step \(curve.steps[curve.values.firstIndex(of: 0) ?? 0]); "
    }
    return RunFault(
      run.run, .clampedScores,
      "\(exact ?? "")VisionCore's val_bps sets negative cells to 0 and covers the validation batches that were drawn: it is not bits/spike of the validation split",
      remedy: "`best \(run.run.shortened) as NAME`, then `eval NAME on REC/STIM`")
  }

  /// Where a curve's end that has this property begins.
  private static func start(of curve: MetricCurve, _ holds: (Double) -> Bool) -> Int? {
    guard let last = curve.values.lastIndex(where: { !holds($0) }) else { return curve.values.isEmpty ? nil : 0 }
    return last + 1 < curve.values.count ? last + 1 : nil
  }

  private static func place(_ curve: MetricCurve, _ index: Int) -> String {
    curve.epochs[index].map { "epoch \($0)" } ?? "step \(curve.steps[index])"
  }
}
