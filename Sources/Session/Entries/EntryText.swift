import Base
import Language
import Workspace

/// The text of an earlier entry, to be run again.
package struct EntryText {
  package let record: EntryRecord
  package let commands: CommandTable
  package let program: Program
  /// What a `param` statement was given from outside.
  package let given: [String: String]
  package let text: String

  private static let givenMark = "  # given: "

  package init(_ record: EntryRecord, text: String? = nil, commands: CommandTable) throws {
    self.record = record
    self.commands = commands
    self.text = text ?? record.source
    program = try Parser.parse(SourceText(self.text, name: "<entry \(record.id)>"), signatures: commands.signatures)
    var given: [String: String] = [:]
    if let declaration = program.parameters.first,
      let mark = record.source.ranges(of: Self.givenMark).last
    {
      given[declaration.name] = String(record.source[mark.upperBound...])
    }
    self.given = given
  }

  /// The commands of a plain entry: `COMMAND … | …` or `let x = COMMAND …`.
  package var stages: [CommandSyntax] {
    guard program.statements.count == 1, let statement = program.statements.first else { return [] }
    let expression: Expression
    switch statement.kind {
    case .value(let value), .assign(_, let value): expression = value
    default: return []
    }
    guard case .pipeline(let pipeline) = expression.kind else { return [] }
    return pipeline.stages
  }

  /// The same text with `--replace` for the commands that know it, and a result's name changed where it has another by now.
  package func replacing(name old: String? = nil, by new: String? = nil) throws -> EntryText {
    var edits: [(span: SourceSpan, text: String, isInsertion: Bool)] = []
    for stage in stages {
      guard let signature = commands.signatures[stage.name] else { continue }
      if signature.flags.contains(where: { $0.name == "replace" }),
        !stage.arguments.contains(where: { $0.flag == "replace" })
      {
        edits.append((stage.span, " --replace", true))
      }
      guard let old, let new, old != new else { continue }
      for (word, next) in zip(stage.arguments, stage.arguments.dropFirst())
      where word.flag == nil && word.value?.word == "as" && next.value?.word == old {
        edits.append((next.span, new, false))
      }
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    for edit in edits.sorted(by: { ($0.span.line, $0.span.column) > ($1.span.line, $1.span.column) }) {
      let start = edit.span.column - 1
      let end = start + edit.span.length
      guard lines.indices.contains(edit.span.line - 1), end <= lines[edit.span.line - 1].count else { continue }
      lines[edit.span.line - 1].replaceSubrange(edit.isInsertion ? end..<end : start..<end, with: edit.text)
    }
    return try EntryText(record, text: lines.map { String($0) }.joined(separator: "\n"), commands: commands)
  }
}

extension Expression {
  /// A bareword without variables.
  fileprivate var word: String? {
    guard case .word(let parts) = kind, parts.count == 1, case .text(let text)? = parts.first else { return nil }
    return text
  }
}

extension Session {
  /// Runs an earlier entry's text as a new entry that names its origin, from the folder that it ran in.
  package func again(_ text: EntryText, origin: String) throws -> Outcome {
    recall(mentionedIn: [text.text])
    if let problem = Checker(signatures: signatures).check(
      text.program, knownVariables: Set(interpreter.variables.keys)
    ).first {
      throw problem
    }
    guard text.program.statements.count == 1, let statement = text.program.statements.first else {
      throw Failure(
        .usage, "entry \(text.record.id) holds no single statement", hint: "`in \(text.record.id)` shows it")
    }
    let outer = folder
    defer { folder = outer }
    if let kept = text.record.folder { folder = workspace.absolute(path: kept) }
    try interpreter.setParameters(text.given, of: text.program)
    return run(statement, origin: origin, given: text.given.values.first)
  }
}
