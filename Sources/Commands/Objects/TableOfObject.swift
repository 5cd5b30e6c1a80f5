import Base
import Language
import Session
import Workspace

extension Session {
  /// The table behind a name: a stored table, a calibration's cells.
  func table(of record: VersionRecord, named name: String, call: Call) throws -> Value {
    switch record.payload {
    case .table(let payload):
      return try workspace.value(payload.object)
    case .calibration(let payload):
      return .table(
        Table([
          Column("cid", payload.cells.map(\.cid)),
          Column("gain", payload.cells.map(\.gain)),
          Column("offset", payload.cells.map(\.offset)),
          Column("reason", payload.cells.map(\.reason)),
        ]))
    case .predictions:
      throw Failure(
        .mismatch, "`\(name)` holds predictions: they are written as .npz",
        hint: "\(call.signature.name) \(name) FILE.npz",
        span: call.span(of: "file"))
    case .twin, .recording:
      throw Failure(
        .mismatch, "`\(name)` is a \(record.kind.rawValue): only predictions and tables are written to files",
        span: call.span(of: "subject"))
    }
  }
}
