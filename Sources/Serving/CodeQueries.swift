import Base
import Foundation
import Language
import Rendering
import Session
import Shell
import Workspace

/// Answers questions about code while other code runs. It has its own catalogue connection, and uses the names that were
/// known when the last statement ended.
final class CodeQueries: @unchecked Sendable {
  private let lock = NSLock()
  // Used only with the lock held.
  private let session: Session

  init(_ session: Session) { self.session = session }

  func learn(from interpreter: Interpreter) {
    lock.withLock { session.interpreter.takeNames(from: interpreter) }
  }

  func complete(_ code: String, cursor: Int?) -> [(String, Value)] {
    lock.withLock {
      let before = Self.text(code, before: cursor)
      let completer = Completer(session: session)
      let answer = completer.complete(before, cursor: before.count)
      let kinds = CompletionKinds(before, session: session)
      let candidates = answer.candidates.map { candidate in
        Value.record(Record([("text", .string(candidate)), ("kind", .string(kinds.kind(of: candidate)))]))
      }
      return [
        ("start", .int(before.prefix(answer.start).unicodeScalars.count)), ("end", .int(before.unicodeScalars.count)),
        ("candidates", .list(candidates)), ("append_space", .bool(answer.appendSpace)),
      ]
    }
  }

  func inspect(_ code: String, cursor: Int?, display: [String]) -> [(String, Value)] {
    lock.withLock {
      let place = Self.text(code, before: cursor).count
      guard let found = Inspector(session: session).inspect(code, cursor: place) else {
        return [("found", .bool(false))]
      }
      let forms = DisplayForms(wanted: display, limit: ExecuteParameters.defaultLimit, width: nil, mode: .table)
      let characters = Array(code)
      func points(_ offset: Int) -> Int { String(characters[..<min(offset, characters.count)]).unicodeScalars.count }
      return [
        ("found", .bool(true)), ("name", .string(found.name)), ("kind", .string(found.kind)),
        ("start", .int(points(found.range.lowerBound))), ("end", .int(points(found.range.upperBound))),
        ("display", .record(forms.render(.report(found.report)))),
      ]
    }
  }

  func isComplete(_ code: String) -> [(String, Value)] {
    if Parser.isIncomplete(code) {
      return [("state", .string("incomplete")), ("indent", .string(Self.indent(of: code)))]
    }
    return lock.withLock {
      do {
        _ = try Parser.parse(
          SourceText(code, name: "<code>"), signatures: session.interpreter.signatures, files: SourceFiles())
        return [("state", .string("complete"))]
      } catch let failure as Failure where failure.kind == .usage {
        let line = failure.span.flatMap { SourceText(code, name: "<code>").line($0.line) }
        return [("state", .string("invalid")), ("error", .record(Message.failure(failure, sourceLine: line)))]
      } catch {
        // A file that can't be sourced is reported when the code runs.
        return [("state", .string("complete"))]
      }
    }
  }

  func check(_ code: String) -> [(String, Value)] {
    lock.withLock {
      let source = SourceText(code, name: "<code>")
      var problems: [Failure] = []
      do {
        let program = try Parser.parse(source, signatures: session.interpreter.signatures, files: SourceFiles())
        let surroundings = Surroundings(session.interpreter, objects: session.namedObjects)
        problems = Checker(signatures: session.signatures).check(program, in: surroundings)
      } catch {
        problems = [(error as? Failure) ?? Failure(.system, "\(error)")]
      }
      return [
        (
          "problems",
          .list(
            problems.prefix(Self.mostProblems).map { problem in
              .record(Message.failure(problem, sourceLine: problem.span.flatMap { source.line($0.line) }))
            })
        )
      ]
    }
  }

  /// - Parameter shell: identifies the entries of the shell that runs the code.
  func history(count: Int, words: [String], failed: Bool, shell: String?) throws -> [(String, Value)] {
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
    return try lock.withLock {
      let entries = try session.workspace.history(limit: count, failed: failed, words: words, session: shell)
      return [
        (
          "entries",
          .list(
            entries.map { entry in
              .record(
                Record([
                  ("entry", .int(Int(entry.id))), ("source", .string(entry.source)),
                  ("status", .string(entry.status.rawValue)), ("error", entry.error.map(Value.string) ?? .null),
                  ("started", .string(entry.started.formatted(format))),
                  ("seconds", entry.seconds.map(Value.double) ?? .null), ("origin", .string(entry.origin)),
                  ("session", .string(entry.session)),
                ]))
            })
        )
      ]
    }
  }

  /// Problems that an answer lists.
  private static let mostProblems = 100

  /// The code before a position, which counts Unicode code points.
  private static func text(_ code: String, before cursor: Int?) -> String {
    guard let cursor else { return code }
    return String(String.UnicodeScalarView(code.unicodeScalars.prefix(cursor)))
  }

  /// Two spaces for each open bracket.
  private static func indent(of code: String) -> String {
    var depth = 0
    for character in code {
      if "([{".contains(character) { depth += 1 }
      if ")]}".contains(character) { depth -= 1 }
    }
    return String(repeating: "  ", count: min(20, max(0, depth)))
  }
}
