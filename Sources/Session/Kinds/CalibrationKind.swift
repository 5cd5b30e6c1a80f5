import Base
import Fitting
import Language
import Workspace

/// A calibration: gain and offset of every cell. It has no name; the newest one of a subject is in force.
extension CalibrationPayload: ObjectKind {
  package static var isNamed: Bool { false }
  package static var isExported: Bool { true }

  package var opened: Record { Record([("cells", .int(cells.count))]) }
  package var cellCount: Int? { cells.count }

  package var line: String { nameless + (inSample ? ", in-sample" : "") }
  package var nameless: String { "\(mode) on \(session)/\(stimulus)" }
  package var inForce: String { "(in force for \(session)/\(stimulus))" }

  package func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value {
    .table(table)
  }

  package func value(in workspace: Workspace) throws -> Value? { .table(table) }

  private var table: Table {
    Table([
      Column("cid", cells.map { Optional($0.cid) }), Column("gain", cells.map(\.gain)),
      Column("offset", cells.map(\.offset), unit: "counts/bin"),
      Column("reason", cells.map { $0.reason ?? ($0.gain == 0 ? CalibrationLimit.gainIsZero.rawValue : nil) }),
    ])
  }

  package func difference(from earlier: CalibrationPayload, by comparison: ObjectComparison) throws -> String? {
    comparison.difference(earlier.table, table)
  }
}
