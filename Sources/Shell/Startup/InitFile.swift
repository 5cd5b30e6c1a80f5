import Base
import Foundation
import Language

/// The user's own file for the prompt, `~/.config/vcsh/init.vc`: aliases and definitions. Batch never reads it.
///
/// `alias NAME = TEXT` stands for a text at the place of a command. Aliases are replaced as an entry is typed, so that
/// history and recipes hold what ran.
package struct InitFile {
  package private(set) var aliases: [String: String] = [:]
  package private(set) var definitions: [Definition] = []
  /// What is wrong with it, in the order of its lines; the rest of the file is used where that is possible.
  package private(set) var failures: [Failure] = []
  package let source: SourceText

  private static let byteLimit = 1_000_000

  /// Where the file is: under XDG_CONFIG_HOME if that is an absolute path, else under `~/.config`.
  package static func path(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
    if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/vcsh/init.vc" }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return home + "/.config/vcsh/init.vc"
  }

  /// Reads the file; nil where there is none.
  package static func read(at path: String, commands: SignatureTable) -> InitFile? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      let file = try RegularFile(path: path)
      guard file.size <= byteLimit else { throw Failure(.format, "\(path) is too large for aliases and definitions") }
      return InitFile(try SourceText.decoded(file.contents(), name: path), name: path, commands: commands)
    } catch {
      var empty = InitFile("", name: path, commands: commands)
      empty.failures = [error as? Failure ?? Failure(.system, "can't read \(path)")]
      return empty
    }
  }

  package init(_ text: String, name: String, commands: SignatureTable) {
    source = SourceText(text, name: name)
    var rest: [String] = []
    var lines: [(number: Int, name: String, text: String)] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      guard
        let match = Habit.masked(String(line)).prefixMatch(
          of: /\s*alias\b\s*([^=]*?)\s*=?\s*$|\s*alias\s+([^=]*?)\s*=\s*/)
      else {
        rest.append(String(line))
        continue
      }
      // The lines below keep their numbers.
      rest.append("")
      let value = line.dropFirst(match.0.count).prefix(Habit.masked(String(line)).count - match.0.count)
      lines.append((index + 1, String(match.1 ?? match.2 ?? ""), Self.unquoted(value.trimming)))
    }
    readDefinitions(rest, commands)
    let known = commands.adding(definitions.map(\.signature))
    for line in lines { add(alias: line.name, line.text, known, line: line.number) }
    failures.sort { ($0.span?.line ?? 0) < ($1.span?.line ?? 0) }
  }

  private static func unquoted(_ text: String) -> String {
    guard let first = text.first, text.count > 1, first == "'" || first == "\"", text.last == first else { return text }
    return String(text.dropFirst().dropLast())
  }

  private mutating func readDefinitions(_ lines: [String], _ commands: SignatureTable) {
    do {
      definitions = try Self.definitions(lines.joined(separator: "\n"), source.name, commands)
    } catch {
      // What stands before and after an error is kept: each `def` at the beginning of a line by itself.
      let starts = [0] + lines.indices.filter { $0 > 0 && lines[$0].hasPrefix("def ") }
      for (start, end) in zip(starts, starts.dropFirst() + [lines.count]) {
        let text = String(repeating: "\n", count: start) + lines[start..<end].joined(separator: "\n")
        do {
          definitions += try Self.definitions(text, source.name, commands.adding(definitions.map(\.signature)))
        } catch {
          failures.append(error as? Failure ?? Failure(.usage, "\(source.name) can't be read"))
        }
      }
      if failures.isEmpty, let failure = error as? Failure { failures = [failure] }
    }
  }

  private static func definitions(_ text: String, _ name: String, _ commands: SignatureTable) throws -> [Definition] {
    let program = try Parser.parse(SourceText(text, name: name), signatures: commands)
    for statement in program.statements {
      if case .define = statement.kind { continue }
      throw Failure(
        .usage, "only aliases and definitions can stand here",
        hint: "write `alias NAME = COMMAND …` or `def NAME() { … }`", span: statement.span)
    }
    if let problem = Checker(signatures: commands).check(program).first { throw problem }
    return program.definitions
  }

  private mutating func add(alias name: String, _ text: String, _ known: SignatureTable, line: Int) {
    let place = SourceSpan(source: source.name, line: line, column: 1, length: max(1, source.line(line)?.count ?? 1))
    var text = text
    var first = String(text.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
    // An alias may begin with one of the lines above it.
    if known[first] == nil, let earlier = aliases[first] {
      text = earlier + text.dropFirst(first.count)
      first = String(text.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
    }
    let problem: Failure? =
      if name.wholeMatch(of: /[\p{L}_][\p{L}\p{N}_-]*/) == nil || text.isEmpty {
        Failure(.usage, "an alias is written `alias NAME = COMMAND …`", span: place)
      } else if known[name] != nil || Parser.keywords.contains(name) {
        Failure(.usage, "`\(name)` is already a command", hint: "give the alias another name", span: place)
      } else if known[first] == nil, !Parser.keywords.contains(first) {
        Failure(
          .usage, "the alias `\(name)` does not name a command: there is no command `\(first.isEmpty ? text : first)`",
          hint: known.suggestion(for: first).map { "did you mean `\($0)`?" } ?? "`help` lists the commands", span: place
        )
      } else {
        nil
      }
    if let problem { failures.append(problem) } else { aliases[name] = text }
  }
}
