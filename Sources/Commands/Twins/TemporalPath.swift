import Base
import Formats
import Foundation
import Metrics
import Recordings
import Session
import Twin

/// The response of every cell's readout to a step of one frame at each lag, at windows of a recording.
struct TemporalPath: TemporalProfiles {
  let label: String
  let split: Split
  let step: StepResponse.Step
  let amplitude: Float
  let cids: [CellID]
  let lags: [Int]
  /// The frames whose windows were tried.
  let frames: [Int]
  let response: StepResponse
  let profiles: [TimeProfile]
  /// What the data say, where that was asked for.
  var latencies: LatencyComparison?
  /// Places in the window at which no cell answers.
  private let commonlySilent: [Int]

  /// - Throws: `unsupported` for a twin that reads no stimulus, `mismatch` or `missing` where twin and recording do not
  ///   fit, `undefined` for a split without frames.
  init(
    _ twin: LoadedTwin, head: Int, on source: LoadedStimulus, split: Split, windows count: Int,
    step: StepResponse.Step, amplitude: Float, seed: UInt32, session: Session
  ) throws {
    guard twin.architecture.readsStimulus else {
      throw Failure(.unsupported, "`\(twin.name)` reads no stimulus: it has no path over time")
    }
    label = "\(twin.name) on \(source.label)" + (source.withoutBehavior ? " --no-behavior" : "")
    self.split = split
    self.step = step
    self.amplitude = amplitude
    try Predictor(session: session).checkInput(twin, head: head, source, for: .coreFeatures)
    let inputs = try TwinInputs(twin, head: head, source, for: .coreFeatures)
    guard let lags = source.stimulus.lags, !lags.isEmpty, Set(lags).count == lags.count else {
      throw Failure(.missing, "\(source.label): no lags of the stimulus are known, or one is named twice")
    }
    self.lags = lags
    let valid = try source.stimulus.frames(split, among: source.stimulus.validFrames())
    guard !valid.isEmpty else {
      throw Failure(.undefined, "\(source.label) has no valid frame in split `\(split.rawValue)`")
    }
    let tried = min(count, valid.count)
    frames = (0..<tried).map { valid[tried == 1 ? 0 : $0 * (valid.count - 1) / (tried - 1)] }
    let cells = twin.architecture.heads[head].cellCount
    let own = twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].cids : nil
    cids = own ?? (source.stimulus.cids.count == cells ? source.stimulus.cids : Array(0..<cells))

    let progress = session.work.progress
    progress?.begin("steps through \(source.label)", total: tried, unit: "windows")
    defer { progress?.end() }
    let response = try twin.network(head: head).stepResponse(
      inputs.input(frames: frames, groups: [0..<tried]), head: head, step: step, amplitude: amplitude, seed: seed,
      work: session.work)
    self.response = response
    commonlySilent = lags.indices.filter { place in response.silent[place].allSatisfy { $0 } }
    let rate = source.stimulus.rateHz
    profiles = (0..<cells).map { cell in
      TimeProfile(lags: lags, rateHz: rate, rows: tried) { window, place in
        response.silent[place][cell]
          ? 0 : Double(response.values.values[(window * lags.count + place) * cells + cell])
      }
    }
  }

  var table: Table {
    Table(
      [
        Column("cid", cids.map { Optional($0) }), Column("weight_lag0", profiles.map(\.weightAtLag0)),
        Column("recent_half", profiles.map(\.recentHalf)),
        Column("peak_ms", profiles.map(\.peakMs), unit: "ms"), Column("mean_ms", profiles.map(\.meanMs), unit: "ms"),
        Column("mean_se", profiles.map(\.meanStandardErrorMs), unit: "ms"),
      ] + (latencies?.columns(cids) ?? TimeProfile.spectralColumns(profiles))
        + [Column("remark", profiles.indices.map(remark))])
  }

  private func remark(_ cell: Int) -> String? {
    let profile = profiles[cell]
    if profile.reason == .silent { return "answers to no lag" }
    if let reason = profile.reason { return reason.rawValue }
    var parts: [String] = []
    if let place = profile.peakPlace, profile.lags[place] == 0 { parts.append("sits on lag 0") }
    let silent = lags.indices.filter { response.silent[$0][cell] }
    if !silent.isEmpty, silent != commonlySilent {
      parts.append("no answer at lag \(Self.list(silent.map { lags[$0] }))")
    }
    if profile.lagMs == nil { parts.append("the recording's rate is unknown") }
    if let latencies {
      if let reason = latencies[cids[cell]].reason { parts.append(reason) }
    } else if profile.dcShare == nil {
      parts.append("the lags are not evenly spaced: no spectrum")
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private static func list(_ lags: [Int]) -> String { lags.map(String.init).joined(separator: ", ") }

  /// Over all cells that answer: the mean share of each lag, in ascending lags.
  private var meanShares: [Double]? {
    let shares = profiles.compactMap(\.shares)
    guard let first = shares.first else { return nil }
    return first.indices.map { lag in shares.reduce(0) { $0 + $1[lag] } / Double(shares.count) }
  }

  var note: String {
    let kind =
      step == .noise
      ? "random signs of \(amplitude) a pixel" : "flashes of \(amplitude)"
    var text = "\(label), split \(split.rawValue), \(frames.count) windows, \(kind) in one frame, up and down"
    if let shares = meanShares {
      let ascending = lags.sorted()
      let mean = TimeProfile(lags: ascending, rateHz: nil, rows: 1) { shares[$1].squareRoot() }
      if let recent = mean.recentHalf, let place = mean.peakPlace {
        let side = recent > 0.55 ? "the newer side" : recent < 0.45 ? "the older side" : "both sides alike"
        text +=
          "; on average \(Self.percent(mean.weightAtLag0)) of the energy on lag 0, \(Self.percent(recent)) on the newer "
          + "half of lags \(ascending.first ?? 0) to \(ascending.last ?? 0), peak at lag \(ascending[place]): it reads \(side)"
      }
    }
    let silent = commonlySilent
    if !silent.isEmpty { text += "; no cell answers at lag \(Self.list(silent.map { lags[$0] }))" }
    return text + (latencies?.note(cids) ?? "")
  }

  private static func percent(_ share: Double?) -> String {
    guard let share else { return "an unknown part" }
    return share > 0 ? NumberText.percent(share) : "none"
  }

  var lagTable: Table {
    let rows = cids.indices.flatMap { cell in lags.indices.map { (cell: cell, lag: $0) } }
    let order = lags.indices.sorted { lags[$0] < lags[$1] }
    let tries = Double(frames.count)
    var columns = [
      Column("cid", rows.map { Optional(cids[$0.cell]) }),
      Column("lag", rows.map { Optional(lags[order[$0.lag]]) }),
      Column(
        "ms", rows.map { row in profiles[row.cell].lagMs.map { Double(lags[order[row.lag]]) * $0 } }, unit: "ms"),
      Column("sensitivity", rows.map { Optional((profiles[$0.cell].energy[$0.lag] / tries).squareRoot()) }),
      Column("share", rows.map { row in profiles[row.cell].shares.map { $0[row.lag] } }),
    ]
    if step == .flash {
      columns.append(Column("response", rows.map { Optional(meanResponse($0.cell, place: order[$0.lag])) }))
    }
    return Table(columns)
  }

  /// The mean over windows, with its sign.
  private func meanResponse(_ cell: Int, place: Int) -> Double {
    frames.indices.reduce(0.0) {
      $0 + Double(response.values.values[($1 * lags.count + place) * cids.count + cell])
    } / Double(frames.count)
  }

  var frequencyTable: Table {
    var table = TimeProfile.frequencyTable(profiles) { owners in
      Column("cid", owners.map { Optional(cids[$0]) })
    }
    table = Table(
      table.columns.map { column in
        column.name == "power"
          ? Column("power", (column.numbers ?? []).map { $0.map { $0 / Double(frames.count) } }) : column
      })
    return table
  }

  var arrays: [NamedArray] {
    let ascending = lags.sorted()
    return [
      NamedArray("cids", shape: [cids.count], values: .int64(cids)),
      NamedArray("frames", shape: [frames.count], values: .int64(frames)),
      // `response` has the lags in the window's order, the rest in ascending order.
      NamedArray("window_lags", shape: [lags.count], values: .int64(lags)),
      NamedArray("response", response.values),
      NamedArray("lags", shape: [lags.count], values: .int64(ascending)),
      NamedArray(
        "energy", shape: [cids.count, lags.count],
        values: .float64(profiles.flatMap { $0.energy.map { $0 / Double(frames.count) } })),
      NamedArray(
        "share", shape: [cids.count, lags.count],
        values: .float64(profiles.flatMap { $0.shares ?? [Double](repeating: .nan, count: lags.count) })),
    ]
      + TimeProfile.spectra(profiles)
  }

  var figures: [Figure] {
    let ascending = lags.sorted()
    let ms = profiles.first?.lagMs
    let x = ascending.map { Double($0) * (ms ?? 1) }
    var figures = [
      Figure(
        "\(label): share of the response by lag", xLabel: ms == nil ? "lags" : "ms", yLabel: "share",
        series: Self.spread(profiles.compactMap(\.shares), x: x))
    ]
    let spectra = profiles.compactMap(\.spectrum)
    if let hz = spectra.first?.hz {
      // Each spectrum as a share of its sum: cells of all sizes count alike.
      let shares = spectra.map { spectrum in
        let sum = spectrum.power.reduce(0, +)
        return spectrum.power.map { $0 / sum }
      }
      figures.append(
        Figure("power spectrum", xLabel: "Hz", yLabel: "share", series: Self.spread(shares, x: hz)))
    }
    return figures
  }

  /// Median and quartiles over cells at each place.
  private static func spread(_ rows: [[Double]], x: [Double]) -> [Figure.Series] {
    guard !rows.isEmpty else { return [] }
    return [("upper quartile", 0.75), ("median cell", 0.5), ("lower quartile", 0.25)].map { name, part in
      .init(
        name, x: x,
        y: x.indices.map { place in Quantile.of(rows.map { $0[place] }, share: part) ?? .nan })
    }
  }
}
