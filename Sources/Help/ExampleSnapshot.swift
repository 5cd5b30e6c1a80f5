import Base
import Foundation

/// What the examples of one command print, as its snapshot file keeps it.
///
/// The file `docs/examples/COMMAND.txt` reads like a session: a line `> COMMAND` for each example, then its output with
/// two blanks before each line, then an empty line. An example of several lines has `> ` before each of them.
/// Nothing needs escaping: a line that starts with `> ` is a command, every other one is output.
package struct ExampleSnapshot: Equatable {
  package struct Entry: Equatable {
    package var command: String
    /// Without an empty line at its end.
    package var output: String

    package init(command: String, output: String) {
      self.command = command
      self.output = output
    }
  }

  /// Where the files lie among the installed folders.
  package static let folder = "docs/examples"
  private static let mark = "> "
  private static let indent = "  "

  package var entries: [Entry]

  package init(_ entries: [Entry]) { self.entries = entries }

  /// Reads a snapshot file's text.
  ///
  /// - Parameter name: the file, for failures.
  /// - Throws: a format failure with the first line that is neither a command nor output.
  package init(reading text: String, name: String) throws {
    var commands: [[String]] = []
    var outputs: [[String]] = []
    var isInCommand = false
    for (index, line) in text.components(separatedBy: "\n").enumerated() {
      if let rest = Self.rest(of: line, after: Self.mark) {
        if !isInCommand {
          commands.append([])
          outputs.append([])
        }
        commands[commands.count - 1].append(rest)
        isInCommand = true
        continue
      }
      isInCommand = false
      let output = line.isEmpty ? "" : Self.rest(of: line, after: Self.indent)
      guard let output, !outputs.isEmpty || output.isEmpty else {
        throw Failure(
          .format, "\(name):\(index + 1): expected `> COMMAND`, or output with two blanks before it",
          hint: "`make docs` writes the file again")
      }
      if !outputs.isEmpty { outputs[outputs.count - 1].append(output) }
    }
    entries = zip(commands, outputs).map { command, output in
      Entry(
        command: command.joined(separator: "\n"),
        output: output.prefix((output.lastIndex { !$0.isEmpty } ?? -1) + 1).joined(separator: "\n"))
    }
  }

  /// The text of the snapshot file.
  package var text: String {
    entries.map { entry in
      let command = entry.command.components(separatedBy: "\n").map { Self.mark + $0 }
      let output = entry.output.components(separatedBy: "\n").map { $0.isEmpty ? "" : Self.indent + $0 }
      return (command + (entry.output.isEmpty ? [] : output)).joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  /// The output of an example; nil where the file does not have it.
  package func output(of command: String) -> String? { entries.first { $0.command == command }?.output }

  /// The snapshot file's name for a command.
  package static func fileName(for command: String) -> String { command + ".txt" }

  /// The installed snapshot of a command's examples; nil where there is none.
  ///
  /// - Throws: a failure where the file can't be read or is not a snapshot.
  package static func installed(for command: String) throws -> ExampleSnapshot? {
    guard let folder = InstalledFolder.path(of: folder) else { return nil }
    let path = folder + "/" + fileName(for: command)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      return try ExampleSnapshot(reading: String(contentsOfFile: path, encoding: .utf8), name: path)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        .system, "\(path): can't be read: \((error as NSError).localizedDescription)",
        hint: "install vcsh again, or run `make docs`")
    }
  }

  /// What follows `start` in the line. By code points: a combining mark must not hide the start.
  private static func rest(of line: String, after start: String) -> String? {
    guard line.unicodeScalars.starts(with: start.unicodeScalars) else { return nil }
    return String(line.unicodeScalars.dropFirst(start.unicodeScalars.count))
  }
}
