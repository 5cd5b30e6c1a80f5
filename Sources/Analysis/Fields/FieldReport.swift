import Base
import Metrics

/// The screen that `rf` shows.
package struct FieldReport {
  let fields: MeasuredFields
  let row: FieldTable.Row
  /// `cell 8 of Sim_2025-01-10: twin on sim/gaborium`
  let title: String
  /// Shown beside both fields where it is there.
  let gradient: ModelGradient?

  package init(fields: MeasuredFields, row: FieldTable.Row, title: String, gradient: ModelGradient? = nil) {
    self.fields = fields
    self.row = row
    self.title = title
    self.gradient = gradient
  }

  private var sides: [(name: String, field: ReceptiveField?, numbers: FieldNumbers?)] {
    [("data", row.data, row.numbers), ("model", row.model, row.modelNumbers)]
  }

  package func make() -> Report {
    var sections = [Report.Section("numbers", .table(numbers))]
    for side in sides {
      guard let field = side.field, let numbers = side.numbers else { continue }
      let title = "cell \(row.cid): \(side.name), \(numbers.map.rawValue.uppercased()) at lag \(numbers.peakBin)"
      sections.append(
        .init(
          "\(side.name)'s field",
          .figure(Self.map(field, numbers, fields.scale, title: title))))
    }
    if let gradient {
      sections.append(.init("model's gradient", .figure(gradient.figure(fields.scale, cid: row.cid))))
    }
    if let courses { sections.append(.init("time course", .figure(courses))) }
    return Report(title, sections)
  }

  private var numbers: Table {
    let all = sides.map(\.numbers)
    let scale = fields.scale
    func column(_ name: String, unit: String? = nil, _ value: (FieldNumbers) -> Double) -> Column {
      Column(name, all.map { $0.map(value) }, unit: unit)
    }
    let alike = [("r_sta", row.correlation(.sta)), ("r_ste", row.correlation(.ste))].compactMap { name, value in
      value.map { "\(name) \(NumberText.rounded($0, decimals: 3))" }
    }
    let count = row.spikes.map { "\(Value.whole($0).plainText) spikes, " } ?? ""
    let note = [
      "\(count)\(fields.frameCount) frames", fields.eyeSpeedNote ?? "", alike.joined(separator: ", "),
      gradient?.note(row) ?? "", row.reason ?? "",
    ]
    return Table(
      [
        Column("field", sides.map { Optional($0.name) }), Column("map", all.map { $0?.map.rawValue }),
        column("peak_lag", unit: "bins", \.peakLag),
        column("peak_lag_ms", unit: "ms") { scale.peakLagMilliseconds($0) },
        column("snr_sta", \.staSNR), column("snr_ste", \.steSNR), column("modulation_index", \.modulationIndex),
        column("center_y", unit: "px") { scale.center($0).y },
        column("center_x", unit: "px") { scale.center($0).x },
        Column("area_px", all.map { $0?.region.area }, unit: "px"),
      ], note: note.filter { !$0.isEmpty }.joined(separator: "; "))
  }

  /// A field's z-scores at its peak lag, with its outline.
  package static func map(
    _ field: ReceptiveField, _ numbers: FieldNumbers, _ scale: FieldScale, title: String
  ) -> Figure {
    var map = Figure.Map(
      rows: scale.height, columns: scale.width, values: Array(field.z(numbers.map, lag: numbers.peakBin)),
      outline: numbers.region.outline)
    map.label = "z-score"
    return Figure(title, xLabel: "horizontal position (px)", yLabel: "vertical position (px)", map: map)
  }

  /// z of each field's strongest pixel at its peak lag, by lag.
  private var courses: Figure? {
    let scale = fields.scale
    let series = sides.compactMap { side -> Figure.Series? in
      guard let field = side.field, let numbers = side.numbers else { return nil }
      let peak = field.z(numbers.map, lag: numbers.peakBin)
      let pixel = peak.indices.reduce(peak.startIndex) { abs(peak[$1]) > abs(peak[$0]) ? $1 : $0 } - peak.startIndex
      let name =
        "\(side.name), \(numbers.map.rawValue.uppercased()) at y \(pixel / scale.width), x \(pixel % scale.width)"
      return Figure.Series(
        name, x: (0..<field.lagCount).map { Double($0) / scale.rateHz * 1000 },
        y: (0..<field.lagCount).map { lag in
          let values = field.z(numbers.map, lag: lag)
          return values[values.startIndex + pixel]
        })
    }
    guard !series.isEmpty else { return nil }
    return Figure("cell \(row.cid): strongest pixel", xLabel: "lag (ms)", yLabel: "z-score", series: series)
  }
}
