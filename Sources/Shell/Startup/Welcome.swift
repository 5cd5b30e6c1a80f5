import Base
import Foundation
import Session
import Workspace

/// What the prompt says at its start, in at most six lines: version, workspace, what is in it, what is out of date, and
/// what to try. It reads the catalogue and looks at no file's content.
package struct Welcome {
  private let session: Session
  /// In a larger workspace the prompt comes first, and `status` tells what is out of date.
  private static let checkedObjects = 200
  /// Objects of a kind that are looked at for something to try.
  private static let consideredObjects = 10

  package init(_ session: Session) { self.session = session }

  package var lines: [String] {
    var lines = ["vcsh \(ThisProgram.version), workspace \(session.workspace.root)"]
    let objects = (try? session.workspace.objectKinds()) ?? []
    lines.append(content(objects))
    if objects.count <= Self.checkedObjects, let stale { lines.append(stale) }
    lines.append(advice(objects) + "; `help` lists the commands")
    return lines
  }

  private typealias Named = (name: String, kind: String, stimuli: [String]?)

  private func content(_ objects: [Named]) -> String {
    guard !objects.isEmpty else { return "the workspace is empty" + names.map { ", but for \($0)" }.joined() }
    var kinds: [(kind: String, count: Int)] = []
    for object in objects {
      if let place = kinds.firstIndex(where: { $0.kind == object.kind }) {
        kinds[place].count += 1
      } else {
        kinds.append((object.kind, 1))
      }
    }
    let words = kinds.sorted { $0.kind < $1.kind }.map { kind, count in
      kind == "predictions" ? count.counted("set of predictions", "sets of predictions") : count.counted(kind)
    }
    return (words + names).joined(separator: ", ")
  }

  /// Variables and definitions, in words.
  private var names: [String] {
    let variables = session.variableNames
    let definitions = session.interpreter.definitions.count
    let shown = variables.map { "$" + $0 }.listed(first: 5, separator: " ")
    let rest = variables.count - 5
    return
      (variables.isEmpty ? [] : [rest > 0 ? shown + (rest == 1 ? " variable" : " variables") : shown])
      + (definitions == 0 ? [] : [definitions.counted("definition")])
  }

  /// What is out of date by the catalogue, and by the sizes of files.
  private var stale: String? {
    let staleness = Staleness(workspace: session.workspace) { file in
      let path = session.workspace.absolute(path: file.path)
      guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int else {
        return "\(file.path) is missing"
      }
      return size == file.byteCount ? nil : "\(file.path) has changed"
    }
    guard let found = try? staleness.items().stale, !found.isEmpty else { return nil }
    return "out of date: \(found.map(\.name).listed(first: 3)); `status` tells why"
  }

  private func advice(_ objects: [Named]) -> String {
    if let pair = fittingPair(objects) { return "try `eval \(pair.twin) on \(pair.stimulus)`" }
    if let first = objects.first?.name {
      let hasTwin = objects.contains { $0.kind == "twin" }
      return "try `show \(first)`, or `open PATH as NAME` for a \(hasTwin ? "recording" : "checkpoint")"
    }
    return "`open PATH as NAME` reads a checkpoint, a recording or predictions"
  }

  /// A twin and a stimulus of a session that it has a head for, among the first of each kind.
  private func fittingPair(_ objects: [Named]) -> (twin: String, stimulus: String)? {
    func first<Kind: Payload>(_ type: Kind.Type) -> [(name: String, payload: Kind)] {
      objects.filter { $0.kind == Kind.kind.rawValue }.prefix(Self.consideredObjects).compactMap { object in
        (try? session.workspace.lookup(object.name))?.flatMap { $0.payload as? Kind }.map { (object.name, $0) }
      }
    }
    let twins = first(TwinPayload.self)
    for recording in first(RecordingPayload.self) {
      let twin = twins.first { $0.payload.heads.contains { $0.session == recording.payload.session } }
      if let twin, let stimulus = recording.payload.stimuli.first {
        return (twin.name, "\(recording.name)/\(stimulus.name)")
      }
    }
    return nil
  }
}
