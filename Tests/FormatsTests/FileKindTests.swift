import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("What a file is")
struct FileKindTests {
  @Test(
    "Content decides, not the name",
    arguments: [
      ("zoo/ser_bfloat16/model.ckpt", FileKind.torchZip), ("zoo/ser_legacy/model.ckpt", .torchLegacy),
      ("twin/Nova_2025-02-03/gaborium.dset", .torchZip), ("zoo/ser_legacy/io.npz", .npz),
      ("twin/config.yaml", .yaml), ("twin", .directory),
    ])
  func content(_ file: String, _ kind: FileKind) throws {
    #expect(try FileKind.recognise(Fixtures.path(file)) == kind)
  }

  @Test("A file under a misleading name is still what it is")
  func misleadingName() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(atPath: Fixtures.path("zoo/ser_legacy/model.ckpt"), toPath: folder + "/model.yaml")
    #expect(try FileKind.recognise(folder + "/model.yaml") == .torchLegacy)
  }

  @Test("A missing file is named together with the sibling that was probably meant")
  func missing() throws {
    let path = Fixtures.path("twin/twin.ckp")
    let failure = #expect(throws: Failure.self) { try FileKind.recognise(path) }
    #expect(failure?.kind == .missing)
    #expect(failure?.message.contains(path) == true)
    #expect(failure?.hint == "did you mean `\(Fixtures.path("twin/twin.ckpt"))`?")
  }

  @Test("An empty file is refused as empty")
  func empty() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data().write(to: URL(filePath: folder + "/a.npz"))
    let failure = #expect(throws: Failure.self) { try WholeFile(path: folder + "/a.npz") }
    #expect(failure?.kind == .format && failure?.message == "\(folder)/a.npz: the file is empty (0 bytes)")
  }
}
