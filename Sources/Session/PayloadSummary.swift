import Workspace

extension Payload {
  /// How many cells it has; nil where it has none, or does not know them.
  package var cellCount: Int? {
    switch self {
    case .twin(let twin):
      twin.heads.contains { $0.cids == nil } ? nil : twin.heads.reduce(0) { $0 + ($1.cids?.count ?? 0) }
    case .recording(let recording): recording.cids.count
    case .predictions(let predictions): predictions.cids.count
    case .calibration(let calibration): calibration.cells.count
    case .table: nil
    }
  }

  /// What `ls` says of it in a line.
  package var summary: String {
    switch self {
    case .twin(let twin):
      let frozen = twin.frozen.isEmpty ? "" : ", frozen: \(twin.frozen.joined(separator: " "))"
      return "\(twin.heads.count) heads\(twin.note.map { ", \($0)" } ?? "")\(frozen)"
    case .recording(let recording):
      return "\(recording.session): \(recording.stimuli.map(\.name).joined(separator: ", "))"
    case .predictions(let predictions):
      let place = predictions.stimulus.map { "\(predictions.session ?? "")/\($0) \(predictions.split ?? "")" }
      return "\(place ?? predictions.file?.path ?? ""), \(predictions.frames) frames"
    case .table(let table):
      return
        "\(table.rows) rows: \(table.columns.prefix(4).joined(separator: ", "))\(table.columns.count > 4 ? ", …" : "")"
    case .calibration(let calibration):
      return
        "\(calibration.mode) on \(calibration.session)/\(calibration.stimulus)\(calibration.inSample ? ", in-sample" : "")"
    }
  }
}
