import Base
import Language
import Metrics
import Session

/// Receptive fields in numbers, one row a cell.
struct FieldTable {
  /// One cell's fields, and what was read off them.
  struct Row {
    var cid: CellID
    var spikes: Double?
    var data: ReceptiveField?
    var model: ReceptiveField?
    var numbers: FieldNumbers?
    var modelNumbers: FieldNumbers?
    var reason: String?
  }

  var rows: [Row]
  var height: Int
  var width: Int
  var rateHz: Double

  init(_ fields: MeasuredFields, map: ReceptiveField.Map?) {
    height = fields.height
    width = fields.width
    rateHz = fields.rateHz
    rows = fields.cids.indices.map { Self.row(fields, $0, map: map) }
  }

  /// - Parameter cell: position among the measured cells.
  static func row(_ fields: MeasuredFields, _ cell: Int, map: ReceptiveField.Map?) -> Row {
    var row = Row(cid: fields.cids[cell], spikes: fields.sums.total(of: cell, .data))
    var reasons: [String] = []
    func read(_ source: FieldSource) -> (ReceptiveField?, FieldNumbers?) {
      switch fields.sums.field(of: cell, source) {
      case .success(let field):
        let numbers = FieldNumbers(field, height: fields.height, width: fields.width, map: map)
        if numbers == nil { reasons.append((source == .data ? "" : "model: ") + Undefined.flatMap.rawValue) }
        return (field, numbers)
      case .failure(let reason):
        // What keeps both from a field is said once.
        let text = (source == .data || reason == .allMasked ? "" : "model: ") + reason.rawValue
        if !reasons.contains(text) { reasons.append(text) }
        return (nil, nil)
      }
    }
    (row.data, row.numbers) = read(.data)
    (row.model, row.modelNumbers) = read(.model)
    row.reason = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    return row
  }

  static let columns: [ColumnSignature] =
    [ColumnSignature("cid", "int"), ColumnSignature("spikes", "float")] + numberColumns("", "the data's field")
    + numberColumns("_model", "the model's field")
    + [
      ColumnSignature("r_sta", "float", "Correlation of both STAs over lags and pixels"),
      ColumnSignature("r_ste", "float", "Correlation of both STEs over lags and pixels"),
      ColumnSignature("reason", "string"),
    ]

  private static func numberColumns(_ suffix: String, _ whose: String) -> [ColumnSignature] {
    [
      ColumnSignature("map" + suffix, "string", "What the following is read off of \(whose)"),
      ColumnSignature("peak_lag" + suffix, "float", unit: "bins"),
      ColumnSignature("peak_lag_ms" + suffix, "float", unit: "ms"),
      ColumnSignature("snr" + suffix, "float"), ColumnSignature("snr_sta" + suffix, "float"),
      ColumnSignature("snr_ste" + suffix, "float"), ColumnSignature("modulation_index" + suffix, "float"),
      ColumnSignature("center_y" + suffix, "float", unit: "px"),
      ColumnSignature("center_x" + suffix, "float", unit: "px"), ColumnSignature("area_px" + suffix, "int", unit: "px"),
    ]
  }

  var table: Table {
    Table(
      [
        Column("cid", rows.map { Optional($0.cid) }),
        Column("spikes", collecting: rows.map { Value.whole($0.spikes) }),
      ] + columns("", rows.map(\.numbers)) + columns("_model", rows.map(\.modelNumbers)) + [
        Column("r_sta", rows.map { $0.correlation(.sta) }), Column("r_ste", rows.map { $0.correlation(.ste) }),
        Column("reason", rows.map(\.reason)),
      ])
  }

  private func columns(_ suffix: String, _ numbers: [FieldNumbers?]) -> [Column] {
    func column(_ name: String, unit: String? = nil, _ value: (FieldNumbers) -> Double) -> Column {
      Column(name + suffix, numbers.map { $0.map(value) }, unit: unit)
    }
    let (middleY, middleX) = (Double(height - 1) / 2, Double(width - 1) / 2)
    return [
      Column("map" + suffix, numbers.map { $0?.map.rawValue }),
      column("peak_lag", unit: "bins", \.peakLag),
      column("peak_lag_ms", unit: "ms") { $0.peakLag / rateHz * 1000 },
      column("snr", \.snr), column("snr_sta", \.staSNR), column("snr_ste", \.steSNR),
      column("modulation_index", \.modulationIndex),
      column("center_y", unit: "px") { $0.region.centerY - middleY },
      column("center_x", unit: "px") { $0.region.centerX - middleX },
      Column("area_px" + suffix, numbers.map { $0?.region.area }, unit: "px"),
    ]
  }
}

extension FieldTable.Row {
  /// How alike the data's map and the model's are.
  func correlation(_ map: ReceptiveField.Map) -> Double? {
    guard let data, let model else { return nil }
    return data.correlation(with: model, map)
  }
}
