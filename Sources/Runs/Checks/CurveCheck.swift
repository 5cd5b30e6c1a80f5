import Base
import RunLogs

/// What a run's curves show of the known faults.
struct CurveCheck {
  let run: RunSummary
  let log: RunLog

  var faults: [RunFault] { [diverged, undefined, zeroRate, clampedScores].compactMap { $0 } }

  private var diverged: RunFault? {
    let divergence = Divergence(log)
    guard divergence.isCertain else { return nil }
    let best =
      run.best.map {
        "; its best \(run.metric?.name ?? "score"), \(NumberText.significant($0, digits: 4)), is from before"
      } ?? ""
    return RunFault(
      run.run, .diverged, isError: true, divergence.signs.joined(separator: ", ") + best,
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
    func remedy(_ name: String) -> String {
      run.checkpoints.isEmpty
        ? "open a checkpoint of the run, where there is one, then `eval NAME on REC/STIM`"
        : "`best \(name) as NAME`, then `eval NAME on REC/STIM`"
    }
    return RunFault(
      run.run, .clampedScores,
      "\(exact ?? "")VisionCore's val_bps sets negative cells to 0 and covers the validation batches that were drawn: it is not bits/spike of the validation split",
      remedy: remedy(run.run), shared: remedy("RUN"))
  }

  /// An epoch where the log has it, else a step.
  static func place(_ curve: MetricCurve, _ index: Int) -> String {
    curve.epochs[index].map { "epoch \($0)" } ?? "step \(curve.steps[index])"
  }
}
