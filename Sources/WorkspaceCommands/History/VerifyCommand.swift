import Base
import Foundation
import Language
import Session
import Workspace

/// Replays entries in a scratch workspace and shows which results differ.
struct VerifyCommand: Command {
  static let signature = Signature(
    "verify", in: "time", "Replays entries in a scratch workspace and shows which results differ"
  )
  .effect(.session(.manages))
  .argument("range", .word("entries"), "FROM-TO, or one entry; default all entries of this session", optional: true)
  .flag("last", .int, "Verify this many of the last entries, of all sessions")
  .flag("tolerance", .float, default: .double(0), "Numbers a and b are the same if |a - b| <= this * max(1, |a|, |b|)")
  .flag("objects", "Compare every stored object with its digest instead")
  .returns(.table(columns.signatures))
  .returns(ObjectsCheck.columns.signatures, when: .given("objects"))
  .searchTerms("reproduce", "replay", "check", "test", "compare", "session")
  .details(
    """
    The scratch workspace is a temporary folder. It starts in the state that this workspace had before the first of the \
    entries, and is removed when verify ends, also after Ctrl-C. verify reads the same files, computes cached predictions and \
    features again, writes the files that entries wrote to the scratch folder, and compares these byte by byte. In a run of \
    its own (`vcsh -c verify`) it replays the session before. A verdict is `same`, `differs`, `fails now`, `runs now` or \
    `skipped`. If anything differs, the exit status is 3.

    `verify --objects` replays nothing. It reads every object that a name, a result, a variable or the cache needs, compares it \
    with its SHA-256 digest, and lists those that are missing or damaged, what needs them, and how to have them again.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium as scores; verify --last 1", "Does the last entry come out the same?"),
    Example("eval twin on sim/gaborium | head 3; verify 3-4 --tolerance 1e-6", "A range, with a tolerance"),
    Example("verify --objects", "Is everything in the workspace as it was stored?"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if call.isSet("objects") {
      for other in ["range", "last", "tolerance"] where call.isGiven(other) {
        throw Failure(
          .usage, "verify --objects takes no \(other == "range" ? "range" : "--\(other)")", hint: "leave it out",
          span: call.span(of: other))
      }
      return try ObjectsCheck.run(call, in: session)
    }
    let tolerance = try call.float("tolerance")
    guard tolerance >= 0, tolerance.isFinite else {
      throw Failure(.usage, "--tolerance must be a number from 0 upward", span: call.span(of: "tolerance"))
    }
    let entries = try entries(call, in: session)
    guard let first = entries.first else {
      throw Failure(.missing, "there is no entry to verify", hint: "`history` lists what there is", span: call.span)
    }
    let folder = try Self.scratchFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let scratch = try session.workspace.scratch(at: folder + "/workspace", before: first.id)
    let replay = Replay(
      session: session, scratch: scratch, diversion: Diversion(folder: folder + "/files"), tolerance: tolerance)
    let verdicts = try replay.run(entries)
    let different = verdicts.filter { !["same", "skipped"].contains($0.verdict) }
    let skipped = verdicts.count { $0.verdict == "skipped" }
    if let worst = different.first {
      session.failedCheck = Failure(
        .assertion,
        "\(different.count) of \(verdicts.count - skipped) entries \(different.count == 1 ? "differs" : "differ"); the first is entry \(worst.entry): \(worst.detail ?? worst.verdict)",
        hint: "`lineage` and `status` show what was changed", span: call.span)
    }
    return .table(
      Self.columns.table(
        verdicts,
        note: "\(verdicts.count - skipped) replayed, \(different.count) different, \(skipped) skipped, compared "
          + (tolerance == 0 ? "exactly" : "within \(tolerance)")))
  }

  static let columns = TableShape<Replay.Verdict>([
    .int("entry", "Its number") { Int($0.entry) },
    .string("verdict", "same, differs, fails now, runs now or skipped") { $0.verdict },
    .string("detail", "What differs, or why it was skipped") { $0.detail },
    .string("command", "Text of the entry") { $0.command },
  ])

  private func entries(_ call: Call, in session: Session) throws -> [EntryRecord] {
    let workspace = session.workspace
    if let text = try call.optionalString("range") {
      if call.isGiven("last") {
        throw Failure(
          .usage, "verify takes a range or --last", hint: "leave out one of them", span: call.span(of: "last"))
      }
      let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
      guard (1...2).contains(ends.count), let from = ends.first ?? nil, let to = ends.last ?? nil, from > 0, from <= to
      else {
        throw Failure(
          .usage, "`\(text)` is not a range of entries", hint: "write `12-20`", span: call.span(of: "range"))
      }
      let found = try workspace.entries(from...to).filter { $0.id != session.entry }
      guard found.first?.id == from else {
        throw Failure(.missing, "no entry \(from)", hint: "`history` lists them", span: call.span(of: "range"))
      }
      return found
    }
    if let last = try call.optionalInt("last") {
      guard last > 0 else {
        throw Failure(.usage, "--last takes a positive number", span: call.span(of: "last"))
      }
      return try workspace.history(limit: last &+ 1).filter { $0.id != session.entry }.suffix(last)
    }
    let own = try workspace.history(limit: .max, session: workspace.session).filter { $0.id != session.entry }
    guard own.isEmpty, let before = try workspace.lastSession(before: session.entry) else { return own }
    return try workspace.history(limit: .max, session: before)
  }

  /// A folder of this process's own; what a process left that was killed is swept away.
  private static func scratchFolder() throws -> String {
    let files = FileManager.default
    let root = files.temporaryDirectory.path
    for name in (try? files.contentsOfDirectory(atPath: root)) ?? [] where name.hasPrefix("vcsh-verify-") {
      let parts = name.split(separator: "-")
      guard parts.count > 2, let process = Int32(parts[2]), !files.fileExists(atPath: "/proc/\(process)") else {
        continue
      }
      try? files.removeItem(atPath: "\(root)/\(name)")
    }
    let folder = "\(root)/vcsh-verify-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)"
    do {
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(.system, "can't make a scratch workspace in \(root): \((error as NSError).localizedDescription)")
    }
    return folder
  }
}
