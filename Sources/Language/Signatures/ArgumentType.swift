import Base

/// What an argument or a flag takes: read by the parser, the checker, completion and help alike.
public enum ArgumentType: Sendable, Equatable {
  /// A flag without a value.
  case toggle
  case string, int, float, bool
  /// A file or folder.
  case path
  /// The name of an object in the workspace, of one of these kinds; of any kind where none is named.
  case object(kinds: [String])
  /// A name that is given to a result.
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
  /// A word that the host completes; the label says which.
  case word(String)
  /// The rest of the line as it stands.
  case raw

  /// The word for messages and help.
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

/// What a command takes from the pipe.
public enum InputType: String, Sendable {
  /// A pipe into it is an error.
  case nothing
  /// It needs a table.
  case table
  /// It takes whatever comes, or nothing.
  case any
}

/// What a command yields.
public enum ResultType: Sendable, Equatable {
  case nothing
  /// A table with these columns; an empty list where they are not known beforehand.
  case table([ColumnSignature])
  case record, report, value, any
  /// The piped table with other rows.
  case input
  /// The piped table's columns that this argument names.
  case selected(by: String)
  /// The piped table with the column that the first argument names under the name of the second; else nothing.
  case renamed(from: String, to: String)
  /// The piped table with the columns that this argument names marked as groups.
  case grouped(by: String)
  /// A column for every expression of the first argument, behind those of the second and of the groups.
  case summary(of: String, by: String)
  /// The piped table's columns and those of the table that the first argument holds, but for those joined on.
  case joined(with: String, on: String)
  /// The columns that this argument names and how often their values occur; a number where it names none.
  case counted(by: String)
}
