import Base
import Help
import Language
import Session

/// The command reference in markdown, made from the signatures.
public struct Reference {
  private let commands: CommandTable

  public init(_ commands: CommandTable) { self.commands = commands }

  /// - Throws: a failure where a snapshot file of what the examples print can't be read.
  public func markdown() throws -> String {
    var text = "# Commands\n\nMade from the signatures by `make docs`; `help COMMAND` shows the same at the prompt.\n"
    for category in commands.categories {
      text += "\n## \(category)\n"
      for command in commands.all where command.signature.category == category {
        text += try section(command)
      }
    }
    return text
  }

  private func section(_ command: any Command.Type) throws -> String {
    let signature = command.signature
    var text = "\n### \(signature.name)\n\n\(signature.summary).\n\n```\n\(signature.usage)\n```\n"
    if let detail = signature.detail { text += "\n\(detail)\n" }
    let arguments = signature.arguments.map { [$0.placeholder, $0.help + ($0.isOptional ? " (optional)" : "")] }
    let flags = signature.flags.map { flag in
      [
        flag.placeholder,
        flag.help + (flag.unit.map { ", \($0)" } ?? "") + (flag.fallback.map { " (default `\($0.plainText)`)" } ?? ""),
      ]
    }
    if !(arguments + flags).isEmpty { text += "\n" + Self.table(["argument", "meaning"], arguments + flags) }
    for given in signature.tables where !given.columns.isEmpty {
      text +=
        "\n" + (given.variant.map { "Columns \($0.text(in: signature)):\n\n" } ?? "")
        + Self.table(
          ["column", "type", "unit", "meaning"],
          given.columns.map { [$0.name, $0.type, $0.unit ?? "", ColumnPage(commands).meaning(of: $0)] })
    }
    let snapshot = try ExampleSnapshot.installed(for: signature.name)
    for example in command.examples {
      let output = snapshot?.output(of: example.command).map { $0.isEmpty ? "" : $0 + "\n" } ?? ""
      text += "\n\(example.note):\n\n```\n> \(example.command)\n\(output)```\n"
    }
    return text
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines =
      [head, head.map { _ in "---" }]
      + rows.map { row in row.enumerated().map { $0 == 0 && head[0] == "argument" ? "`\($1)`" : $1 } }
    return lines.map { "| " + $0.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |" }.joined(
      separator: "\n") + "\n"
  }
}
