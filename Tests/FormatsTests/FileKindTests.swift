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

  @Test(
    "A safetensors header may have the length that a pickle or a zip begins with", arguments: [128, 640, 1408, 19280])
  func headerLength(length: Int) throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let entry = #""a.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
    let open = #"{"__metadata__":{"note":""#
    let fill = String(repeating: "x", count: length - open.utf8.count - entry.utf8.count - 4)
    let header = open + fill + "\"}," + entry + "}"
    var data = Data((0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) })
    data += Data(header.utf8) + Data([0, 0, 128, 63])
    let path = folder + "/w.safetensors"
    try data.write(to: URL(filePath: path))
    #expect(header.utf8.count == length)
    #expect(try FileKind.recognise(path) == .safetensors)
    #expect(try Checkpoint(path: path).doubles("a.weight") == [1])
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
