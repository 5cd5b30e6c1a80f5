import Base
import Fitting
import Metrics

/// The screen that `neuron` shows.
package struct NeuronReport {
  /// On the trials that `trials` names.
  let predictions: Predictions
  /// Position among the predictions' cells.
  let cell: Int
  let summary: CellSummary
  /// `cell 8 of Sim_2025-01-10: twin on sim/gaborium`
  let title: String

  /// What the trials of `predictions` are called: held-out, train, or all.
  let trials: String

  /// Seconds of the worst and best stretch.
  private static let stretchSeconds = 1.0
  private static let shownWeights = 10

  package init(_ predictions: Predictions, cell: Int, summary: CellSummary, title: String, trials: String) {
    self.predictions = predictions
    self.cell = cell
    self.summary = summary
    self.title = title
    self.trials = trials
  }

  package func make() -> Report {
    var sections = [Report.Section("scores", .table(scores))]
    sections.append(.init("gain and offset", .table(calibration)))
    if let readout = summary.readout { sections += readoutSections(readout) }
    sections += figures(summary.readout)
    return Report(title, sections)
  }

  /// The readout on the stimulus and the trial average, the worst and the best stretch: pairs that a screen shows side by
  /// side.
  private func figures(_ readout: ReadoutGeometry?) -> [Report.Section] {
    var sections: [Report.Section] = []
    if let map = readout?.map {
      let figure = Figure(
        "readout of cell \(predictions.cids[cell])", xLabel: "horizontal position (px)",
        yLabel: "vertical position (px)", map: map)
      sections.append(.init("readout on the stimulus", .figure(figure)))
    }
    if let section = trialAverageSection() { sections.append(section) }
    return sections + stretchSections()
  }

  private var scores: Table {
    let rows = [("train", summary.train), (trials, summary.heldOut)].compactMap {
      name, scores in
      scores.map { (name, $0) }
    }
    return Table([
      Column("trials", rows.map(\.0)), Column("rate_hz", rows.map(\.1.rateHz.value), unit: "Hz"),
      Column("spikes", collecting: rows.map { Value.whole($0.1.spikes.value) }),
      Column("valid_bins", rows.map { Optional($0.1.validBins) }),
      Column("bits_per_spike", rows.map(\.1.bitsPerSpike.value), unit: "bits/spike"),
      Column("r", rows.map(\.1.r.value)), Column("nll", rows.map(\.1.nll.value), unit: "nats/bin"),
      Column("reason", rows.map(\.1.reason)),
    ])
  }

  private var calibration: Table {
    let fit = summary.calibration
    let improvement = fit.bitsPerSpikeCalibrated.flatMap { after in fit.bitsPerSpike.map { after - $0 } }
    return Table(
      [
        Column("gain", [fit.gain]), Column("offset", [fit.offset], unit: "counts/bin"),
        Column("offset_hz", [fit.offsetHz], unit: "Hz"),
        Column("bits_per_spike", [fit.bitsPerSpike], unit: "bits/spike"),
        Column("with_gain", [fit.bitsPerSpikeGain], unit: "bits/spike"),
        Column("with_both", [fit.bitsPerSpikeCalibrated], unit: "bits/spike"),
        Column("improvement", [improvement], unit: "bits/spike"), Column("reason", [fit.remark]),
      ],
      note:
        "gain and offset fitted to \(trials == "all" ? "all" : "the \(trials)") trials, scored on the half of the bins that was not fitted"
    )
  }

  private func readoutSections(_ readout: ReadoutGeometry) -> [Report.Section] {
    let place = Table(
      [
        Column("center_y", [readout.mask.meanY] as [Double?], unit: "px"),
        Column("center_x", [readout.mask.meanX] as [Double?], unit: "px"),
        Column("std_y", [readout.mask.stdY] as [Double?], unit: "px"),
        Column("std_x", [readout.mask.stdX] as [Double?], unit: "px"),
        Column("theta", [readout.mask.theta] as [Double?], unit: "rad"),
      ], note: readout.unit)
    let order = readout.weights.indices.sorted { abs(readout.weights[$0]) > abs(readout.weights[$1]) }
    let shown = Array(order.prefix(Self.shownWeights))
    let total = readout.weights.reduce(0) { $0 + abs($1) }
    var note = "share of the sum of sizes"
    if shown.count < order.count { note = "\(shown.count) of \(order.count) channels shown" }
    let columns = shown.map { channel in
      Column("c\(channel)", [readout.weights[channel], total > 0 ? abs(readout.weights[channel]) / total : nil])
    }
    let weights = Table([Column("channel", ["weight", "share"])] + columns, note: note)
    let sections: [Report.Section] = [
      .init("readout", .table(place)), .init("feature weights by size", .table(weights)),
    ]
    return sections
  }

  private func stretchSections() -> [Report.Section] {
    let rate = predictions.rateHz.isFinite ? predictions.rateHz : 120
    let length = Int((Self.stretchSeconds * rate).rounded())
    let longest = longestRun()
    guard let extremes = Stretch.extremes(predictions, cell: cell, length: min(length, longest)) else { return [] }
    let kind = trials == "held-out" ? "held-out " : ""
    return [("worst", extremes.worst), ("best", extremes.best)].map { name, stretch in
      let size = NumberText.rounded(abs(stretch.bitsPerBin), decimals: 3)
      let side = stretch.bitsPerBin < 0 ? "below" : "above"
      return Report.Section(
        "\(name) \(kind)stretch, \(size) bits/bin \(side) the mean rate", .figure(figure(name, stretch.rows)))
    }
  }

  /// The longest run of consecutive frames of one trial.
  private func longestRun() -> Int {
    var longest = 0
    var run = 0
    for row in 0..<predictions.frameCount {
      run = predictions.isConsecutive(row) ? run + 1 : 1
      longest = max(longest, run)
    }
    return longest
  }

  private func figure(_ name: String, _ rows: Range<Int>) -> Figure {
    let series = MaskedSeries(predictions, cell: cell)
    let known = predictions.rateHz.isFinite
    let scale = known ? predictions.rateHz : 1
    let x = rows.map { Double($0 - rows.lowerBound) / scale }
    func values(_ source: [Float]) -> [Double] { rows.map { series.mask[$0] > 0 ? Double(source[$0]) * scale : .nan } }
    let trial = predictions.trials.map { " of trial \($0[rows.lowerBound])" } ?? ""
    return Figure(
      "cell \(predictions.cids[cell]): \(name) stretch\(trial), from frame \(predictions.frames[rows.lowerBound])",
      xLabel: known ? "time (s)" : "time (bins)",
      yLabel: known ? "firing rate (Hz)" : "spikes (counts/bin)",
      series: [
        .init("observed", x: x, y: values(series.counts), style: .bars),
        .init("predicted", x: x, y: values(series.rates), style: .line),
      ])
  }

  /// Observed and predicted response averaged over repeats; nil where trials do not repeat.
  private func trialAverageSection() -> Report.Section? {
    guard let average = try? TrialAverage(predictions, cell: cell) else { return nil }
    let known = predictions.rateHz.isFinite
    let scale = known ? predictions.rateHz : 1
    let x = average.bins.map { Double($0) / scale }
    guard let most = average.trialCounts.max(), most > 1 else { return nil }
    return .init(
      "average over up to \(most) trials",
      .figure(
        Figure(
          "cell \(predictions.cids[cell]): trial average", xLabel: known ? "time (s)" : "time (bins)",
          yLabel: known ? "firing rate (Hz)" : "spikes (counts/bin)",
          series: [
            .init("observed", x: x, y: average.observed.map { $0.map { $0 * scale } ?? .nan }, style: .bars),
            .init("predicted", x: x, y: average.predicted.map { $0.map { $0 * scale } ?? .nan }, style: .line),
          ])))
  }
}
