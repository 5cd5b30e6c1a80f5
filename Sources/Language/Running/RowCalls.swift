import Base

/// Calls a definition by name; nil where there is no such definition.
package typealias RowCaller = (_ name: String, _ arguments: [Value], _ span: SourceSpan) throws -> Value?

/// The definitions that an expression over columns may call.
package protocol RowCalls: Sendable {
  var names: [String] { get }

  /// For one evaluation over a table: its calls share their state.
  func caller() -> RowCaller
}
