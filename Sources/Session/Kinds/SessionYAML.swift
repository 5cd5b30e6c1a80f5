import Base
import Formats
import Foundation
import Workspace

/// The parent YAML of a twin's sessions with one file a session, as VisionCore reads them: `NAME.yaml` and `NAME_sessions/`
/// beside the checkpoint.
struct SessionYAML {
  let twin: TwinPayload
  let checkpointPath: String
  let workspace: Workspace

  private var stem: String { (checkpointPath as NSString).deletingPathExtension }
  /// The parent.
  private var path: String { stem + ".yaml" }
  /// Where the files of the sessions are.
  var folder: String { stem + "_sessions" }
  private var sessions: [String] { twin.heads.compactMap(\.session) }
  /// Names of the sessions' files.
  var fileNames: [String] { sessions.map { "\($0).yaml" } }

  /// - Returns: the parent's path; nil where a head has no session or no cids.
  /// - Throws: `conflict` where a file of somebody else stands in one of the places; `system` where the disk refuses; what
  ///   reading the twin's own YAML throws.
  func write() throws -> String? {
    let (heads, sessions) = (twin.heads, sessions)
    guard sessions.count == heads.count, !heads.isEmpty, heads.allSatisfy({ $0.cids != nil }),
      Set(sessions).count == sessions.count, sessions.allSatisfy(Self.isFileName)
    else { return nil }
    try Self.checkOwn(path, begins: ["sessions: [", "session_dir: \"./"])
    for name in fileNames { try Self.checkOwn("\(folder)/\(name)", begins: ["session: \"", "cids: ["]) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for head in heads {
      guard let session = head.session, let cids = head.cids else { continue }
      var entries: [ConfigNode.Entry] = [
        .init("session", .string(session)), .init("cids", .list(cids.map { .int($0) })),
      ]
      if let text = head.configuration {
        entries += try YAMLDocument.parse(text: text, name: "head configuration").mapValue ?? []
      }
      try Self.write(entries, to: "\(folder)/\(session).yaml")
    }
    let own: [ConfigNode.Entry] = [
      .init("sessions", .list(sessions.map { .string($0) })),
      .init("session_dir", .string("./" + (folder as NSString).lastPathComponent)),
    ]
    try Self.write(own + settings().filter { entry in !own.contains { $0.key == entry.key } }, to: path)
    return path
  }

  /// What else the YAML says that the twin was opened with: types, lags, transforms, split.
  private func settings() throws -> [ConfigNode.Entry] {
    for file in twin.configurationFiles {
      let path = workspace.absolute(path: file.path)
      guard let now = try? FileReference(reading: path, in: workspace), now.fingerprint == file.fingerprint else {
        continue
      }
      let node = try YAMLDocument.read(path: path)
      if node["sessions"] != nil { return node.mapValue ?? [] }
    }
    return []
  }

  /// Refuses to replace a file that no export has written: its first lines tell.
  private static func checkOwn(_ path: String, begins expected: [String]) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let lines = text.split(separator: "\n").prefix(expected.count)
    guard lines.count == expected.count, zip(lines, expected).allSatisfy({ $0.hasPrefix($1) }) else {
      throw Failure(
        .conflict, "\(path) is there already, and vcsh has not written it: a .ckpt needs this place for its sessions",
        hint: "choose another name, or export .safetensors, which holds its sessions itself")
    }
  }

  private static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && !name.contains("/") && !name.contains("\0")
  }

  /// One key a line; values in JSON, which is YAML. Maps keep their order: transforms go by it.
  private static func write(_ entries: [ConfigNode.Entry], to path: String) throws {
    let lines = try entries.map { "\($0.key): \(try $0.value.jsonText(sortsKeys: false))\n" }
    try AtomicFile.write(Data(lines.joined().utf8), to: path)
  }
}
