import Base
import Language
import Workspace

/// One entry to be run again, with the text that does it, or what stands against it.
package struct RefreshStep {
  package let rerun: Staleness.Rerun
  package private(set) var text: EntryText?
  /// Entries that gave the variables that it reads their values, in order.
  package private(set) var prelude: [EntryText] = []
  package private(set) var obstacle: String?
  package let command: String

  package init(_ rerun: Staleness.Rerun, in session: Session) throws {
    self.rerun = rerun
    let record = try session.workspace.entry(rerun.entry)
    do {
      let text = try Self.text(of: record, rerun, in: session)
      var seen: Set<Int64> = [record.id]
      prelude = try Self.prelude(of: record.id, in: session, seen: &seen)
      self.text = text
      command = text.text
    } catch let failure as Failure where failure.kind == .usage {
      command = record.source
      obstacle = failure.message
    }
    if let missing = rerun.reasons.first(where: { $0.hasSuffix(" is missing") }) { obstacle = missing }
  }

  private static func text(
    of record: EntryRecord, _ rerun: Staleness.Rerun, in session: Session
  ) throws -> EntryText {
    let plain = try EntryText(record, commands: session.commands)
    guard !plain.stages.isEmpty else {
      throw Failure(.usage, "entry \(record.id) is not a single command: run its lines again by hand")
    }
    let made = try rerun.version.flatMap { version in
      try session.workspace.versions(madeBy: record.id).first { $0.version.id == version }?.label
    }
    let text = try plain.replacing(name: made, by: rerun.name)
    if let made, !made.isEmpty, made != rerun.name, text.text == (try plain.replacing().text) {
      throw Failure(.usage, "it was made under the name `\(made)`")
    }
    return text
  }

  /// The entries behind the variables of an entry, the oldest first.
  private static func prelude(of id: Int64, in session: Session, seen: inout Set<Int64>) throws -> [EntryText] {
    var texts: [EntryText] = []
    let inputs = try session.workspace.inputs(of: id)
    for input in inputs {
      guard let earlier = input.earlierEntry else { continue }
      let how = input.detail.split(separator: " ").last ?? ""
      if input.detail.contains(" as rerun ") { continue }
      guard how.hasPrefix("$"), how != "$_" else {
        throw Failure(.usage, "it shows the stored result of entry \(earlier): run its lines again by hand")
      }
      guard seen.insert(earlier).inserted else { continue }
      texts += try prelude(of: earlier, in: session, seen: &seen)
      texts.append(try EntryText(session.workspace.entry(earlier), commands: session.commands))
    }
    let text = try session.workspace.entry(id).source
    for name in VariableNames.mentioned(in: text)
    where !inputs.contains(where: { $0.detail.hasSuffix(" as $\(name)") }) {
      throw Failure(.usage, "it reads $\(name), which no entry set: its lines have to be run again")
    }
    return texts
  }
}
