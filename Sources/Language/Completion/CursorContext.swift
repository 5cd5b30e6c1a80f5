import Base

/// What may be written where the cursor stands, from the text before it alone.
public struct CursorContext: Sendable, Equatable {
  public enum Expectation: Sendable, Equatable {
    case command
    /// A flag of the command, but for those already used.
    case flag(Signature, used: Set<String>)
    /// A value of an argument or flag.
    case value(ArgumentType, Signature, argument: String)
    /// `on`, `as`: keywords of the command that are not used yet.
    case keyword([String], Signature)
    case variable
    /// A column of what `pipeline` yields. `columns` where signatures tell them; functions too where `inExpression`.
    case column(pipeline: String, columns: [String]?, inExpression: Bool)
    case nothing
  }

  public let expectation: Expectation
  /// What is written of it so far.
  public let prefix: String
  /// The characters of the text that a completion replaces; they end at the cursor.
  public let replacing: Range<Int>
  /// The open quote that the prefix stands in.
  public let quote: Character?

  /// - Parameters:
  ///   - cursor: an offset in characters.
  ///   - variableColumns: columns of the tables that variables hold.
  public static func at(
    _ text: String, cursor: Int, signatures: SignatureTable, variableColumns: [String: [String]] = [:]
  ) -> CursorContext {
    let finder = CursorFinder(text, cursor: cursor, signatures: signatures, variableColumns: variableColumns)
    return finder.context()
  }
}
