import Base
import Fitting
import Foundation
import Metrics

/// What could explain how badly one cell is fitted, each cause with its evidence and what mending it would bring.
///
/// Everything that is fitted is scored on trials that it was not fitted to, on the same held-out bins as the rates
/// themselves.
struct Diagnosis {
  let all: DiagnosedCells
  /// Place among the cells asked about.
  let place: Int
  private let series: MaskedSeries
  /// Scores of the rates as predicted, on held-out trials.
  let scores: CellScores
  /// With gain and offset; nil where there are none.
  private let scale: HeldOutScale?
  private let shift: LatencyShift?
  private let drift: SlowGain?

  private var cell: Int { all.cells[place] }
  var cid: CellID { all.predictions.cids[cell] }

  init(_ all: DiagnosedCells, place: Int, work: Work) throws {
    self.all = all
    self.place = place
    let predictions = all.predictions(of: all.cells[place])
    let series = MaskedSeries(predictions, cell: 0)
    let scale = try HeldOutScale(predictions, work: work)
    var scaled = series
    scaled.rates = scale?.rates ?? series.rates
    self.series = series
    self.scale = scale
    scores = Self.scores(series, rates: series.rates, rows: all.scoredRows, cid: predictions.cids[0])
    shift = try scale.flatMap { try LatencyShift(predictions, unshifted: $0.rates, work: work) }
    drift = scale == nil ? nil : SlowGain(scaled, trials: predictions.trials)
  }

  var causes: [Cause] {
    let drifting = drifting
    return Cause.ranked([
      fewSpikes, masked, notVisual, ceiling, drifting, misscaled(drifting), late, displaced, clamped, unfitted, starved,
    ])
  }

  // MARK: The data

  /// Held-out spikes below which a score says little.
  static let fewestSpikes = 50.0

  private var spikes: Double { scores.spikes.value ?? 0 }

  private var fewSpikes: Cause {
    let error = spikes > 0 ? ", a standard error of some \(Self.short(1.5 / spikes.squareRoot())) bits/spike" : ""
    return Cause(
      .fewSpikes, strength: spikes > 0 ? Self.fewestSpikes / spikes : Cause.strongest,
      "\(NeuronReport.whole(spikes).plainText) held-out spikes in \(scores.validBins) bins\(error)")
  }

  /// The share of bins without which a cell's numbers are of something else than the others'.
  static let maskedShare = 1.0 / 3

  private var masked: Cause {
    let rows = series.mask.count
    let share = rows > 0 ? Double(series.mask.count { $0 == 0 }) / Double(rows) : 0
    let held = all.scoredRows.count { series.mask[$0] == 0 }
    return Cause(
      .masked, strength: max(share, Double(held) / Double(max(1, all.scoredRows.count))) / Self.maskedShare,
      "\(Self.percent(share)) of the recording's valid bins, \(held) of \(all.scoredRows.count) held-out ones")
  }

  /// Evidence that the cell answers the stimulus is asked for at this level.
  static let significance = 0.01

  private var notVisual: Cause {
    var words: [String] = []
    var levels: [Double] = []
    if let best = bestFollowed {
      words.append(
        "held-out counts follow the best prediction tried with r \(Self.short(best.r)), p \(Self.short(best.p))")
      levels.append(best.p)
    }
    if let responses = all.responses, case .success(let locking) = responses.locking[place] {
      words.append("\(locking.trialCount) repeats of \(responses.stimulus) agree with p \(Self.short(locking.p))")
      levels.append(locking.p)
    } else if all.responses == nil {
      words.append("no repeated trials to tell it without a model")
    }
    guard let p = levels.min() else { return .unknown(.notVisual, words.joined(separator: "; ")) }
    // Above the level a larger p is hardly more evidence: no answer was found.
    return Cause(
      .notVisual, strength: p > Self.significance ? 2 + p : Self.suspicious * p / Self.significance,
      words.joined(separator: "; "))
  }

  /// cc_max below which a good model can't look good.
  static let lowCeiling = 0.5

  private var ceiling: Cause {
    guard let responses = all.responses else { return .unknown(.ceiling, "no stimulus of the recording is repeated") }
    switch responses.ceilings[place] {
    case .value(let value):
      return Cause(
        .ceiling, strength: min(Self.lowCeiling / value, isLocked(responses) ? Cause.strongest : 1),
        "cc_max \(Self.short(value)) on \(responses.stimulus): no model's trial average can correlate better")
    case .undefined(let reason): return .unknown(.ceiling, "\(responses.stimulus): \(reason.rawValue)")
    }
  }

  private func isLocked(_ responses: RepeatedResponses) -> Bool {
    if case .success(let locking) = responses.locking[place] { locking.p <= Self.significance } else { true }
  }

  // MARK: Rates

  /// What a remedy must bring to be called found, in held-out bits per spike.
  static let worthwhile = 0.03
  /// Standard errors that it must be above nothing.
  static let surely = 3.0
  /// The same for a readout, which is fitted on other trials altogether.
  static let clearly = 2.0

  private var drifting: Cause {
    guard let drift, let scale else { return .unknown(.drift, "too few trials, or no gain and offset") }
    guard
      let gained = compared(drift.rates, over: scale.rates)
    else {
      return .unknown(.drift, "no spikes")
    }
    // Shuffled trials tell chance from drift; how much it matters is told by the bits.
    let size = gained.difference / Self.worthwhile
    return Cause(
      .drift, strength: drift.p <= Self.significance ? size : min(size, 0.5), brings: brought(by: drift.rates),
      "observed over predicted goes from \(Self.short(drift.first)) to \(Self.short(drift.last)), first to last quarter, p \(Self.short(drift.p)); a gain that follows: \(Self.signed(gained.difference)) bits/spike"
    )
  }

  private func misscaled(_ drifting: Cause) -> Cause {
    guard let scale, let raw = scores.bitsPerSpike.value, let mended = bits(scale.rates) else {
      return .unknown(.scale, scores.bitsPerSpike.reason ?? "gain and offset are not defined")
    }
    let gained = compared(scale.rates, over: series.rates)
    // What only leads back to the constant rate explains no more than that something is wrong.
    let useful = max(mended, 0) - max(raw, 0)
    let sure = (gained?.z ?? 0) / Self.surely
    var strength = max(min(useful / Self.worthwhile, sure), mended - raw >= Self.worthwhile && sure >= 1 ? 1 : 0)
    // Where a gain that changes is found, one that does not is no answer of its own.
    if let changing = drifting.strength, changing >= 1 { strength = min(strength, changing.nextDown) }
    return Cause(
      .scale, strength: strength, brings: mended - raw,
      "gain \(Self.short(scale.gain)), offset \(Self.short(scale.offset * series.rateHz)) Hz: \(Self.short(raw)) to \(Self.short(mended)) bits/spike"
    )
  }

  private var late: Cause {
    let peaks = fieldLatencies.map {
      "; fields peak at \(Self.short($0.data)) ms, the model's at \(Self.short($0.model)) ms"
    }
    guard let shift, let scale,
      let gained = compared(shift.rates, over: scale.rates)
    else { return .unknown(.latency, "no run of frames is long enough, or no gain and offset" + (peaks ?? "")) }
    let milliseconds = Double(abs(shift.bins)) / series.rateHz * 1000
    let words =
      shift.bins == 0
      ? "no shift up to \(LatencyShift.limit) bins tells the counts better"
      : "counts are told best \(Self.short(milliseconds)) ms \(shift.bins > 0 ? "later" : "earlier") than predicted: \(Self.signed(gained.difference)) bits/spike, z \(Self.short(gained.z))"
    return Cause(
      .latency, strength: min(gained.difference / Self.worthwhile, gained.z / Self.surely),
      brings: shift.bins == 0 ? 0 : brought(by: shift.rates), words + (peaks ?? ""))
  }

  /// Peak latencies of both fields in ms, where the data's stands clear of the noise.
  private var fieldLatencies: (data: Double, model: Double)? {
    guard let row = clearField, let data = row.numbers, let model = row.modelNumbers else { return nil }
    return (data.peakLag / series.rateHz * 1000, model.peakLag / series.rateHz * 1000)
  }

  // MARK: The readout

  private var refitted: RefittedCells.Cell? {
    all.refit.cells.indices.contains(place) ? all.refit.cells[place] : nil
  }

  /// Strength of what looks odd and may do no harm, where no refit tells.
  static let suspicious = 0.9

  /// What a readout of its own brings beyond gain and offset.
  private var refitGain: (beyond: Double, brings: Double, z: Double)? {
    guard let refitted, let after = bits(refitted.rates), let raw = scores.bitsPerSpike.value else { return nil }
    let scaled = scale.flatMap { bits($0.rates) }
    let reference = scale.flatMap { (scaled ?? raw) > raw ? $0.rates : nil } ?? series.rates
    guard
      let paired = compared(refitted.rates, over: reference, rows: all.scoredRows)
    else {
      return nil
    }
    return (paired.difference, after - raw, paired.z)
  }

  /// Strength of a refit as evidence: what it brings that gain and offset don't, and only above the constant rate.
  private var refitStrength: Double? {
    guard let gained = refitGain, let refitted, let after = bits(refitted.rates) else { return nil }
    return min(min(gained.beyond, after) / Self.worthwhile, gained.z / Self.clearly)
  }

  /// Half a pixel: what a narrower mask reaches all the same.
  private static let pixel = 0.5

  /// How far the new readout lies from the old one, in widths of the old one.
  private var displacement: (distance: Double, widths: Double)? {
    guard let refitted, refitted.readout.reason == nil, let raw = all.rawReadouts?[cell]
    else { return nil }
    let dy = Double(refitted.readout.meanY) - raw.centerY
    let dx = Double(refitted.readout.meanX) - raw.centerX
    let distance = (dy * dy + dx * dx).squareRoot()
    // Widths may differ: along a long axis a step of this size is small.
    let along = (dy * cos(raw.theta) + dx * sin(raw.theta)) / max(Self.pixel, raw.stdY)
    let across = (-dy * sin(raw.theta) + dx * cos(raw.theta)) / max(Self.pixel, raw.stdX)
    return (distance, (along * along + across * across).squareRoot())
  }

  private var isDisplaced: Bool { displacement.map { $0.widths > 1 } ?? false }

  private var displaced: Cause {
    var words: [String] = []
    var strength: Double?
    if let edge = all.rawReadouts?[cell], let size = all.mapSize {
      let reach = max(2 * abs(edge.centerY) / Double(size.height), 2 * abs(edge.centerX) / Double(size.width))
      if reach >= 1 { words.append("its centre lies off the feature map") }
      strength = reach >= 1 ? Self.suspicious : 0
    }
    if let field = clearField, let numbers = field.numbers, let readout = all.readouts?[cell],
      readout.stimulusSize != nil
    {
      let (middleY, middleX) = (Double(all.imageSize.height - 1) / 2, Double(all.imageSize.width - 1) / 2)
      let dy = numbers.region.centerY - middleY - readout.centerY
      let dx = numbers.region.centerX - middleX - readout.centerX
      words.append(
        "\(Self.short((dy * dy + dx * dx).squareRoot())) px from the data's field, itself \(Self.short(max(readout.stdY, readout.stdX))) px wide"
      )
    }
    guard let gained = refitGain, let displacement else {
      words.append(all.refit.reason.map { "refit: \($0)" } ?? "no refit to compare with")
      return Cause(.place, strength: strength, words.joined(separator: "; "))
    }
    words.append(
      "a refit moves it by \(Self.short(displacement.distance)) feature px, \(Self.short(displacement.widths)) of its widths: \(Self.signed(gained.beyond)) bits/spike, z \(Self.short(gained.z))"
    )
    let found = isDisplaced ? refitStrength : 0
    return Cause(
      .place, strength: found ?? 0, brings: isDisplaced ? gained.brings : nil,
      words.joined(separator: "; "))
  }

  /// Below half a pixel of the feature map a mask sees one pixel.
  static let narrowest = 0.3

  private var clamped: Cause {
    guard let raw = all.rawReadouts?[cell] else { return .unknown(.width, "the readout is not Gaussian") }
    let widths = "widths \(Self.short(raw.stdY)) and \(Self.short(raw.stdX)) feature px"
    let limit = all.widthLimit.map { max(raw.stdY, raw.stdX) >= 0.995 * $0 } ?? false
    let narrow = min(raw.stdY, raw.stdX) <= Self.narrowest
    let clamp = all.widthLimit.map { ", the clamp at \(Self.short($0))" } ?? ""
    // A refit is free of the limit: it tells whether the limit matters.
    let isAtLimit = limit || narrow
    return Cause(
      .width, strength: isAtLimit ? (isDisplaced ? 0 : refitStrength ?? Self.suspicious) : 0,
      brings: isAtLimit ? refitGain?.brings : nil,
      widths + clamp + (narrow ? ": a single pixel" : limit ? ": at it" : ": free"))
  }

  private var unfitted: Cause {
    guard let gained = refitGain, let strength = refitStrength else {
      return .unknown(.weights, all.refit.reason.map { "refit: \($0)" } ?? "no refit: no spikes to fit")
    }
    let words =
      "a readout fitted to this recording: \(Self.signed(gained.beyond)) bits/spike beyond gain and offset, z \(Self.short(gained.z))"
    return Cause(.weights, strength: isDisplaced ? 0 : strength, brings: gained.brings, words)
  }

  /// Share of an even share of the gradient below which a cell has little say.
  static let evenShare = 0.5

  private var starved: Cause {
    guard let training = all.training, let share = training.core[cell] else {
      return .unknown(.starved, "no training on this stimulus that is known, or not tried")
    }
    let cells = training.core.count { $0 != nil }
    let even = 1 / Double(max(1, cells))
    let weight = training.weights[cell].map { "; inverse-rate weights would multiply it by \(Self.short($0))" } ?? ""
    return Cause(
      .starved, strength: share > 0 ? Self.evenShare * even / share : Cause.strongest,
      "it sends \(Self.percent(share)) of what \(cells) cells send into the core, an even share were \(Self.percent(even))\(weight)"
    )
  }

  // MARK: Numbers

  /// Signal to noise from which a field is believed.
  static let clearSNR = 6.5

  private var clearField: FieldTable.Row? {
    guard let row = all.fields?[place], let numbers = row.numbers, numbers.snr >= Self.clearSNR else { return nil }
    return row
  }

  /// How surely held-out counts follow what predicts them best.
  private var bestFollowed: PredictionLocking? {
    let tried = [series.rates, shift?.rates, refitted?.rates].compactMap { $0 }
    return tried.compactMap { rates in
      try? PredictionLocking(
        MaskedSeries(
          rates: all.scoredRows.map { rates[$0] }, counts: all.scoredRows.map { series.counts[$0] },
          mask: all.scoredRows.map { series.mask[$0] }))
    }.max { $0.r < $1.r }
  }

  /// On all rows, for remedies that are fitted on other trials throughout.
  private func compared(_ rates: [Float], over others: [Float], rows: [Int]? = nil) -> PairedLikelihood? {
    PairedLikelihood(
      rates, over: others, of: series, rows: rows ?? Array(series.rates.indices), places: all.predictions.trialBins)
  }

  private func brought(by rates: [Float]) -> Double? {
    guard let after = bits(rates), let raw = scores.bitsPerSpike.value else { return nil }
    return after - raw
  }

  private func bits(_ rates: [Float]) -> Double? {
    Self.scores(series, rates: rates, rows: all.scoredRows, cid: cid).bitsPerSpike.value
  }

  private static func scores(_ series: MaskedSeries, rates: [Float], rows: [Int], cid: CellID) -> CellScores {
    var sums = MaskedSums(rateHz: series.rateHz)
    for row in rows { sums.add(rate: rates[row], count: series.counts[row], mask: series.mask[row]) }
    return CellScores(cid: cid, sums)
  }

  private static func short(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    if value == 0 { return "0" }
    let digits = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 0.1 ? 2 : 3
    return String(format: "%.\(digits)f", value)
  }

  private static func signed(_ value: Double) -> String { (value >= 0 ? "+" : "") + short(value) }

  private static func percent(_ share: Double) -> String { short(share * 100) + "%" }
}
