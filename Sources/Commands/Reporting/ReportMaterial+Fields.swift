import Analysis
import Base
import Metrics
import Rendering
import Session

extension ReportMaterial {
  /// Place and latency of the receptive fields, in the data and in the model.
  var fieldChapter: ReportDocument.Chapter {
    let heading = "Receptive fields"
    switch fields {
    case .failure(let failure):
      return ReportDocument.Chapter("fields", heading, findings: ["Not available: \(failure.message)."])
    case .success(let fields):
      let groups = fields.shown.map { Self.group($0, fields) }
      return ReportDocument.Chapter(
        "fields", heading, findings: Self.findings(fields),
        parts: groups.isEmpty ? [] : [.maps("Data and model at their peak lags, z-scores, the field outlined", groups)],
        commands: [commands.fields(on: fields.stimulus)]
          + fields.shown.map { commands.field($0.row.cid, on: fields.stimulus) })
    }
  }

  private static func findings(_ fields: ReportFields) -> [String] {
    let clear = fields.clear
    var text =
      "On \(fields.stimulus) (all trials, \(fields.frameCount) frames, \(fields.lagCount) lags) the field of \(ReportNumber.count(clear.count, of: fields.cells.count)) is clear of the noise (its SNR is above what noise with as many spikes exceeds once in 200 times)."
    let alike = clear.compactMap(\.alike)
    if let median = Quantile.median(alike) {
      text += " For them the maps of data and model correlate by \(ReportNumber.text(median)) in the median"
      func latency(_ numbers: (ReportFields.Cell) -> FieldNumbers?) -> Double? {
        Quantile.median(clear.compactMap { numbers($0).map(fields.scale.peakLagMilliseconds) })
      }
      if let data = latency(\.numbers), let model = latency(\.modelNumbers) {
        text +=
          "; they peak at \(ReportNumber.text(data)) ms in the data and \(ReportNumber.text(model)) ms in the model"
      }
      text += "."
    }
    return [text]
  }

  private static func group(_ shown: ReportFields.Shown, _ fields: ReportFields) -> ReportDocument.MapGroup {
    let row = shown.row
    let sides = [("data", row.data, row.numbers), ("model", row.model, row.modelNumbers)]
    let figures = sides.compactMap { name, field, numbers -> Figure? in
      guard let field, let numbers else { return nil }
      var figure = FieldReport.map(
        field, numbers, fields.scale,
        title: "\(name): \(numbers.map.rawValue.uppercased()), lag \(numbers.peakBin)")
      figure.xLabel = ""
      figure.yLabel = ""
      return figure
    }
    var facts = ["\(ReportNumber.text(shown.score)) bits/spike on \(fields.rankedOn)"]
    for (name, _, numbers) in sides {
      guard let numbers else { continue }
      facts.append(
        "\(name) SNR \(ReportNumber.text(numbers.snr)) at \(ReportNumber.text(fields.scale.peakLagMilliseconds(numbers))) ms"
      )
    }
    if let map = row.numbers?.map, let alike = row.correlation(map) {
      facts.append("maps correlate by \(ReportNumber.text(alike))")
    }
    return ReportDocument.MapGroup(
      title: "Cell \(row.cid), \(shown.place)", caption: facts.joined(separator: "; "), figures: figures)
  }
}
