import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Pickles as data")
struct PickleReaderTests {
  /// The root of a pickle given byte by byte.
  private func root(_ bytes: [UInt8]) throws -> PickleValue {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(bytes).write(to: URL(filePath: folder + "/a.pkl"))
    return try TorchArchive(path: folder + "/a.pkl").root
  }

  private func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
  private func text(_ text: String) -> [UInt8] { [0x8c, UInt8(text.utf8.count)] + Array(text.utf8) }

  @Test("A long of more than eight bytes keeps all its digits")
  func bigInteger() throws {
    let magic: [UInt8] = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x99, 0x2e]
    guard case .bigInteger(let digits) = try root(magic).kind else {
      Issue.record("no big integer")
      return
    }
    // int.from_bytes(..., 'little', signed=True)
    #expect(digits == "-484915872661275786019732")
  }

  @Test(
    "Negative longs are two's complement",
    arguments: [([0xff], -1), ([0x00, 0x80], -32768), ([], 0), ([0xff, 0x00], 255)])
  func longs(_ bytes: [UInt8], _ expected: Int) throws {
    #expect(try root([0x80, 2, 0x8a, UInt8(bytes.count)] + bytes + [0x2e]).intValue == expected)
  }

  @Test("A dict that is set twice under a key has the last value")
  func lastValue() throws {
    let bytes = [0x80, 4, 0x7d, 0x28] + text("a") + [0x4b, 1] + text("a") + [0x4b, 2, 0x75, 0x2e]
    #expect(try root(bytes)["a"]?.intValue == 2)
  }

  @Test("A Namespace is its attributes")
  func namespace() throws {
    let bytes =
      [0x80, 4] + global("argparse", "Namespace") + [0x29, 0x81, 0x7d] + text("lr") + [0x4b, 3, 0x73, 0x62, 0x2e]
    #expect(try root(bytes)["lr"]?.intValue == 3)
  }

  @Test("A path is text")
  func path() throws {
    let bytes = [0x80, 4] + global("pathlib", "PosixPath") + text("/") + text("a") + text("b") + [0x87, 0x52, 0x2e]
    #expect(try root(bytes).stringValue == "/a/b")
  }

  @Test("An unknown call is a record and nothing else happens")
  func inert() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let target = folder + "/made"
    let bytes =
      [0x80, 4] + global("os", "mkdir") + [0x58] + [UInt8(target.utf8.count), 0, 0, 0] + Array(target.utf8) + [
        0x85, 0x52, 0x2e,
      ]
    guard case .object("os", "mkdir", let arguments, nil) = try root(bytes).kind else {
      Issue.record("no record")
      return
    }
    #expect(arguments.first?.stringValue == target)
    #expect(!FileManager.default.fileExists(atPath: target))
  }

  @Test("A list that contains itself is read")
  func cycle() throws {
    let value = try root([0x80, 4, 0x5d, 0x94, 0x68, 0, 0x61, 0x2e])
    #expect(value.items?.first?.items?.first?.items?.count == 1)
  }

  @Test("A list nested 200,000 deep reads, and is freed, without recursion")
  func deep() throws {
    let count = 200_000
    let bytes =
      [0x80, 4] + [UInt8](repeating: 0x5d, count: count) + [UInt8](repeating: 0x61, count: count - 1) + [0x2e]
    #expect(try root(bytes).items?.count == 1)
  }

  @Test("Calls that would make more and more data are refused")
  func multiplied() throws {
    // bytes(text, "latin1") of a megabyte of remembered text, over and over.
    let length = 1 << 20
    var bytes: [UInt8] = [0x80, 4] + global("_codecs", "encode") + [0x94]
    bytes +=
      [0x58, UInt8(length & 255), UInt8(length >> 8 & 255), UInt8(length >> 16), 0]
      + [UInt8](repeating: 65, count: length)
    bytes += text("latin1") + [0x86, 0x94]
    for _ in 0..<1000 { bytes += [0x68, 0, 0x68, 1, 0x52] }
    let failure = #expect(throws: Failure.self) { try root(bytes + [0x2e]) }
    #expect(failure?.message.contains("far more memory") == true)
  }

  @Test("A configuration that refers to itself is refused")
  func cyclicConfiguration() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // {"covariates": {"a": ...}} would be a dataset; {"state_dict": {}, "hyper_parameters": d} with d["d"] = d.
    let bytes =
      [0x80, 4, 0x7d] + text("state_dict") + [0x7d, 0x73] + text("hyper_parameters")
      + [0x7d, 0x94] + text("d") + [0x68, 0, 0x73, 0x73, 0x2e]
    try Data(bytes).write(to: URL(filePath: folder + "/a.ckpt"))
    let failure = #expect(throws: Failure.self) { try Checkpoint(path: folder + "/a.ckpt") }
    #expect(failure?.message.contains("nests") == true)
  }

  @Test("A failure names file, opcode and place")
  func place() throws {
    let failure = #expect(throws: Failure.self) { try root([0x80, 4, 0x4e, 0x4e, 0x61, 0x2e]) }
    #expect(failure?.kind == .format)
    #expect(failure?.message.hasSuffix("/a.pkl: not a readable pickle: APPEND needs a list at byte 4") == true)
  }
}
