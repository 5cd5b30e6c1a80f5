import Base
import Metrics

/// The latencies of a twin's cells beside those of the recorded cells: peak lags of both receptive fields, measured on the
/// same frames.
///
/// The response to a step can't be compared with the data: it sums the effects of all other frames of a window, and a
/// spike-triggered average does not.
package struct LatencyComparison: Sendable {
  /// What was measured of a cell's receptive fields.
  package struct Fields: Sendable {
    package var cid: CellID
    package var data: FieldNumbers?
    package var model: FieldNumbers?
    /// A field whose signal-to-noise ratio is not above this has no latency; nil where no field can have one.
    package var dataFloor: Double?
    package var modelFloor: Double?
    /// Why one of them is missing.
    package var reason: String?

    package init(
      cid: CellID, data: FieldNumbers?, model: FieldNumbers?, dataFloor: Double?, modelFloor: Double?, reason: String?
    ) {
      self.cid = cid
      self.data = data
      self.model = model
      self.dataFloor = dataFloor
      self.modelFloor = modelFloor
      self.reason = reason
    }
  }

  struct Cell: Sendable {
    /// Peak lags between bins, in ms; nil where a field is too weak to have one.
    var dataMs: Double?
    var modelMs: Double?
    var dataSNR: Double?
    /// Why one of them is missing.
    var reason: String?

    /// How much later the twin responds.
    var lateMs: Double? { dataMs.flatMap { data in modelMs.map { $0 - data } } }
  }

  private let cells: [CellID: Cell]
  private let frameCount: Int
  private let smallestSNR: Double?

  /// - Parameters:
  ///   - frameCount: frames that the fields were measured on.
  ///   - smallestSNR: the same for all fields where it was chosen, for the note; nil where each has the floor of its noise.
  package init(_ fields: [Fields], rateHz: Double, frameCount: Int, smallestSNR: Double?) {
    self.frameCount = frameCount
    self.smallestSNR = smallestSNR
    cells = Dictionary(
      fields.map { field in
        func ms(_ numbers: FieldNumbers?, _ floor: Double?) -> Double? {
          guard let numbers, let floor, numbers.snr >= floor else { return nil }
          return numbers.peakLag / rateHz * 1000
        }
        let (data, model) = (ms(field.data, field.dataFloor), ms(field.model, field.modelFloor))
        var reasons = [field.reason].compactMap(\.self)
        if field.data != nil, data == nil { reasons.append("no clear field") }
        if field.model != nil, model == nil { reasons.append("model: no clear field") }
        return (
          field.cid,
          Cell(
            dataMs: data, modelMs: model, dataSNR: field.data?.snr,
            reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  subscript(_ cid: CellID) -> Cell { cells[cid] ?? Cell(reason: "the recording has no such cell") }

  static let columns = TableShape<Cell>([
    .float("data_ms", unit: "ms", "Peak lag of the data's receptive field") { $0.dataMs },
    .float("data_snr", "Signal to noise of the data's receptive field") { $0.dataSNR },
    .float("model_ms", unit: "ms", "Peak lag of the twin's receptive field") { $0.modelMs },
    .float("late_ms", unit: "ms", "How much later the twin responds: model_ms - data_ms") { $0.lateMs },
  ])

  /// For the end of a note.
  func note(_ cids: [CellID]) -> String {
    let rows = cids.map { self[$0] }
    let known = rows.compactMap(\.lateMs)
    let text =
      "; receptive fields from \(frameCount) frames: \(rows.count { $0.dataMs != nil }) of \(rows.count) cells have one "
      + (smallestSNR.map { "with an SNR of \(NumberText.rounded($0, decimals: 3)) or more" } ?? "clear of the noise")
    guard let median = Quantile.median(known) else { return text + "; the twin has such a field for none of them" }
    return text
      + "; the twin's peaks are \(NumberText.rounded(abs(median), decimals: 3)) ms \(median < 0 ? "earlier" : "later") (median of \(known.count) cells)"
  }
}
