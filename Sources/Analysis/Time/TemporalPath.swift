import Base
import Formats
import Foundation
import Metrics
import Recordings
import Twin

/// The response of every cell's readout to a step of one frame at each lag, at windows of a recording.
package struct TemporalPath: TemporalProfiles {
  /// Twin and stimulus, for notes.
  private let label: String
  private let split: Split
  private let step: StepResponse.Step
  private let amplitude: Float
  private let cids: [CellID]
  private let lags: [Int]
  /// The frames at whose windows the response was measured.
  package let frames: [Int]
  private let response: StepResponse
  private let profiles: [TimeProfile]
  /// The latencies of the data, if they are wanted.
  package var latencies: LatencyComparison?
  /// Places in the window at which no cell responds.
  private let commonlySilent: [Int]

  /// - Parameters:
  ///   - lags: of the window, in its order.
  ///   - response: `[window, lag, cell]`, for windows of `frames` and cells `cids`.
  package init(
    _ response: StepResponse, label: String, split: Split, step: StepResponse.Step, amplitude: Float, cids: [CellID],
    lags: [Int], frames: [Int], rateHz: Double
  ) {
    self.response = response
    self.label = label
    self.split = split
    self.step = step
    self.amplitude = amplitude
    self.cids = cids
    self.lags = lags
    self.frames = frames
    commonlySilent = lags.indices.filter { place in response.silent[place].allSatisfy { $0 } }
    profiles = cids.indices.map { cell in
      TimeProfile(lags: lags, rateHz: rateHz, rows: frames.count) { window, place in
        response.silent[place][cell]
          ? 0 : Double(response.values.values[(window * lags.count + place) * cids.count + cell])
      }
    }
  }

  /// Frames to measure the response at: at most `count`, evenly spaced over `valid`.
  ///
  /// - Precondition: `valid` is not empty.
  package static func spread(_ count: Int, over valid: [Int]) -> [Int] {
    let tried = min(count, valid.count)
    return (0..<tried).map { valid[tried == 1 ? 0 : $0 * (valid.count - 1) / (tried - 1)] }
  }

  package struct Row: Sendable {
    var cid: CellID
    var profile: TimeProfile
    var latency = LatencyComparison.Cell()
    var remark: String?
  }

  /// With the temporal frequencies that pass.
  package static let columns = columns(TimeProfile.spectralColumns.lifted { $0.profile })
  /// With the latencies of the data instead.
  package static let latencyColumns = columns(LatencyComparison.columns.lifted { $0.latency })

  private static func columns(_ middle: TableShape<Row>) -> TableShape<Row> {
    TableShape([
      .int("cid", "The cell's id in its recording") { $0.cid },
      .float("weight_lag0", "Share of the squared response at lag 0") { $0.profile.weightAtLag0 },
      .float("recent_half", "Share of the squared response at lags in the newer half of the window") {
        $0.profile.recentHalf
      },
      .float("peak_ms", unit: "ms", "Lag with the largest squared response") { $0.profile.peakMs },
      .float("mean_ms", unit: "ms", "Mean lag of the squared response") { $0.profile.meanMs },
      .float("mean_se", unit: "ms", "Standard error of mean_ms over windows") { $0.profile.meanStandardErrorMs },
    ]) + middle
      + TableShape([
        .string("remark", "What to know about the cell: a peak at lag 0, lags without response, missing numbers") {
          $0.remark
        }
      ])
  }

  package var table: Table {
    let rows = profiles.indices.map { cell in
      Row(
        cid: cids[cell], profile: profiles[cell], latency: latencies?[cids[cell]] ?? .init(), remark: remark(cell))
    }
    return (latencies == nil ? Self.columns : Self.latencyColumns).table(rows)
  }

  private func remark(_ cell: Int) -> String? {
    let profile = profiles[cell]
    if profile.reason == .silent { return "responds at no lag" }
    if let reason = profile.reason { return reason.rawValue }
    var parts: [String] = []
    if let place = profile.peakPlace, profile.lags[place] == 0 { parts.append("sits on lag 0") }
    let silent = lags.indices.filter { response.silent[$0][cell] }
    if !silent.isEmpty, silent != commonlySilent {
      parts.append("no response at lag \(Self.list(silent.map { lags[$0] }))")
    }
    if profile.lagMs == nil { parts.append("the recording's frame rate is unknown") }
    if let latencies {
      if let reason = latencies[cids[cell]].reason { parts.append(reason) }
    } else if profile.dcShare == nil {
      parts.append("the lags are not evenly spaced: no spectrum")
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private static func list(_ lags: [Int]) -> String { lags.map(String.init).joined(separator: ", ") }

  /// Over all cells that respond: the mean share of each lag, in ascending lags.
  private var meanShares: [Double]? {
    let shares = profiles.compactMap(\.shares)
    guard let first = shares.first else { return nil }
    return first.indices.map { lag in shares.reduce(0) { $0 + $1[lag] } / Double(shares.count) }
  }

  package var note: String {
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
    if !silent.isEmpty { text += "; no cell responds at lag \(Self.list(silent.map { lags[$0] }))" }
    return text + (latencies?.note(cids) ?? "")
  }

  private static func percent(_ share: Double?) -> String {
    guard let share else { return "an unknown part" }
    return share > 0 ? NumberText.percent(share) : "none"
  }

  package struct LagRow: Sendable {
    var cid: CellID
    var lag: Int
    var ms: Double?
    var sensitivity: Double
    var share: Double?
    /// Mean over windows, with its sign.
    var response: Double
  }

  package static let lagColumns = TableShape<LagRow>([
    .int("cid", "The cell's id in its recording") { $0.cid },
    .int("lag", "Frames before the response") { $0.lag },
    .float("ms", unit: "ms", "The lag in milliseconds") { $0.ms },
    .float("sensitivity", "Root mean square over windows of the response to the step, per unit of the step") {
      $0.sensitivity
    },
    .float("share", "Share of the squared response") { $0.share },
  ])
  /// For a step that has a sign.
  package static let signedLagColumns =
    lagColumns
    + TableShape([.float("response", "Mean response over windows, with its sign, per unit of the step") { $0.response }]
    )

  package var lagTable: Table {
    let order = lags.indices.sorted { lags[$0] < lags[$1] }
    let tries = Double(frames.count)
    let rows = cids.indices.flatMap { cell in
      let profile = profiles[cell]
      return order.enumerated().map { place, lag in
        LagRow(
          cid: cids[cell], lag: lags[lag], ms: profile.lagMs.map { Double(lags[lag]) * $0 },
          sensitivity: (profile.energy[place] / tries).squareRoot(), share: profile.shares.map { $0[place] },
          response: meanResponse(cell, place: lag))
      }
    }
    return (step == .flash ? Self.signedLagColumns : Self.lagColumns).table(rows)
  }

  /// The mean over windows, with its sign.
  private func meanResponse(_ cell: Int, place: Int) -> Double {
    frames.indices.reduce(0.0) {
      $0 + Double(response.values.values[($1 * lags.count + place) * cids.count + cell])
    } / Double(frames.count)
  }

  package static let frequencyColumns =
    TableShape<SpectrumRow<CellID>>([.int("cid", "The cell's id in its recording") { $0.owner }]) + SpectrumRow.columns

  package var frequencyTable: Table {
    let rows = SpectrumRow.rows(profiles, owners: cids).map { row in
      var row = row
      row.power = row.power.flatMap { $0.isNaN ? nil : $0 / Double(frames.count) }
      return row
    }
    return Self.frequencyColumns.table(rows)
  }

  package var arrays: [NamedArray] {
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

  package var figures: [Figure] {
    let ascending = lags.sorted()
    let ms = profiles.first?.lagMs
    let x = ascending.map { Double($0) * (ms ?? 1) }
    var figures = [
      Figure(
        "\(label): share of the response by lag", xLabel: ms == nil ? "lag (frames)" : "lag (ms)",
        yLabel: "share of the response",
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
        Figure(
          "power spectrum", xLabel: "temporal frequency (Hz)", yLabel: "share of the power",
          series: Self.spread(shares, x: hz)))
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
