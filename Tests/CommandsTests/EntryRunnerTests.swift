import Base
import Commands
import Foundation
import Language
import Rendering
import Session
import Shell
import TestSupport
import Testing
import Workspace

@Suite("The runner of entries")
final class EntryRunnerTests {
  /// Shows the numbers down from `from`, one in place of the other, and yields `done`; at 0 it fails where that is asked for.
  struct CountdownCommand: Command {
    static let signature = Signature("countdown", in: "test", "Counts down")
      .argument("from", .int, "The first number")
      .flag("fail", "Fail at the end")
      .returns(.value)
    static let examples: [Example] = []

    func run(_ call: Call, in session: Session) throws -> Value {
      for number in stride(from: try call.int("from"), to: 0, by: -1) {
        try session.show(.record(Record([("left", .int(number))])))
      }
      if call.isSet("fail") { throw Failure(.undefined, "no zero") }
      return .string("done")
    }
  }

  /// Writes down what it is sent.
  final class Log: EntrySink {
    var lines: [String] = []
    /// The call that it throws from.
    var broken: String?

    private func add(_ line: String) throws {
      if line == broken { throw CocoaError(.fileWriteOutOfSpace) }
      lines.append(line)
    }

    func within(_ value: Value, of statement: Statement, entry number: Int64) throws {
      try add("within \(number): \(value.plainText)")
    }
    func view(_ view: Value) throws { try add("view") }
    func value(_ value: Value, of entry: FinishedEntry) throws {
      try add("value \(entry.ordinal) \(entry.number): \(value.plainText)")
    }
    func failedCheck(_ failure: Failure, after value: Value, of entry: FinishedEntry) throws {
      try add("check \(entry.ordinal) \(entry.number)")
    }
    func failure(_ failure: Failure, of entry: FinishedEntry?) throws {
      try add("failure \(entry.map { "\($0.ordinal) \($0.number)" } ?? "of no entry"): \(failure.message)")
    }
  }

  /// What is drawn and taken away.
  final class Screen: ViewArea {
    var events: [String] = []
    func draw(_ text: (Int) -> String) { events.append(text(40)) }
    func clear() { events.append("clear") }
  }

  let session: Session
  private let folder: String

  init() throws {
    folder = try Fixtures.temporaryFolder()
    session = Session(
      workspace: try Workspace.create(at: folder + "/ws", payloads: AllKinds.payloads),
      commands: CommandTable(AllCommands.table.all + [CountdownCommand.self]))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func run(_ text: String, _ sink: any EntrySink, sources: EntrySources = EntrySources()) throws -> Failure? {
    try EntryRunner(in: session, sink: sink, origin: { _ in "test" })
      .run(text, name: "<test>", definitionName: "<test 1>", sources: sources)
  }

  /// As a batch prints it; `screen` is where views are drawn.
  private func print(
    _ text: String, _ form: EntryPrinter.Form = .results(.batch()), on screen: Screen? = nil
  ) throws -> (output: String, errors: String) {
    var output = ""
    var errors = ""
    let printer = EntryPrinter(form, area: screen, write: { output += $0 }, writeError: { errors += $0 })
    let sources = EntrySources()
    _ = try run(text, PrintedEntries(printer, of: session, sources: { sources.all }), sources: sources)
    return (output, errors)
  }

  @Test("Values come in order, with those of blocks before their entry's end; nothing runs behind a failure")
  func order() throws {
    let log = Log()
    let failure = try run("1 + 1\nfor i in [1, 2] { $i }\nassert 1 > 2\n3", log)
    #expect(failure?.kind == .assertion)
    #expect(log.lines.dropLast() == ["value 1 1: 2", "within 2: 1", "within 2: 2", "value 2 2: "])
    #expect(log.lines.last?.hasPrefix("failure 3 3: ") == true)
    #expect(try session.workspace.history(limit: 9).count == 3)
  }

  @Test("A text that is refused runs nothing")
  func refused() throws {
    let log = Log()
    #expect(try run("1 + 1\nshwo x", log)?.kind == .usage)
    #expect(log.lines.count == 1)
    #expect(log.lines.first?.hasPrefix("failure of no entry: ") == true)
    #expect(try session.workspace.history(limit: 9).isEmpty)
  }

  @Test("Where a result can't be delivered the run ends with what the sink threw", arguments: ["within 1: 1", "view"])
  func undelivered(call: String) throws {
    let log = Log()
    log.broken = call
    #expect(throws: CocoaError.self) { try run("for i in [1, 2] { $i; countdown 2 }\n3", log) }
    #expect(try session.workspace.history(limit: 9).map(\.status) == [.interrupted])
  }

  @Test("A failure in a definition points into the text that it was typed in")
  func definitions() throws {
    let log = Log()
    let sources = EntrySources()
    #expect(try run("def f(x) { assert $x > 2 }", log, sources: sources) == nil)
    #expect(try run("f(1)", log, sources: sources)?.span?.source == "<test 1>")
    #expect(sources.all.contains { $0.name == "<test 1>" && $0.line(1) == "def f(x) { assert $x > 2 }" })
  }

  @Test("A view is replaced, and gone when the value comes")
  func view() throws {
    let screen = Screen()
    let shown = try print("countdown 2\ncountdown 1", on: screen)
    #expect(shown.output == "done\ndone\n")
    #expect(shown.errors == "")
    #expect(screen.events == ["left  2\n", "left  1\n", "clear", "left  1\n", "clear"])
  }

  @Test("Without a screen a view leaves nothing but its entry's value")
  func plain() throws { #expect(try print("countdown 3").output == "done\n") }

  @Test("An entry that fails leaves its last view")
  func lastView() throws {
    let shown = try print("countdown 2 --fail", on: Screen())
    #expect(shown.output == "left  1\n")
    #expect(shown.errors.contains("no zero"))
    let json = try print("if true { 7; countdown 2 --fail }", .jsonEntries).output
    #expect(json.contains(#""result": [7, {"left": 1}]"#))
    #expect(json.contains("no zero"))
  }

  @Test("A view that a later value replaced is not left by a failure")
  func replacedView() throws {
    #expect(try print("if true { countdown 2; assert 1 > 2 }").output == "done\n")
  }
}
