import Base

/// The type of an argument or flag, for parser, checker, completion and help.
public enum ArgumentType: Sendable, Equatable {
  /// A flag without a value.
  case toggle
  case string, int, float, bool
  /// A file or folder.
  case path
  /// The name of a workspace object of one of these kinds; of any kind where the list is empty.
  case object(kinds: [String])
  /// A new name for a result.
  case newName
  /// `REC/STIM`: a stimulus of a recording.
  case stimulus
  /// A cell's id.
  case cell
  case choice([String])
  /// A column of the piped table.
  case column
  /// An expression over the columns of the piped table.
  case rowExpression
  /// Any value.
  case value
  /// A word that the host completes; the label names its kind.
  case word(String)
  /// The rest of the line, unchanged.
  case raw

  /// The type's name in messages and help.
  public var name: String {
    switch self {
    case .toggle: "toggle"
    case .string: "text"
    case .int: "int"
    case .float: "float"
    case .bool: "true|false"
    case .path: "path"
    case .object(let kinds): kinds.isEmpty ? "object" : kinds.joined(separator: "|")
    case .newName: "name"
    case .stimulus: "REC/STIM"
    case .cell: "cid"
    case .choice(let choices): choices.joined(separator: "|")
    case .column: "column"
    case .rowExpression: "expression over columns"
    case .value: "value"
    case .word(let label): label
    case .raw: "text"
    }
  }
}

/// The input that a command takes from the pipe.
public enum InputType: String, Sendable {
  /// None; a pipe into the command is an error.
  case nothing
  /// A table, which is required.
  case table
  /// Any value, or none.
  case any
}

/// The type of a command's result.
public enum ResultType: Sendable, Equatable {
  case nothing
  /// A table with these columns; an empty list where they are not known before the run.
  case table([ColumnSignature])
  case record, report, value, any
  /// The piped table with other rows.
  case input
  /// The columns of the piped table that this argument names.
  case selected(by: String)
  /// The piped table, where the column named by the first argument gets the name in the second; nothing without a pipe.
  case renamed(from: String, to: String)
  /// The piped table, grouped by the columns that this argument names.
  case grouped(by: String)
  /// The columns of the second argument and of the groups, then one column for every expression of the first argument.
  case summary(of: String, by: String)
  /// The columns of the piped table and of the table in the first argument, without the join columns of the latter.
  case joined(with: String, on: String)
  /// The columns that this argument names, and how often their values occur; a number where it names none.
  case counted(by: String)

  /// The kinds of results that are written to files in different ways.
  public enum Shape: String, Sendable {
    case table, record, report
  }

  /// nil where the result may be of several kinds.
  public var shape: Shape? {
    switch self {
    case .table, .selected, .grouped, .summary, .joined: .table
    case .record: .record
    case .report: .report
    case .nothing, .value, .any, .input, .renamed, .counted: nil
    }
  }
}
