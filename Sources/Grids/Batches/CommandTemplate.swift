import Base

/// A command line with `{placeholders}`, one for each job.
package struct CommandTemplate: Sendable, Equatable {
  private enum Part: Sendable, Equatable {
    case text(String)
    case placeholder(String)
  }

  private let parts: [Part]
  package let text: String

  /// `{{` and `}}` are single braces. Braces around anything but a name stay as they are, as in `{1..3}` and `${HOME}`.
  ///
  /// - Throws: a usage failure for a text with a line break, or with nothing in it.
  package init(_ text: String) throws {
    guard !text.trimmingBlanks.isEmpty else { throw Failure(.usage, "the command line is empty") }
    guard !text.contains(where: \.isNewline), !text.utf8.contains(0) else {
      throw Failure(
        .usage, "a command line of a job is one line", hint: "put several lines into a script, and run that")
    }
    var parts: [Part] = []
    var plain = ""
    var rest = text[...]
    while let character = rest.first {
      if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
        plain.append(character)
        rest = rest.dropFirst(2)
      } else if character == "{", plain.last != "$", let end = rest.firstIndex(of: "}"),
        case let name = String(rest[rest.index(after: rest.startIndex)..<end]), Self.isName(name)
      {
        if !plain.isEmpty { parts.append(.text(plain)) }
        plain = ""
        parts.append(.placeholder(name))
        rest = rest[rest.index(after: end)...]
      } else {
        plain.append(character)
        rest = rest.dropFirst()
      }
    }
    if !plain.isEmpty { parts.append(.text(plain)) }
    (self.parts, self.text) = (parts, text)
  }

  private static func isName(_ text: String) -> Bool {
    text.first.map { $0.isLetter || $0 == "_" } == true && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }

  package var placeholders: [String] {
    parts.compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
  }

  /// The command line with the values of one job, quoted for the shell.
  ///
  /// - Throws: a usage failure for a placeholder without a value.
  package func filled(_ values: [String: String]) throws -> String {
    try parts.map { part in
      switch part {
      case .text(let text): return text
      case .placeholder(let name):
        guard let value = values[name] else {
          throw Failure(
            .usage, "the command line has {\(name)}, and the jobs have no such value",
            hint: Suggestion.hint(for: name, among: values.keys)
              ?? "they have \(values.keys.sorted().map { "{\($0)}" }.joined(separator: ", "))")
        }
        guard !value.contains(where: \.isNewline) else {
          throw Failure(.usage, "a value of {\(name)} has a line break", hint: "a job's command line is one line")
        }
        return ShellWord.quoted(value)
      }
    }.joined()
  }
}

/// Words of a shell's command line.
package enum ShellWord {
  /// The text as one word.
  package static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "_-./+=:,@%".utf8.contains($0)
      }
    return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
