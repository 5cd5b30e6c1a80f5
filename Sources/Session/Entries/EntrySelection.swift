import Base
import Language
import Workspace

extension Session {
  /// The entries that a call asks for, in order: those of an argument (`12-20`, `12,15-18`), those of the session that
  /// `--session` names, else those of this session; in a run of its own (`vcsh -c`) those of the session before.
  ///
  /// The entry that asks is never among them.
  package func chosenEntries(_ call: Call, _ argument: String) throws -> [EntryRecord] {
    let session = try call.optionalString("session").map { try self.session(named: $0, at: call.span(of: "session")) }
    if let text = try call.optionalString(argument) {
      let span = call.span(of: argument)
      var chosen: [Int64: EntryRecord] = [:]
      for range in try EntryRanges(text, at: span).ranges {
        let found = try workspace.entries(range).filter { $0.id != entry && (session ?? $0.session) == $0.session }
        guard let first = found.first, range.count > 1 || first.id == range.lowerBound else {
          throw Failure(
            .missing,
            "no entry \(range.count == 1 ? "\(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)")"
              + (session == nil ? "" : " in that session"), hint: "`history` lists them", span: span)
        }
        for entry in found { chosen[entry.id] = entry }
      }
      return chosen.values.sorted { $0.id < $1.id }
    }
    if let session { return try workspace.history(limit: .max, session: session).filter { $0.id != entry } }
    let own = try workspace.history(limit: .max, session: workspace.session).filter { $0.id != entry }
    return own.contains(where: isWork) ? own : try lastWork()?.entries ?? own
  }

  /// The newest other session in which something was done but looking at sessions.
  private func lastWork() throws -> (id: String, entries: [EntryRecord])? {
    for known in try workspace.sessions() where known.id != workspace.session {
      let entries = try workspace.history(limit: .max, session: known.id)
      if entries.contains(where: isWork) { return (known.id, entries) }
    }
    return nil
  }

  private func isWork(_ entry: EntryRecord) -> Bool { !RecipeEntries.isAside(entry, commands: commands) }

  /// The one session whose id begins so; `last` is the one before this.
  private func session(named text: String, at span: SourceSpan) throws -> String {
    if text == "last" {
      guard let last = try lastWork() else {
        throw Failure(.missing, "there is no session before this one", span: span)
      }
      return last.id
    }
    let found = try workspace.sessions().filter { $0.id.lowercased().hasPrefix(text.lowercased()) }
    guard found.count == 1, let session = found.first else {
      let known = try workspace.sessions().prefix(3).map { "\($0.id.prefix(8)) (entries \($0.first)-\($0.last))" }
      throw Failure(
        found.isEmpty ? .missing : .usage,
        found.isEmpty ? "no session `\(text.shortened)`" : "\(found.count) sessions begin with `\(text.shortened)`",
        hint: "`last`, or the beginning of an id: \(known.joined(separator: ", "))", span: span)
    }
    return session.id
  }
}

/// `12-20`, `7`, `12,15-18`.
package struct EntryRanges {
  package let ranges: [ClosedRange<Int64>]

  package init(_ text: String, at span: SourceSpan) throws {
    ranges = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
      guard (1...2).contains(ends.count), let from = ends.first ?? nil, let to = ends.last ?? nil, from > 0, from <= to
      else {
        throw Failure(
          .usage, "`\(text.shortened)` is not a list of entries", hint: "write `12-20` or `12,15-18`", span: span)
      }
      return from...to
    }
  }
}
