import Base
import Fitting
import Metrics

/// The screen that `neuron` shows.
struct NeuronReport {
  let views: CellViews
  let cell: Int
  let session: Session

  /// Seconds of the worst and best stretch.
  static let stretchSeconds = 1.0
  static let shownWeights = 10

  private var predictions: Predictions { views.subject.predictions }

  func make() throws -> Report {
    let summary = try views.summaries(session: session)[cell]
    var sections = [Report.Section("cell", .fields(cellFields(summary))), .init("scores", .table(scores(summary)))]
    sections.append(.init("gain and offset", .fields(calibrationFields(summary))))
    if let readout = summary.readout { sections += readoutSections(readout) }
    sections += stretchSections()
    if let section = try trialAverageSection() { sections.append(section) }
    let place = views.subject.session.isEmpty ? "" : ", \(views.subject.session)"
    return Report("cell \(summary.cid)\(place): \(views.subject.label)", sections)
  }

  private func number(_ value: Double?) -> Value { value.map(Value.double) ?? .null }

  private func cellFields(_ summary: CellSummary) -> Record {
    var record = Record([
      ("cid", .int(summary.cid)), ("rate_hz", number(summary.heldOut.rateHz.value)),
      ("spikes", number(summary.heldOut.spikes.value)), ("valid_bins", .int(summary.heldOut.validBins)),
    ])
    if let reason = summary.heldOut.reason ?? summary.calibration.reason { record["reason"] = .string(reason) }
    return record
  }

  private func scores(_ summary: CellSummary) -> Table {
    let rows = [("train", summary.train), (summary.train == nil ? "all" : "held-out", summary.heldOut)].compactMap {
      name, scores in
      scores.map { (name, $0) }
    }
    return Table([
      Column("trials", rows.map(\.0)), Column("rate_hz", rows.map(\.1.rateHz.value), unit: "Hz"),
      Column("spikes", rows.map { $0.1.spikes.value.map { Int($0) } }),
      Column("valid_bins", rows.map { Optional($0.1.validBins) }),
      Column("bits_per_spike", rows.map(\.1.bitsPerSpike.value), unit: "bits/spike"),
      Column("r", rows.map(\.1.r.value)), Column("nll", rows.map(\.1.nll.value), unit: "nats/bin"),
      Column("reason", rows.map(\.1.reason)),
    ])
  }

  private func calibrationFields(_ summary: CellSummary) -> Record {
    let fit = summary.calibration
    var record = Record([
      ("gain", number(fit.gain)), ("offset", number(fit.offset)), ("bits_per_spike", number(fit.bitsPerSpike)),
      ("with_gain", number(fit.bitsPerSpikeGain)), ("with_gain_and_offset", number(fit.bitsPerSpikeCalibrated)),
    ])
    if let before = fit.bitsPerSpike, let after = fit.bitsPerSpikeCalibrated {
      record["bought"] = .double(after - before)
    }
    record["scored_on"] = .string("the half of the trials that was not fitted")
    if let reason = fit.reason { record["reason"] = .string(reason) }
    return record
  }

  private func readoutSections(_ readout: ReadoutGeometry) -> [Report.Section] {
    var fields = Record([
      ("center_y", .double(readout.centerY)), ("center_x", .double(readout.centerX)), ("std_y", .double(readout.stdY)),
      ("std_x", .double(readout.stdX)), ("theta", .double(readout.theta)),
    ])
    fields["unit"] = .string(readout.unit)
    let order = readout.weights.indices.sorted { abs(readout.weights[$0]) > abs(readout.weights[$1]) }
    let shown = Array(order.prefix(Self.shownWeights))
    var note: String?
    if shown.count < order.count { note = "\(shown.count) of \(order.count) channels shown" }
    let total = readout.weights.reduce(0) { $0 + abs($1) }
    let weights = Table(
      [
        Column("channel", shown.map { Optional($0) }),
        Column("weight", shown.map { Optional(readout.weights[$0]) }),
        Column("share", shown.map { total > 0 ? abs(readout.weights[$0]) / total : nil }),
      ], note: note)
    var sections: [Report.Section] = [.init("readout", .fields(fields))]
    if let map = readout.map {
      sections.append(
        .init(
          "readout on the stimulus",
          .figure(Figure("readout of cell \(predictions.cids[cell])", xLabel: "x, px", yLabel: "y, px", map: map))))
    }
    sections.append(.init("feature weights by size", .table(weights)))
    return sections
  }

  private func stretchSections() -> [Report.Section] {
    let rate = predictions.rateHz.isFinite ? predictions.rateHz : 120
    let length = Int((Self.stretchSeconds * rate).rounded())
    let longest = longestRun()
    guard let extremes = Stretch.extremes(predictions, cell: cell, length: min(length, longest)) else { return [] }
    return [("worst", extremes.worst), ("best", extremes.best)].map { name, stretch in
      .init(
        "\(name) held-out stretch, \(Self.rounded(stretch.bitsPerBin)) bits/bin above the mean rate",
        .figure(figure(name, stretch.rows)))
    }
  }

  static func rounded(_ value: Double) -> String { String(((value * 1000).rounded()) / 1000) }

  /// The longest run of consecutive frames of one trial.
  private func longestRun() -> Int {
    var longest = 0
    var run = 0
    for row in 0..<predictions.frameCount {
      let follows =
        row > 0 && predictions.frames[row] == predictions.frames[row - 1] + 1
        && predictions.trials.map { $0[row] == $0[row - 1] } ?? true
      run = follows ? run + 1 : 1
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
      "\(name) stretch\(trial), from frame \(predictions.frames[rows.lowerBound])", xLabel: known ? "s" : "bins",
      yLabel: known ? "Hz" : "counts/bin",
      series: [
        .init("observed", x: x, y: values(series.counts), style: .bars),
        .init("predicted", x: x, y: values(series.rates), style: .line),
      ])
  }

  /// Observed and predicted response averaged over repeats; nil where trials do not repeat.
  private func trialAverageSection() throws -> Report.Section? {
    guard predictions.trialBins != nil else { return nil }
    let average = try TrialAverage(predictions, cell: cell)
    let known = predictions.rateHz.isFinite
    let scale = known ? predictions.rateHz : 1
    let x = average.bins.map { Double($0) / scale }
    guard let most = average.trialCounts.max(), most > 1 else { return nil }
    return .init(
      "average over up to \(most) trials",
      .figure(
        Figure(
          "trial average", xLabel: known ? "s" : "bins", yLabel: known ? "Hz" : "counts/bin",
          series: [
            .init("observed", x: x, y: average.observed.map { $0.map { $0 * scale } ?? .nan }, style: .bars),
            .init("predicted", x: x, y: average.predicted.map { $0.map { $0 * scale } ?? .nan }, style: .line),
          ])))
  }
}
