import Base
import Language
import Session
import Workspace

extension Session {
  /// The open stimuli that a twin's own configuration trains on: for each of its sessions the recording that is open, with
  /// the types that the parent YAML lists.
  ///
  /// - Throws: a usage failure where the configuration lists none, none of its sessions is open, or two recordings of one are.
  func configuredStimuli(of twin: LoadedTwin, at span: SourceSpan) throws -> [String] {
    let hint = "name them: `train \(twin.name) on REC/STIM`"
    guard let types = try trainedStimuli(of: twin.payload), !types.isEmpty else {
      throw Failure(
        .usage, "`\(twin.name)` has no configuration that lists what it is trained on (`types`)", hint: hint, span: span
      )
    }
    let recordings = try workspace.names(kinds: [.recording]).compactMap { named -> (String, RecordingPayload)? in
      guard let payload = try lookup(named.name, kinds: [.recording]).payload as? RecordingPayload else { return nil }
      return (named.name, payload)
    }
    let sessions = twin.payload.heads.compactMap(\.session)
    var found: [String] = []
    for session in sessions {
      let own = recordings.filter { $0.1.session == session }
      guard own.count < 2 else {
        throw Failure(
          .usage, "\(session) is open as \(own.map { "`\($0.0)`" }.joined(separator: " and "))", hint: hint, span: span)
      }
      for (name, payload) in own {
        found += types.filter { type in payload.stimuli.contains { $0.name == type } }.map { "\(name)/\($0)" }
      }
    }
    guard !found.isEmpty else {
      throw Failure(
        .usage,
        "no recording with \(types.joined(separator: " or ")) of `\(twin.name)`'s sessions is open: \(sessions.joined(separator: ", "))",
        hint: "open one, or \(hint)", span: span)
    }
    return found
  }
}
