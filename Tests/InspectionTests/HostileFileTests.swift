import Base
import Formats
import Foundation
import Inspection
import TestSupport
import Testing

/// Files that are made here to hide what they do.
@Suite("Files that hide what they do")
struct HostileFileTests {
  private func inspect(_ data: [UInt8], _ name: String = "file") throws -> Inspection {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/" + name
    try Data(data).write(to: URL(filePath: path))
    return try Inspection(path: path)
  }

  private func refusal(_ data: [UInt8]) throws -> String {
    try #require(throws: Failure.self) { try inspect(data) }.message
  }

  /// `os.system('id')` in protocol 2.
  private var call: [UInt8] {
    [0x80, 2] + Array("cposix\nsystem\nU".utf8) + [2] + Array("id".utf8) + [0x85] + Array("R.".utf8)
  }

  /// A pickle of the bytes of another pickle.
  private func wrapped(_ inner: [UInt8]) -> [UInt8] {
    let count = withUnsafeBytes(of: UInt32(inner.count).littleEndian) { Array($0) }
    return [0x80, 3, UInt8(ascii: "B")] + count + inner + [UInt8(ascii: ".")]
  }

  @Test("A pickle within a pickle's bytes is searched, four deep", arguments: 1...6)
  func nested(_ depth: Int) throws {
    let data = (0..<depth).reduce(call) { data, _ in wrapped(data) }
    let inspection = try inspect(data)
    #expect(inspection.verdict == .executesCode)
    #expect(inspection.parts.contains { $0.kind == .callable && $0.name == "posix.system" } == (depth <= 4))
  }

  @Test("A second pickle after the first is searched too")
  func second() throws {
    let inspection = try inspect([0x80, 2] + Array("N.".utf8) + call)
    #expect(inspection.verdict == .executesCode)
    #expect(inspection.parts.contains { $0.kind == .note && $0.detail?.contains("2 pickles follow") == true })
  }

  @Test("A function that is reached through getattr counts as code")
  func getattr() throws {
    let get = "cbuiltins\ngetattr\n(ctorch\nserialization\nVwalk\ntR"
    let data = [0x80, 2] + Array("\(get)(Vid\ntR.".utf8)
    #expect(try inspect(data).verdict == .executesCode)
  }

  @Test("A persistent id that is a class, and not one of torch's, is a record")
  func persistent() throws {
    let inspection = try inspect([0x80, 2] + Array("cmine\nThing\nQ.".utf8))
    #expect(inspection.verdict == .unknownRecords)
  }

  @Test("Values that refer to themselves are listed once")
  func cyclic() throws {
    let inspection = try inspect([0x80, 2] + Array("]q".utf8) + [0] + Array("h".utf8) + [0] + Array("aNa.".utf8))
    #expect(inspection.parts.count { $0.kind == .setting } == 2)
    #expect(inspection.parts.contains { $0.detail == "the same value as the whole" })
  }

  @Test("Many small values from a small file are refused before they fill the memory")
  func memory() throws {
    // Each `N` and TUPLE1 is a value of its own, each with a block of memory.
    var data: [UInt8] = [0x80, 2]
    for _ in 0..<1_200_000 { data += [UInt8(ascii: "N"), 0x85, UInt8(ascii: "0")] }
    data += Array("N.".utf8)
    #expect(try refusal(data).contains("more memory than the file's size allows"))
  }

  @Test("YAML's tags name what an unsafe loader would call")
  func tags() throws {
    let text = "a: !!python/object/apply:os.system ['id']\nb: !!python/name:mine.Thing ''\nc: 1\n"
    let inspection = try inspect(Array(text.utf8), "a.yaml")
    #expect(inspection.format == "YAML" && inspection.verdict == .executesCode)
    let names = inspection.parts.filter { $0.kind == .callable }.map(\.name)
    #expect(names == ["os.system", "mine.Thing"])
  }

  @Test("JSON is recognised as JSON and not as YAML, and its settings are listed")
  func json() throws {
    let inspection = try inspect(Array(#"{"lr": 1e-3, "sizes": [1, 2], "model": {"name": "x"}}"#.utf8))
    #expect(inspection.format == "JSON" && inspection.verdict == .plainData)
    #expect(inspection.parts.map(\.name) == ["lr", "sizes", "model.name"])
    #expect(inspection.parts.map(\.detail) == ["0.001", "[1, 2]", "x"])
  }

  // MARK: Zips

  /// A small file of torch, whose first entry is its pickle, with a change.
  private func zip(_ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
    let path = try #require(Corpus.shared).path("torch-zoo/state_dict.p1.pt")
    var data = Array(try Data(contentsOf: URL(filePath: path)))
    change(&data)
    return data
  }

  @Test("A zip whose two headers agree opens")
  func agreeing() throws {
    let inspection = try inspect(try zip { _ in })
    #expect(inspection.parts.contains { $0.kind == .tensor })
  }

  @Test(
    "A zip whose entry has two meanings is refused at the entry's own header",
    arguments: [(8, "method"), (14, "checksum"), (18, "size"), (22, "size"), (30, "name")])
  func disagreeing(_ place: Int, _ word: String) throws {
    let message = try refusal(try zip { $0[place] ^= 8 })
    #expect(message.contains("another \(word) in its own header at byte 0"), "\(message)")
  }

  @Test("Damaged bytes do not match their checksum")
  func checksum() throws {
    let message = try refusal(
      try zip { data in
        // The pickle begins behind the header's name and padding.
        let start = 30 + Int(data[26]) + Int(data[28]) + Int(data[29]) << 8
        data[start + 20] ^= 1
      })
    #expect(message.contains("does not match its checksum"), "\(message)")
  }
}
