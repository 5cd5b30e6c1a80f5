import Base

/// What may be written at the cursor, judged by the text before it.
public struct CursorContext: Sendable, Equatable {
  public enum Expectation: Sendable, Equatable {
    case command(CommandPlace)
    /// A flag of the command that is not used yet.
    case flag(Signature, used: Set<String>)
    /// A value of an argument or flag.
    case value(ArgumentType, Signature, argument: String)
    /// Words of the language: units, types, `in`.
    case word([String])
    /// The name of one of the variables that are set here.
    case variable([String])
    /// A column of the piped table or of a table in a variable, or a field of a record. `columns` is nil where they are not
    /// known. With `inExpression`, functions are possible too.
    case column(columns: [String]?, inExpression: Bool)
    case nothing
  }

  /// The place of a command, which decides what else is possible there.
  public enum CommandPlace: Sendable {
    /// At the beginning of a statement: also `let` and similar words.
    case statement
    /// After `|`.
    case pipe
    /// Where a value is expected: also functions.
    case expression
  }

  /// An argument or flag before the cursor.
  public struct Given: Sendable, Equatable {
    public let type: ArgumentType
    public let text: String
  }

  public let expectation: Expectation
  /// The part of it that is already written.
  public let prefix: String
  /// The range of characters that a completion replaces; it ends at the cursor.
  public let replacing: Range<Int>
  /// The open quote around the prefix.
  public let quote: Character?
  /// Keywords and flags of the command that are possible as well.
  public internal(set) var others: [String] = []
  /// The command's arguments before the cursor.
  public internal(set) var given: [Given] = []
  /// The variables that are set here.
  public internal(set) var variables: [String] = []
  /// All commands, including those that the text itself defines.
  public internal(set) var signatures = SignatureTable([])

  /// - Parameters:
  ///   - cursor: an offset in characters.
  ///   - surroundings: the variables and definitions that exist before the text.
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
