import Base
import Language
import Session

/// A command's help, from its signature.
package struct CommandHelp {
  package let commands: CommandTable

  /// Lines of this length fit a terminal of 80 columns with a section's margin.
  static let width = 76

  package init(_ commands: CommandTable) { self.commands = commands }

  package func report(_ signature: Signature, examples: [Example]) -> Report {
    var sections = [Report.Section("usage", .lines(Self.wrap(signature.usageParts, width: Self.width, indent: 4)))]
    if !signature.arguments.isEmpty {
      sections.append(
        .init("arguments", .fields(Record(signature.arguments.map { ($0.placeholder, .string(Self.text(of: $0))) }))))
    }
    if !signature.flags.isEmpty {
      sections.append(
        .init("flags", .fields(Record(signature.flags.map { ($0.placeholder, .string(Self.text(of: $0))) }))))
    }
    if let input = Self.input(of: signature) { sections.append(.init("pipe", .lines([input]))) }
    let page = ColumnPage(commands)
    for table in signature.tables where !table.columns.isEmpty {
      let heading = ["columns", table.variant?.text(in: signature)].compactMap(\.self).joined(separator: " ")
      sections.append(.init(heading, .fields(Record(table.columns.map { ($0.name, .string(page.text(of: $0))) }))))
    }
    if let detail = signature.detail {
      let paragraphs = detail.split(separator: "\n\n").map { Self.wrap(String($0), width: Self.width) }
      sections.append(.init("details", .lines(Array(paragraphs.joined(separator: [""])))))
    }
    if !examples.isEmpty {
      var lines = examples.flatMap { [$0.command, "    \($0.note)"] }
      lines.append("`examples \(signature.name)` shows what they give")
      sections.append(.init("examples", .lines(lines)))
    }
    let others = related(to: signature)
    if !others.isEmpty { sections.append(.init("see also", .lines([others.joined(separator: " ")]))) }
    return Report("\(signature.name): \(signature.summary)", sections)
  }

  private static func text(of argument: Signature.Argument) -> String {
    var notes: [String] = []
    switch argument.type {
    case .int, .float, .bool, .path, .column, .rowExpression, .cell: notes.append(argument.type.name)
    default: break
    }
    if argument.isRepeating { notes.append("one or more") }
    if argument.isOptional { notes.append("optional") }
    return argument.help + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
  }

  private static func text(of flag: Signature.Flag) -> String {
    flag.help + (flag.unit.map { ", in \($0)" } ?? "") + (flag.fallback.map { " (default \($0.plainText))" } ?? "")
  }

  private static func input(of signature: Signature) -> String? {
    switch signature.input {
    case .table: "takes a table: … | \(signature.name)"
    case .nothing, .any: nil
    }
  }

  /// Commands that name this one, that it names, or that share search terms with it: the nearest first.
  func related(to signature: Signature) -> [String] {
    let scored = commands.signatures.all.filter { $0.name != signature.name }.map { other in
      let shared = Set(other.terms).intersection(signature.terms).count
      let mentions =
        (Self.mentioned(other.name, in: signature) ? 3 : 0) + (Self.mentioned(signature.name, in: other) ? 2 : 0)
      return (name: other.name, score: 2 * shared + mentions)
    }
    let near = scored.filter { $0.score > 0 }.sorted { ($1.score, $0.name) < ($0.score, $1.name) }
    return near.prefix(5).map(\.name)
  }

  private static func mentioned(_ name: String, in signature: Signature) -> Bool {
    let texts =
      [signature.summary, signature.detail ?? ""] + signature.flags.map(\.help) + signature.arguments.map(\.help)
    return texts.contains { $0.contains("`\(name)`") || $0.contains("`\(name) ") }
  }

  package static func wrap(_ text: String, width: Int) -> [String] {
    wrap(text.split(separator: " ").map(String.init), width: width)
  }

  /// Lines of whole parts; those after the first begin with `indent` blanks.
  private static func wrap(_ parts: [String], width: Int, indent: Int = 0) -> [String] {
    var lines: [String] = []
    var line = ""
    for part in parts {
      if !line.isEmpty, line.count + part.count + 1 > width {
        lines.append(line)
        line = String(repeating: " ", count: indent) + part
      } else {
        line += (line.isEmpty ? "" : " ") + part
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }
}
