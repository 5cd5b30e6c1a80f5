import Base
import Metrics

/// Receptive fields in numbers, one row a cell.
package enum FieldTable {
  /// One cell's fields, and the numbers that were read from them.
  package struct Row: Sendable {
    package var cid: CellID
    package var scale: FieldScale
    package var spikes: Double?
    package var data: ReceptiveField?
    package var model: ReceptiveField?
    package var numbers: FieldNumbers?
    package var modelNumbers: FieldNumbers?
    package var reason: String?
    /// The signal-to-noise ratio that fields of noise with as many spikes exceed once in 200 times; nil where no field can be
    /// clear.
    package var noiseFloor: Double?
    package var modelNoiseFloor: Double?

    /// Whether the data's field stands out from the noise.
    package var isClear: Bool { Self.isClear(numbers, noiseFloor) }
    package var modelIsClear: Bool { Self.isClear(modelNumbers, modelNoiseFloor) }

    private static func isClear(_ numbers: FieldNumbers?, _ floor: Double?) -> Bool {
      guard let numbers, let floor else { return false }
      return numbers.snr > floor
    }

    /// How similar the data's map and the model's are.
    package func correlation(_ map: ReceptiveField.Map) -> Double? {
      guard let data, let model else { return nil }
      return data.correlation(with: model, map)
    }
  }

  /// - Parameter map: the map from which the numbers are read; the one with the larger SNR where nil.
  package static func rows(_ fields: MeasuredFields, map: ReceptiveField.Map?) -> [Row] {
    fields.cids.indices.map { row(fields, $0, map: map) }
  }

  /// - Parameter cell: position among the measured cells.
  package static func row(_ fields: MeasuredFields, _ cell: Int, map: ReceptiveField.Map?) -> Row {
    var row = Row(cid: fields.cids[cell], scale: fields.scale, spikes: fields.sums.total(of: cell, .data))
    var reasons: [String] = []
    func read(_ source: FieldSource) -> (ReceptiveField?, FieldNumbers?) {
      switch fields.sums.field(of: cell, source) {
      case .success(let field):
        let numbers = FieldNumbers(field, height: fields.scale.height, width: fields.scale.width, map: map)
        if numbers == nil { reasons.append((source == .data ? "" : "model: ") + Undefined.flatMap.rawValue) }
        return (field, numbers)
      case .failure(let reason):
        // A reason that holds for both fields is given once.
        let text = (source == .data || reason == .allMasked ? "" : "model: ") + reason.rawValue
        if !reasons.contains(text) { reasons.append(text) }
        return (nil, nil)
      }
    }
    (row.data, row.numbers) = read(.data)
    (row.model, row.modelNumbers) = read(.model)
    row.noiseFloor = row.data.flatMap { fields.noise.value(at: $0.effectiveCount, map: map) }
    row.modelNoiseFloor = row.model.flatMap { fields.noise.value(at: $0.effectiveCount, map: map) }
    if let data = row.data, row.noiseFloor == nil, data.effectiveCount < NoiseFloor.fewestSpikes {
      reasons.append("too few spikes for a clear field (fewest \(Int(NoiseFloor.fewestSpikes)))")
    }
    row.reason = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    return row
  }

  package static let shape =
    TableShape<Row>([
      .int("cid", "The cell's id in its recording") { $0.cid },
      .count("spikes", "Spikes in the valid frames") { $0.spikes },
    ]) + TableShape<Row>(numbers("", of: "the data's field") { $0.numbers })
    + TableShape<Row>(numbers("_model", of: "the model's field") { $0.modelNumbers })
    + TableShape<Row>([
      .float("snr_floor", "SNR that noise with as many spikes exceeds once in 200 times; a field above it is clear") {
        $0.noiseFloor
      },
      .bool("clear", "Whether the data's field stands out from the noise: snr is above snr_floor") { $0.isClear },
      .float("r_sta", "Correlation of both STAs over lags and pixels") { $0.correlation(.sta) },
      .float("r_ste", "Correlation of both STEs over lags and pixels") { $0.correlation(.ste) },
      .string("reason", "Why numbers of this row are undefined") { $0.reason },
    ])

  private static func numbers(
    _ suffix: String, of field: String, _ numbers: @escaping @Sendable (Row) -> FieldNumbers?
  ) -> [TableShape<Row>.Field] {
    func number(
      _ name: String, unit: String? = nil, _ help: String,
      _ value: @escaping @Sendable (FieldNumbers, FieldScale) -> Double
    ) -> TableShape<Row>.Field {
      .float(name + suffix, unit: unit, help) { row in numbers(row).map { value($0, row.scale) } }
    }
    return [
      .string("map" + suffix, "The map (sta or ste) from which the numbers of \(field) are read") {
        numbers($0)?.map.rawValue
      },
      number("peak_lag", unit: "bins", "Peak latency of \(field), interpolated between bins") { n, _ in n.peakLag },
      number("peak_lag_ms", unit: "ms", "Peak latency of \(field)") { $1.peakLagMilliseconds($0) },
      number("snr", "Largest |z| at the peak lag over the spread of the map at lag 0, of \(field)") { n, _ in n.snr },
      number("snr_sta", "The same of the STA") { n, _ in n.staSNR },
      number("snr_ste", "The same of the STE") { n, _ in n.steSNR },
      number("modulation_index", "(STE - STA) / (STE + STA) of the two SNRs of \(field)") { n, _ in n.modulationIndex },
      number("center_y", unit: "px", "Centre of \(field) from the middle of the stimulus, downwards") {
        $1.center($0).y
      },
      number("center_x", unit: "px", "Centre of \(field) from the middle of the stimulus, to the right") {
        $1.center($0).x
      },
      .int("area_px" + suffix, unit: "px", "Pixels around the peak of \(field) above half its height") {
        numbers($0)?.region.area
      },
    ]
  }
}
