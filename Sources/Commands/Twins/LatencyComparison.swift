import Analysis
import Base
import Metrics
import Recordings
import Session

/// The latency of a twin's cells beside that of the recorded ones: peak lags of both receptive fields, on the same frames by
/// the same measure.
///
/// The response to a step is no measure of the data: it sums all that a window's other frames bring along, where a
/// spike-triggered average keeps what points the same way throughout.
struct LatencyComparison {
  struct Cell {
    /// Peak lags between bins, in ms; nil where a field does not stand clear of the noise.
    var dataMs: Double?
    var modelMs: Double?
    var dataSNR: Double?
    /// Why one of them is missing.
    var reason: String?

    /// How much later the twin answers.
    var lateMs: Double? { dataMs.flatMap { data in modelMs.map { $0 - data } } }
  }

  private let cells: [CellID: Cell]
  private let frameCount: Int
  private let smallestSNR: Double

  /// - Throws: as `FieldMeasurement.measure`.
  init(_ twin: LoadedTwin, head: Int, on source: LoadedStimulus, smallestSNR: Double, session: Session) throws {
    let fields = try session.fields(of: twin, head: head, on: source, split: .all)
    frameCount = fields.frameCount
    self.smallestSNR = smallestSNR
    let rows = FieldTable.rows(fields, map: nil)
    cells = Dictionary(
      rows.map { row in
        func ms(_ numbers: FieldNumbers?) -> Double? {
          numbers.flatMap { $0.snr >= smallestSNR ? fields.scale.peakLagMilliseconds($0) : nil }
        }
        var reasons = [row.reason].compactMap(\.self)
        if let numbers = row.numbers, numbers.snr < smallestSNR { reasons.append("no clear field") }
        if let numbers = row.modelNumbers, numbers.snr < smallestSNR { reasons.append("model: no clear field") }
        return (
          row.cid,
          Cell(
            dataMs: ms(row.numbers), modelMs: ms(row.modelNumbers), dataSNR: row.numbers?.snr,
            reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  subscript(_ cid: CellID) -> Cell { cells[cid] ?? Cell(reason: "the recording has no such cell") }

  func columns(_ cids: [CellID]) -> [Column] {
    let rows = cids.map { self[$0] }
    return [
      Column("data_ms", rows.map(\.dataMs), unit: "ms"), Column("data_snr", rows.map(\.dataSNR)),
      Column("model_ms", rows.map(\.modelMs), unit: "ms"), Column("late_ms", rows.map(\.lateMs), unit: "ms"),
    ]
  }

  /// For the end of a note.
  func note(_ cids: [CellID]) -> String {
    let rows = cids.map { self[$0] }
    let known = rows.compactMap(\.lateMs)
    let text =
      "; fields of \(frameCount) frames: \(rows.count { $0.dataMs != nil }) of \(rows.count) cells have one with an SNR of "
      + "\(NumberText.rounded(smallestSNR, decimals: 3)) or more"
    guard let median = Quantile.median(known) else { return text + ", none of them beside one of the twin" }
    return text
      + ", the twin's peaks \(NumberText.rounded(abs(median), decimals: 3)) ms \(median < 0 ? "earlier" : "later") in the median of \(known.count)"
  }
}
