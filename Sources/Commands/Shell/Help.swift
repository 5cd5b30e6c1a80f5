import Base
import Language

/// Tells what commands there are and how they are used.
struct Help: Command {
  static let signature = Signature("help", in: "shell", "Tells what commands there are, or how one is used")
    .argument("command", .word("command"), "The command", optional: true)
    .flag("search", .string, "Commands whose text has these words")
    .returns(.report)
    .searchTerms("usage", "manual", "man", "commands", "?")

  static let examples = [
    Example("help calibrate", "One command: usage, arguments, columns, examples"),
    Example("help --search \"gain offset\"", "Find a command by words"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if let words = try call.optionalString("search") { return .report(try search(words, call)) }
    guard let name = try call.optionalString("command") else { return .report(overview()) }
    guard let command = AllCommands.command(name) else {
      throw Failure(
        .missing, "no command `\(name)`",
        hint: Suggestion.hint(for: name, among: AllCommands.signatures.names) ?? "`help` lists them",
        span: call.span(of: "command"))
    }
    return .report(CommandHelp.report(command))
  }

  private func overview() -> Report {
    var sections = AllCommands.categories.map { category in
      Report.Section(
        category,
        .fields(
          Record(
            AllCommands.all.filter { $0.signature.category == category }.map {
              ($0.signature.name, .string($0.signature.summary))
            })))
    }
    sections.append(
      .init(
        "language",
        .lines([
          "let NAME = …   param NAME: type = default \"help\"   assert CONDITION \"message\"   if … { } else { }   for x in … { }",
          "def NAME(a, b = 3) { … }   source FILE   units: rate_hz > 5 Hz   regular expressions: name =~ '^Sim'",
          "pipes: eval twin on sim/gaborium | where bits_per_spike < 0.1 | sort rate_hz | head 10",
          "$_ is the last result; `help COMMAND` tells more; docs/guide.md is a first hour at the keyboard",
        ])))
    return Report("commands", sections)
  }

  private func search(_ text: String, _ call: Call) throws -> Report {
    let words = text.lowercased().split(separator: " ").map(String.init)
    let found = AllCommands.signatures.all.filter { signature in
      let parts: [String] =
        [signature.name, signature.summary, signature.detail ?? ""] + signature.terms
        + signature.flags.map { "\($0.name) \($0.help)" }
        + signature.arguments.map(\.help)
      let content = parts.joined(separator: " ").lowercased()
      return words.allSatisfy { content.contains($0) }
    }
    guard !found.isEmpty else {
      throw Failure(
        .missing, "no command has the words `\(text)`", hint: "`help` lists all", span: call.span(of: "search"))
    }
    return Report(
      "commands with `\(text)`", [.init("found", .fields(Record(found.map { ($0.name, .string($0.summary)) })))])
  }
}

/// A command's help, from its signature.
enum CommandHelp {
  static func report(_ command: any Command.Type) -> Report {
    let signature = command.signature
    var sections = [Report.Section("usage", .lines([signature.usage]))]
    if !signature.arguments.isEmpty {
      sections.append(
        .init(
          "arguments",
          .fields(
            Record(
              signature.arguments.map { ($0.placeholder, .string($0.help + ($0.isOptional ? " (optional)" : ""))) }))))
    }
    if !signature.flags.isEmpty {
      sections.append(
        .init(
          "flags",
          .fields(
            Record(
              signature.flags.map { flag in
                let fallback = flag.fallback.map { " (default \($0.plainText))" } ?? ""
                return (flag.placeholder, .string(flag.help + (flag.unit.map { ", \($0)" } ?? "") + fallback))
              }))))
    }
    if case .table(let columns) = signature.result, !columns.isEmpty {
      sections.append(
        .init(
          "columns",
          .fields(
            Record(
              columns.map {
                (
                  $0.name,
                  .string(
                    [$0.type, $0.unit, $0.help].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", "))
                )
              }))))
    }
    if let detail = signature.detail { sections.append(.init("details", .lines(wrap(detail, width: 96)))) }
    if !command.examples.isEmpty {
      sections.append(.init("examples", .lines(command.examples.flatMap { ["\($0.command)", "    \($0.note)"] })))
    }
    return Report("\(signature.name): \(signature.summary)", sections)
  }

  static func wrap(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + word.count + 1 > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return line.isEmpty ? lines : lines + [line]
  }
}
