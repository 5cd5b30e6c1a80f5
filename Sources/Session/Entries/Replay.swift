import Base
import Foundation
import Language
import Workspace

/// Runs entries again in a scratch workspace, one by one under their own numbers, and compares what they yield.
package struct Replay {
  package struct Verdict {
    package var entry: Int64
    package var command: String
    package var verdict: String
    package var detail: String?
  }

  private let original: Workspace
  private let scratch: Workspace
  private let session: Session
  private let comparison: ValueComparison
  private let objects: ObjectComparison

  package init(session: Session, scratch: Workspace, diversion: Diversion, tolerance: Double) {
    original = session.workspace
    self.scratch = scratch
    self.session = Session(workspace: scratch, commands: session.commands, work: session.work)
    self.session.diversion = diversion
    // What was done at a prompt may be done again.
    self.session.isInteractive = true
    comparison = ValueComparison(tolerance: tolerance)
    objects = ObjectComparison(original: original, scratch: scratch, numbers: comparison)
  }

  package func run(_ entries: [EntryRecord]) throws -> [Verdict] {
    let numbers = Set(entries.map(\.id))
    return try entries.map { entry in
      try session.work.cancellation.check()
      if let reason = reasonToSkip(entry, among: numbers) {
        return Verdict(entry: entry.id, command: entry.source, verdict: "skipped", detail: reason)
      }
      let (verdict, detail) = try replay(entry)
      return Verdict(entry: entry.id, command: entry.source, verdict: verdict, detail: detail)
    }
  }

  private func reasonToSkip(_ entry: EntryRecord, among numbers: Set<Int64>) -> String? {
    switch entry.status {
    case .running: return "it is still running"
    case .interrupted: return "it was interrupted"
    case .ok, .failed: break
    }
    if entry.origin.hasPrefix("rerun of "), let outer = entry.origin.split(separator: " ").last.flatMap({ Int64($0) }),
      numbers.contains(outer)
    {
      return "replayed as part of entry \(outer)"
    }
    guard let text = try? EntryText(entry, commands: session.commands), let name = text.stages.first?.name else {
      return nil
    }
    if text.exportsSession { return "`export session` is not replayed" }
    guard session.signatures[name]?.effect.isReplayable == false else { return nil }
    return "`\(name)` is not replayed"
  }

  private func replay(_ entry: EntryRecord) throws -> (String, String?) {
    try scratch.setNextEntry(entry.id)
    let outcome: Session.Outcome
    do {
      outcome = try session.again(try EntryText(entry, commands: session.commands), origin: entry.origin)
    } catch let failure as Failure where failure.kind != .interrupted {
      return ("fails now", failure.message)
    }
    if case .failure(let failure) = outcome.result {
      if failure.kind == .interrupted { throw failure }
      guard entry.status == .failed else { return ("fails now", failure.message) }
      return failure.message == entry.error
        ? ("same", "fails as before") : ("differs", "fails with: \(failure.message)")
    }
    if entry.status == .failed, outcome.failedCheck == nil { return ("runs now", "it failed: \(entry.error ?? "")") }
    if entry.status == .ok, let check = outcome.failedCheck { return ("fails now", check.message) }
    let again = try scratch.entry(outcome.entry)
    let differences = try [
      values(entry, again), versions(entry.id, again.id), files(entry.id, again.id),
    ].compactMap(\.self)
    return differences.isEmpty ? ("same", nil) : ("differs", differences.joined(separator: "; "))
  }

  private func values(_ entry: EntryRecord, _ again: EntryRecord) throws -> String? {
    if entry.result == again.result { return nil }
    guard let before = entry.result else { return "it kept no result then" }
    guard let now = again.result else { return "it yields nothing now" }
    return comparison.difference(try original.value(before), try scratch.value(now))
  }

  private func versions(_ before: Int64, _ now: Int64) throws -> String? {
    let old = try original.versions(madeBy: before)
    let new = try scratch.versions(madeBy: now)
    guard old.count == new.count else { return "\(old.count) versions made then, \(new.count) now" }
    for (old, new) in zip(old, new) {
      let what = old.label.isEmpty ? old.version.kind.rawValue : "`\(old.label)`"
      if let difference = try objects.difference(old.version, new.version) { return "\(what): \(difference)" }
    }
    return nil
  }

  private func files(_ before: Int64, _ now: Int64) throws -> String? {
    let old = try original.files(writtenBy: before)
    let new = try scratch.files(writtenBy: now)
    guard old.map(\.path) == new.map(\.path) else { return "other files are written" }
    // A PDF carries the moment at which it was made.
    let different = zip(old, new).first { $0.digest != $1.digest && !$0.path.hasSuffix(".pdf") }
    return different.map { "\($0.0.path) comes out with other bytes (\($0.0.byteCount) then, \($0.1.byteCount) now)" }
  }
}
