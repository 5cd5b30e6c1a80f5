import Base
import Functions
import Help
import Language
import Session
import Workspace

/// Tells what the word at the cursor is. Reads the catalogue, never arrays.
public struct Inspector {
  package let session: Session

  public init(session: Session) { self.session = session }

  public struct Found {
    public var name: String
    /// `command`, `flag`, `keyword`, `object`, `stimulus`, `variable`, `column`, `function`, `metric` or `argument`.
    public var kind: String
    /// The word's characters.
    public var range: Range<Int>
    public var report: Report
  }

  /// - Parameter cursor: an offset in characters; the word may lie on both sides of it.
  /// - Returns: nil where nothing is known. Within a command's arguments that is never so: they fall back to its help.
  public func inspect(_ code: String, cursor: Int) -> Found? {
    let characters = Array(code)
    var end = min(max(0, cursor), characters.count)
    while end < characters.count, continues(characters[end]) { end += 1 }
    let context = CursorContext.at(
      code, cursor: end, signatures: session.interpreter.signatures, in: Surroundings(session.interpreter))
    let range = context.replacing
    let found = found(context.prefix, context.expectation)
    if let found { return Found(name: found.name, kind: found.kind, range: range, report: found.report) }
    guard let signature = signature(context.expectation) ?? called(before: characters[..<range.lowerBound]),
      let report = help(signature.name)
    else { return nil }
    return Found(name: signature.name, kind: "command", range: range, report: report)
  }

  /// Kinds of words that help has pages for.
  private static let topics: Set<String> = ["command", "topic", "metric", "metrics"]

  private typealias Answer = ObjectPage.Answer

  private var pages: ObjectPage { ObjectPage(session) }

  private func continues(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_-/.".contains(character)
  }

  private func found(_ word: String, _ expectation: CursorContext.Expectation) -> Answer? {
    guard !word.isEmpty else { return nil }
    switch expectation {
    case .command:
      return help(word).map { (word, "command", $0) }
    case .flag(let signature, _):
      return flag(String(word.drop { $0 == "-" }), of: signature)
    case .value(let type, let signature, let name):
      if let argument = signature.arguments.first(where: { $0.keyword == word }) {
        return (word, "keyword", Self.report(argument, of: signature))
      }
      if case .word(let what) = type, Self.topics.contains(what), let report = help(word) {
        return (word, what == "metric" ? "metric" : "command", report)
      }
      if let object = pages.object(word) { return object }
      let argument = signature.arguments.first { $0.name == name }
      return argument.map { (name, "argument", Self.report($0, of: signature)) } ?? flag(name, of: signature)
    case .word:
      return HelpTopic(session.commands).named(word, session.interpreter.signatures).first.map { (word, "keyword", $0) }
    case .variable:
      return pages.variable(word)
    case .column(let columns, let inExpression):
      if columns?.contains(word) ?? true, let page = ColumnPage(session.commands).report(word) {
        return (word, "column", page)
      }
      guard inExpression, FunctionTable.names.contains(word) else { return nil }
      return HelpTopic(session.commands).named(word, session.interpreter.signatures).first.map {
        (word, "function", $0)
      }
    case .nothing:
      return pages.object(word)
    }
  }

  private func signature(_ expectation: CursorContext.Expectation) -> Signature? {
    switch expectation {
    case .flag(let signature, _), .value(_, let signature, _): signature
    default: nil
    }
  }

  /// The command that the text is in, where the cursor's place alone does not tell: the last one that is named.
  private func called(before characters: ArraySlice<Character>) -> Signature? {
    let line = characters.split { $0.isNewline || "|;{}".contains($0) }.last
    let words = String(line ?? []).split(whereSeparator: \.isWhitespace)
    return words.lazy.compactMap { session.interpreter.signatures[String($0)] }.first
  }

  private func help(_ name: String) -> Report? {
    HelpTopic(session.commands).named(name, session.interpreter.signatures).first
  }

  private func flag(_ name: String, of signature: Signature) -> Answer? {
    if let argument = signature.arguments.first(where: { $0.keyword == name }) {
      return ("--\(name)", "flag", Self.report(argument, of: signature))
    }
    guard let flag = signature.flags.first(where: { $0.name == name }) else { return nil }
    var fields = Record([("takes", .string(flag.placeholder)), ("command", .string(signature.name))])
    if let fallback = flag.fallback { fields["default"] = fallback }
    if let unit = flag.unit { fields["unit"] = .string(unit) }
    return ("--\(name)", "flag", Report("--\(name): \(flag.help)", [.init("", .fields(fields))]))
  }

  private static func report(_ argument: Signature.Argument, of signature: Signature) -> Report {
    Report(
      "\(argument.placeholder): \(argument.help)",
      [.init("", .fields(Record([("command", .string(signature.usage)), ("takes", .string(argument.type.name))])))])
  }
}
