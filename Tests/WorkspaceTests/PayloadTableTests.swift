import Base
import Foundation
import TestSupport
import Testing
import Workspace

/// A kind of object that the Workspace target does not know.
private struct RemarkPayload: Payload {
  static let kind = KindName(rawValue: "remark")
  var text: String
  var file: FileReference

  var files: [FileReference] { [file] }
}

@Suite("Kinds of objects that a workspace can read")
struct PayloadTableTests {
  private let remark = RemarkPayload(
    text: "drifts", file: FileReference(path: "notes.txt", byteCount: 6, fingerprint: "f"))

  /// A workspace in `folder` with a remark named `note`.
  private func workspace(in folder: String) throws -> Workspace {
    let workspace = try Workspace.create(at: folder + "/ws", payloads: PayloadTable([RemarkPayload.self]))
    var changes = Changes()
    changes.versions.append(.init(remark, name: "note"))
    try workspace.commit(changes, entry: try workspace.begin(source: "an entry", origin: "test"))
    return workspace
  }

  @Test("A payload of a new kind is read back as it was written")
  func newKind() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let workspace = try workspace(in: folder)
    let version = try #require(try workspace.lookup("note"))
    #expect(version.payload as? RemarkPayload == remark)
    #expect(version.payload.files.map(\.path) == ["notes.txt"])
    #expect(try workspace.names(kinds: [RemarkPayload.kind]).map(\.name) == ["note"])
    #expect(try workspace.names(kinds: [.twin]).isEmpty)
  }

  @Test("A kind that the workspace does not know is named in the failure")
  func unknownKind() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let root = try workspace(in: folder).root
    let failure = #expect(throws: Failure.self) {
      try Workspace(at: root, payloads: Payloads.all).lookup("note")
    }
    #expect(failure?.message == "the catalogue holds a version of unknown kind `remark`")
  }

  @Test("A payload with other fields is refused, and the failure names its kind")
  func otherFields() throws {
    struct Other: Payload {
      static let kind = RemarkPayload.kind
      var author: String
    }
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let root = try workspace(in: folder).root
    let failure = #expect(throws: Failure.self) {
      try Workspace(at: root, payloads: PayloadTable([Other.self])).lookup("note")
    }
    #expect(failure?.message == "the catalogue's record of a remark can't be read")
    #expect(failure?.hint == "was it written by a newer vcsh?")
  }
}
