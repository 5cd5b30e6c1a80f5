import Base
import Foundation
import Language
import Workspace

/// Entries as the text of a recipe, the values that one may want to change lifted out as parameters.
package struct RecipeText {
  private struct Parameter {
    package var name: String
    package var type: String
    package var value: String
    package var help: String
    /// What distinguishes parameters that would share a name.
    package var identity: String
  }

  private struct Candidate {
    package var name: String
    package var type: String
    package var value: String
    package var help: String
    /// What stays before the value: a recording's name and a slash.
    package var prefix = ""
  }

  private let session: Session
  private let lifts: Bool
  private var parameters: [Parameter] = []
  /// Names that variables of the entries have.
  private var taken: Set<String> = []
  /// Parameters that the entries declare themselves.
  private var declared: [String] = []
  package private(set) var text = ""

  /// - Parameters:
  ///   - comments: lines for the head of the recipe.
  ///   - remarks: comments between the entries, by the number of the entry that they stand before.
  package init(
    _ items: [RecipeEntries.Item], comments: [String], remarks: [Int64: [String]] = [:], lifts: Bool,
    in session: Session
  ) {
    self.session = session
    self.lifts = lifts
    for item in items {
      for match in item.record.source.matches(of: /(?:\$\{?|\blet +|\bfor +)([\p{L}_][\p{L}\p{N}_]*)/) {
        taken.insert(String(match.1))
      }
    }
    var body: [String] = []
    var seen: Set<String> = []
    for item in items {
      body += (remarks[item.record.id] ?? []).map(Self.comment)
      if case .parameter(let declaration)? = item.text.program.statements.first?.kind {
        let given = item.text.given[declaration.name]
        if seen.insert(declaration.name).inserted {
          declared.append(Self.text(of: declaration, given: given, as: item.text.text))
        } else {
          body.append("let \(declaration.name) = \(Self.expression(of: declaration, given: given))")
        }
        continue
      }
      if let needing = item.neededBy { body.append("# entry \(item.record.id), which entry \(needing) needs") }
      body.append(entry(item))
    }
    body += (remarks[.max] ?? []).map(Self.comment)
    var lines = ["vcsh 1"] + comments.map(Self.comment)
    let own = parameters.map { parameter in
      "param \(parameter.name): \(parameter.type) = \(Self.word(parameter.value)) \(Printer.quoted(parameter.help))"
    }
    if !(declared + own).isEmpty { lines += [""] + declared + own }
    text = (lines + [""] + body).joined(separator: "\n") + "\n"
  }

  private static func comment(_ text: String) -> String {
    "# " + text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  // MARK: Declared parameters

  private static func text(of declaration: ParameterDeclaration, given: String?, as text: String) -> String {
    guard let given else { return text }
    let value = declaration.type.element == nil ? word(given) : list(given, of: declaration.type)
    return "param \(declaration.name): \(declaration.type.rawValue) = \(value)"
      + (declaration.help.map { " " + Printer.quoted($0) } ?? "")
  }

  private static func expression(of declaration: ParameterDeclaration, given: String?) -> String {
    let text = given ?? declaration.fallback?.literalText ?? ""
    switch declaration.type {
    case .int, .float, .bool: return text
    case .string, .path: return Printer.quoted(text)
    case .strings, .ints, .floats, .bools, .paths:
      return given.map { list($0, of: declaration.type) } ?? declaration.fallback.map(Printer.print) ?? "[]"
    }
  }

  /// A list that was given as text, as an expression.
  private static func list(_ given: String, of type: ParameterDeclaration.ParameterType) -> String {
    let isText = type == .strings || type == .paths
    let elements = ListText.elements(of: given)
    return "[" + elements.map { isText ? Printer.quoted($0) : $0 }.joined(separator: ", ") + "]"
  }

  /// A value as an argument may be written.
  package static func word(_ value: String) -> String {
    let isPlain =
      value.allSatisfy { $0.isLetter || $0.isNumber || "-_./:+~".contains($0) }
      && value.first.map { $0.isLetter || $0.isNumber || "/-.~_".contains($0) } == true && !value.hasPrefix("--")
    return isPlain ? value : Printer.quoted(value)
  }

  // MARK: Entries

  private mutating func entry(_ item: RecipeEntries.Item) -> String {
    guard lifts else { return item.text.text }
    var edits: [(span: SourceSpan, text: String)] = []
    var lines = item.text.text.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    for statement in item.text.program.statements {
      for literal in statement.literalArguments(session.signatures) {
        guard let candidate = candidate(literal, item.record),
          let written = Self.slice(literal.span, of: lines), let quote = Self.quote(of: written, literal.text)
        else { continue }
        let value = "\(candidate.prefix)$\(name(of: candidate))"
        edits.append((literal.span, quote && !candidate.prefix.isEmpty ? "\"\(value)\"" : value))
      }
      if let file = statement.writtenFile, let written = Self.slice(file.span, of: lines),
        Self.quote(of: written, file.text) != nil
      {
        edits.append((file.span, "$" + name(of: Self.written(file.text, by: ">"))))
      }
    }
    for edit in edits.sorted(by: { ($0.span.line, $0.span.column) > ($1.span.line, $1.span.column) }) {
      let start = edit.span.column - 1
      lines[edit.span.line - 1].replaceSubrange(start..<start + edit.span.length, with: edit.text)
    }
    return lines.map { String($0) }.joined(separator: "\n")
  }

  /// The characters of a place; nil where it is not within one line.
  private static func slice(_ span: SourceSpan, of lines: [[Character]]) -> String? {
    guard lines.indices.contains(span.line - 1), span.column > 0 else { return nil }
    let line = lines[span.line - 1]
    let start = span.column - 1
    guard start + span.length <= line.count else { return nil }
    return String(line[start..<start + span.length])
  }

  /// Whether a text stands there in quotes; nil where something else stands there.
  private static func quote(of written: String, _ text: String) -> Bool? {
    if written == text { return false }
    return ["'\(text)'", "\"\(text)\""].contains(written) ? true : nil
  }

  // MARK: Parameters

  private func candidate(_ literal: LiteralArgument, _ record: EntryRecord) -> Candidate? {
    let label = literal.isFlag ? "\(literal.command.name) --\(literal.name)" : literal.command.name
    switch literal.type {
    case .path:
      if literal.command.written.contains(literal.name) { return Self.written(literal.text, by: label) }
      let stem = (literal.text as NSString).lastPathComponent.prefix { $0 != "." }
      let base = literal.isFlag ? literal.name : "\(literal.newName ?? String(stem))_path"
      let help = literal.newName.map { literal.isFlag ? "\(label) of \($0)" : "opened as \($0)" } ?? "read by \(label)"
      return Candidate(name: base, type: "path", value: readable(literal.text, record), help: help)
    case .stimulus:
      guard let slash = literal.text.firstIndex(of: "/"), case let part = String(literal.text[slash...].dropFirst()),
        !part.isEmpty
      else { return nil }
      let prefix = String(literal.text[...slash])
      return Candidate(
        name: "stimulus", type: "string", value: part, help: "stimulus of \(prefix.dropLast())", prefix: prefix)
    case .cell:
      return Int(literal.text).map {
        Candidate(name: "cid", type: "int", value: String($0), help: "cell of \(literal.command.name)")
      }
    case .int where literal.isFlag && Int(literal.text) != nil:
      return Candidate(name: literal.name, type: "int", value: literal.text, help: "\(label): \(literal.help)")
    case .float where literal.isFlag && Double(literal.text)?.isFinite == true:
      return Candidate(name: literal.name, type: "float", value: literal.text, help: "\(label): \(literal.help)")
    case .choice(let choices) where literal.name == "split":
      return Candidate(
        name: "split", type: "string", value: literal.text, help: "split: \(choices.joined(separator: ", "))")
    default: return nil
    }
  }

  private static func written(_ path: String, by label: String) -> Candidate {
    let stem = (path as NSString).lastPathComponent.prefix { $0 != "." }
    return Candidate(
      name: "\(stem)_file", type: "path", value: path,
      help: label == ">" ? "file for a result" : "file that \(label) writes")
  }

  /// A path that means the same from any folder.
  private func readable(_ path: String, _ record: EntryRecord) -> String {
    let outer = session.folder
    defer { session.folder = outer }
    if let folder = record.folder { session.folder = session.workspace.absolute(path: folder) }
    return session.absolute(path)
  }

  /// The parameter of a value: one that is there already, or a new one.
  private mutating func name(of candidate: Candidate) -> String {
    let identity = "\(candidate.name) \(candidate.type) \(candidate.prefix) \(candidate.value)"
    if let known = parameters.first(where: { $0.identity == identity }) { return known.name }
    let letters = candidate.name.map { $0.isLetter || $0.isNumber ? $0 : "_" }
    var base = String(letters)
    if base.first.map({ $0.isLetter || $0 == "_" }) != true { base = "a_" + base }
    if ReservedParameters.names.contains(base) || base == "_" { base += "_value" }
    var name = base
    var number = 2
    while taken.contains(name) {
      name = "\(base)_\(number)"
      number += 1
    }
    taken.insert(name)
    parameters.append(
      Parameter(name: name, type: candidate.type, value: candidate.value, help: candidate.help, identity: identity))
    return name
  }
}
