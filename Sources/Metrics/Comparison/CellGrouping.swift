/// Groups of cells for means and tests.
package enum CellGrouping: String, CaseIterable, Sendable {
  case cell, session, subject

  /// The group of a cell, by the session that it was recorded in; the same for all cells with `cell`.
  package func group(ofSession session: String) -> String {
    switch self {
    case .cell: ""
    case .session: session
    case .subject: Self.subject(ofSession: session)
    }
  }

  /// The animal: the part of a session's name before the first underscore.
  package static func subject(ofSession session: String) -> String {
    String(session.prefix { $0 != "_" })
  }
}
