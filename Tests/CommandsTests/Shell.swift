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

/// A session on a workspace of its own, driven by command text.
final class Shell {
  let folder: String
  let session: Session
  private let noteBox: NoteBox

  final class NoteBox { var notes: [String] = [] }

  /// - Parameter opened: whether `twin`, `sim` and `nova` of the demo are open already.
  init(opened: Bool = true, progress: (any ProgressSink)? = nil) throws {
    folder = try Fixtures.temporaryFolder()
    let workspace = try Workspace.create(at: folder + "/ws", payloads: AllKinds.payloads)
    let box = NoteBox()
    noteBox = box
    session = Session(
      workspace: workspace, commands: AllCommands.table, work: Work(progress: progress), note: { box.notes.append($0) })
    guard opened else { return }
    try run("open \(Shell.template)/checkpoints/twin.ckpt as twin")
    try run("open \(Shell.template)/recordings/Sim_2025-01-17 as sim")
    try run("open \(Shell.template)/recordings/Nova_2025-02-03 as nova")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The project's workspace-template.
  static let template = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "workspace-template").path

  var allNotes: String { noteBox.notes.joined(separator: "\n") }

  /// Parses, checks and runs; the value of the last statement.
  @discardableResult
  func run(_ text: String) throws -> Value {
    let source = SourceText(text, name: "<test>")
    let program = try Parser.parse(source, signatures: AllCommands.table.signatures)
    if let problem = Checker(signatures: AllCommands.table.signatures)
      .check(program, knownVariables: Set(session.interpreter.variables.keys)).first
    {
      throw problem
    }
    var value = Value.null
    for statement in program.statements { value = try session.run(statement, origin: "test").result.get() }
    return value
  }

  /// Parses and checks, and runs nothing.
  func understand(_ text: String) throws {
    let program = try Parser.parse(SourceText(text, name: "<test>"), signatures: AllCommands.table.signatures)
    if let problem = Checker(signatures: AllCommands.table.signatures).check(
      program, in: Surroundings(session.interpreter)
    )
    .first {
      throw problem
    }
  }

  func table(_ text: String) throws -> Table {
    guard case .table(let table) = try run(text) else { throw Failure(.mismatch, "`\(text)` yields no table") }
    return table
  }

  func record(_ text: String) throws -> Record {
    guard case .record(let record) = try run(text) else { throw Failure(.mismatch, "`\(text)` yields no record") }
    return record
  }

  func report(_ text: String) throws -> Report {
    guard case .report(let report) = try run(text) else { throw Failure(.mismatch, "`\(text)` yields no report") }
    return report
  }

  /// The failure that the text ends in.
  func failure(_ text: String) throws -> Failure {
    do {
      try run(text)
    } catch let failure as Failure {
      return failure
    }
    throw Failure(.mismatch, "`\(text)` did not fail")
  }

  /// What the check in the last statement found wrong; nil where it held.
  func check(_ text: String) -> Failure? {
    guard let program = try? Parser.parse(SourceText(text, name: "<test>"), signatures: AllCommands.table.signatures)
    else {
      return Failure(.usage, "`\(text)` can't be parsed")
    }
    return program.statements.map { session.run($0, origin: "test").failedCheck }.last ?? nil
  }

  /// Names in the workspace.
  func names() throws -> [String] { try session.workspace.names().map(\.name) }
}
