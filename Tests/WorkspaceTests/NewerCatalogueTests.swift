import Base
import Foundation
import GRDB
import TestSupport
import Testing
import Workspace

@Suite("Catalogues of newer versions")
struct NewerCatalogueTests {
  @Test("A catalogue with a migration that this vcsh does not know is refused, and no byte of it changes")
  func newer() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/workspace.sqlite"
    do {
      _ = try Workspace.create(at: folder, payloads: Payloads.all)
      let catalogue = try DatabaseQueue(path: path)
      defer { try? catalogue.close() }
      try catalogue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('of a later vcsh')") }
    }
    let before = try Data(contentsOf: URL(filePath: path))
    let failure = #expect(throws: Failure.self) { try Workspace(at: folder, payloads: Payloads.all) }
    #expect(failure?.kind == .unsupported)
    #expect(failure?.message.contains("was written by a newer vcsh") == true)
    let repair = #expect(throws: Failure.self) { try Workspace.repair(at: folder, payloads: Payloads.all) }
    #expect(repair?.message == failure?.message)
    #expect(!FileManager.default.fileExists(atPath: folder + "/workspace.repaired.sqlite"))
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
    #expect(!FileManager.default.fileExists(atPath: path + "-journal"))
  }
}
