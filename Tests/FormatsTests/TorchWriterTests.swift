import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Writing torch archives")
struct TorchWriterTests {
  private struct Arrays: ArraySource {
    let origin = "test"
    let arrayNames = ["f", "h", "b", "d", "i", "t", "empty", "scalar"]

    func info(_ name: String) -> ArrayInfo? {
      switch name {
      case "f": ArrayInfo(shape: [2, 3], scalar: .float32)
      case "h": ArrayInfo(shape: [2], scalar: .float16)
      case "b": ArrayInfo(shape: [2], scalar: .bfloat16)
      case "d": ArrayInfo(shape: [1], scalar: .float64)
      case "i": ArrayInfo(shape: [2], scalar: .int64)
      case "t": ArrayInfo(shape: [3], scalar: .bool)
      case "empty": ArrayInfo(shape: [0, 4], scalar: .float32)
      case "scalar": ArrayInfo(shape: [], scalar: .float32)
      default: nil
      }
    }

    func tensor(_ name: String) throws -> Tensor {
      let values: [Float] =
        switch name {
        case "f": [1, -0.0, .infinity, .leastNonzeroMagnitude, -7, 3]
        case "h": [0.5, -65504]
        case "b": [Float(bitPattern: 0x3f80_0000), Float(bitPattern: 0xc2a5_0000)]
        case "scalar": [0.25]
        default: []
        }
      return Tensor(shape: info(name)?.shape ?? [], values: values)
    }
    func tensor(_ name: String, rows: Range<Int>) throws -> Tensor { try tensor(name)[rows: rows] }
    func integers(_ name: String) throws -> [Int] { name == "i" ? [-3, 1 << 40] : [1, 0, 1] }
    func doubles(_ name: String) throws -> [Double] { [0.1] }
  }

  private func value() throws -> PythonValue {
    let weights = try Arrays().arrayNames.map { name in
      (key: "model.\(name)", value: PythonValue.tensor(try #require(try TorchTensor(name, of: Arrays()))))
    }
    let settings = ConfigNode.map([
      .init("lr", .double(1e-5)), .init("one", .double(1)), .init("big", .int(1 << 40)), .init("none", .null),
      .init("on", .bool(true)), .init("text", .string("ü \"quoted\"\n")), .init("list", .list([.int(-1), .list([])])),
    ])
    return .dict([
      (.string("epoch"), .int(3)), (.string("state_dict"), .orderedDict(weights)),
      (.string("hyper_parameters"), PythonValue(settings)), (.string("pair"), .tuple([.int(1), .double(.pi)])),
    ])
  }

  @Test("What is written is read again to the bit: element types, shapes, plain values and their order")
  func roundTrip() throws {
    let path = try Fixtures.temporaryFolder() + "/t.ckpt"
    try TorchWriter.write(value(), to: path)
    let read = try Checkpoint(path: path)
    #expect(read.arrayNames == Arrays().arrayNames)
    #expect(read.fileNames["f"] == "model.f")
    for name in Arrays().arrayNames {
      #expect(read.info(name) == Arrays().info(name), "\(name)")
      #expect(try TorchTensor(name, of: read) == TorchTensor(name, of: Arrays()), "\(name)")
    }
    #expect(read.epoch == 3)
    #expect(read.hyperParameters["lr"] == .double(1e-5) && read.hyperParameters["one"] == .double(1))
    #expect(read.hyperParameters["big"] == .int(1 << 40) && read.hyperParameters["none"] == .null)
    #expect(read.hyperParameters["text"] == .string("ü \"quoted\"\n"))
    #expect(read.hyperParameters["list"] == .list([.int(-1), .list([])]))
    #expect(read.hyperParameters.mapValue?.map(\.key) == ["lr", "one", "big", "none", "on", "text", "list"])
  }

  @Test("The same value gives the same bytes, and every storage begins at a multiple of 64")
  func layout() throws {
    let folder = try Fixtures.temporaryFolder()
    for name in ["a", "b"] { try TorchWriter.write(value(), to: "\(folder)/\(name)") }
    let bytes = try Data(contentsOf: URL(filePath: "\(folder)/a"))
    #expect(try bytes == Data(contentsOf: URL(filePath: "\(folder)/b")))
    func number(_ place: Int, _ width: Int) -> Int {
      (0..<width).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    var place = 0
    var names: [String] = []
    while number(place, 4) == 0x0403_4b50 {
      let (size, name, extra) = (number(place + 18, 4), number(place + 26, 2), number(place + 28, 2))
      names.append(String(decoding: bytes[place + 30..<place + 30 + name], as: UTF8.self))
      let start = place + 30 + name + extra
      #expect(start % 64 == 0, "\(names.last ?? "")")
      place = start + size
    }
    #expect(names.first == "archive/data.pkl" && names.last == "archive/version" && names.count == 13)
  }

  @Test("Plain values and tensors are copied from a checkpoint, and a value with a call in it is not")
  func opaque() throws {
    let archive = try TorchArchive(path: Fixtures.path("twin/twin.ckpt"))
    let loops = try #require(archive.root["loops"])
    #expect(try PythonValue(loops, in: archive) != nil)
    let state = try #require(archive.root["optimizer_states"])
    #expect(try PythonValue(state, in: archive) != nil)
    let hostile = try TorchArchive(path: try #require(Corpus.shared).path("made/pickle/mal_system.pkl"))
    #expect(try PythonValue(hostile.root, in: hostile) == nil)
  }
}
