import Base
import Commands
import Foundation
import Language
import Session
import TestSupport
import Workspace

/// A workspace of its own, driven by command text; and vcsh's program on it.
final class Home {
  let folder: String
  let session: Session

  static let template = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "workspace-template").path

  init(opened: Bool = false) throws {
    folder = try Fixtures.temporaryFolder()
    session = Session(
      workspace: try Workspace.create(at: folder + "/ws", payloads: AllKinds.payloads), commands: AllCommands.table)
    session.folder = folder
    guard opened else { return }
    try run("open \(Self.template)/checkpoints/twin.ckpt as twin")
    try run("open \(Self.template)/recordings/Sim_2025-01-17 as sim")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @discardableResult
  func run(_ text: String) throws -> Value {
    let program = try Parser.parse(SourceText(text, name: "<test>"), signatures: AllCommands.table.signatures)
    var value = Value.null
    for statement in program.statements { value = try session.run(statement, origin: "test").result.get() }
    return value
  }

  func table(_ text: String) throws -> Table {
    guard case .table(let table) = try run(text) else { throw Failure(.mismatch, "`\(text)` yields no table") }
    return table
  }

  func failure(_ text: String) -> Failure? {
    do { try run(text) } catch { return error as? Failure }
    return nil
  }

  func strings(_ text: String, _ column: String) throws -> [String?] {
    let table = try table(text)
    guard case .string(let values)? = table[column]?.values else { return [] }
    return values
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
  }

  /// Waits until no job of a batch waits or runs.
  func wait(for batch: String) throws {
    for _ in 0..<1200 {
      let states = try strings("jobs \(batch)", "state")
      if !states.contains(where: { $0 == "waiting" || $0 == "running" }) { return }
      usleep(50_000)
    }
    throw Failure(.system, "the jobs of \(batch) do not end: \(try strings("jobs \(batch)", "state"))")
  }
}
