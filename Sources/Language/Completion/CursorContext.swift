import Base

/// What may be written where the cursor stands, from the text before it alone.
public struct CursorContext: Sendable, Equatable {
  public enum Expectation: Sendable, Equatable {
    case command(CommandPlace)
    /// A flag of the command, but for those already used.
    case flag(Signature, used: Set<String>)
    /// A value of an argument or flag.
    case value(ArgumentType, Signature, argument: String)
    /// Words of the language: units, types, `in`.
    case word([String])
    /// A variable's name; those that are set here.
    case variable([String])
    /// A column of the table in the pipe, or of the one in a variable, or a record's field. `columns` where it is known
    /// which there are; functions too where `inExpression`.
    case column(columns: [String]?, inExpression: Bool)
    case nothing
  }

  /// Where a command stands: what else may stand there differs.
  public enum CommandPlace: Sendable {
    /// At the beginning of a statement: `let` and its like too.
    case statement
    /// Behind `|`.
    case pipe
    /// Where a value is wanted: functions too.
    case expression
  }

  /// An argument or flag that stands before the cursor.
  public struct Given: Sendable, Equatable {
    public let type: ArgumentType
    public let text: String
  }

  public let expectation: Expectation
  /// What is written of it so far.
  public let prefix: String
  /// The characters of the text that a completion replaces; they end at the cursor.
  public let replacing: Range<Int>
  /// The open quote that the prefix stands in.
  public let quote: Character?
  /// Keywords and flags of the command that may stand here as well.
  public internal(set) var others: [String] = []
  /// What the command was given before the cursor.
  public internal(set) var given: [Given] = []
  /// The variables that are set here.
  public internal(set) var variables: [String] = []
  /// The commands there are, with those that the text itself defines.
  public internal(set) var signatures = SignatureTable([])

  /// - Parameters:
  ///   - cursor: an offset in characters.
  ///   - surroundings: what there was before the text: variables and definitions.
  public static func at(
    _ text: String, cursor: Int, signatures: SignatureTable, in surroundings: Surroundings = Surroundings()
  ) -> CursorContext {
    CursorFinder(text, cursor: cursor, signatures: signatures, surroundings: surroundings).context()
  }

  public static func == (a: CursorContext, b: CursorContext) -> Bool {
    a.expectation == b.expectation && a.prefix == b.prefix && a.replacing == b.replacing && a.quote == b.quote
      && a.others == b.others && a.given == b.given
  }
}
