import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  /// A file of this header with `bytes` data bytes 0, 1, 2, …
  static func file(_ header: String, bytes: Int) -> Data {
    var data = Data()
    for place in 0..<8 { data.append(UInt8(truncatingIfNeeded: header.utf8.count >> (8 * place))) }
    data.append(Data(header.utf8))
    data.append(Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0) }))
    return data
  }

  private func open(_ header: String, bytes: Int) throws -> SafetensorsArchive {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.file(header, bytes: bytes).write(to: URL(filePath: folder + "/a.safetensors"))
    return try SafetensorsArchive(path: folder + "/a.safetensors")
  }

  @Test("Tensors come in the order of their data, with shape and type")
  func shapes() throws {
    let archive = try open(
      #"{"b":{"dtype":"U8","shape":[2],"data_offsets":[12,14]},"a":{"dtype":"I32","shape":[3,1],"data_offsets":[0,12]}}"#,
      bytes: 14)
    #expect(archive.arrayNames == ["a", "b"])
    #expect(archive.info("a") == ArrayInfo(shape: [3, 1], scalar: .int32))
    #expect(try archive.integers("a") == [0x0302_0100, 0x0706_0504, 0x0b0a_0908])
    #expect(try archive.tensor("b").values == [12, 13])
  }

  @Test("Half precision is widened")
  func half() throws {
    let archive = try open(#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#, bytes: 4)
    // 0x0100 and 0x0302 as IEEE halves: a subnormal and a small normal number.
    #expect(try archive.doubles("a") == [0x1p-16, Double(0x302) * 0x1p-24])
  }

  @Test("A tensor of an element type that vcsh does not read is listed, and reading it is refused")
  func unreadType() throws {
    let archive = try open(#"{"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}"#, bytes: 2)
    #expect(archive.arrayNames == ["a"] && archive.info("a") == nil)
    let failure = #expect(throws: Failure.self) { try archive.tensor("a") }
    #expect(failure?.kind == .unsupported)
  }

  @Test("Eight-bit floats are read as torch does")
  func eightBits() throws {
    let archive = try open(
      #"{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[8,10]},"z":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"F8_E5M2FNUZ","shape":[1],"data_offsets":[10,11]}}"#,
      bytes: 11)
    // 0x08 and 0x09: 2^-6 (1 + mantissa / 8); 0x0a: 2^(2 - 16) (1 + 2 / 4).
    #expect(try archive.tensor("a").values == [0x1p-6, 0x1.2p-6])
    #expect(try archive.tensor("b").values == [0x1.8p-14])
  }

  @Test("Complex numbers and a file that was cut short are named, with the remedy")
  func remedies() throws {
    let archive = try open(#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, bytes: 8)
    let complex = #expect(throws: Failure.self) { try archive.tensor("a") }
    #expect(complex?.message.contains("complex numbers") == true && complex?.hint?.contains("tensor.real") == true)
    let cut = #expect(throws: Failure.self) {
      try open(#"{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}"#, bytes: 30)
    }
    #expect(cut?.message.contains("it was cut short") == true && cut?.message.contains("6 bytes are missing") == true)
    #expect(cut?.hint?.contains("copy it again") == true)
  }

  @Test("Averaged weights are a set of their own, by the name that --weights takes")
  func averaged() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/a.safetensors"
    try Self.file(
      #"{"net.w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"ema.net.w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
      bytes: 2
    ).write(to: URL(filePath: path))
    let main = try Checkpoint(path: path)
    #expect(main.arrayNames == ["net.w"] && main.otherWeights.map(\.name) == ["ema"])
    #expect(try main.tensor("net.w").values == [0])
    for name in ["ema", "(all).ema"] {
      let average = try Checkpoint(path: path, selection: WeightSelection(set: name))
      #expect(average.weights.isAveraged && average.arrayNames == ["net.w"])
      #expect(try average.tensor("net.w").values == [1])
    }
  }

  @Test(
    "A header that does not fit its data is refused for what is wrong with it",
    arguments: [
      (
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
        "`a` (F32 [2]) has bytes 0..<4 of the data; 8 bytes from byte 0 on are expected"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        "`a` (F32 [1]) has bytes 4..<8 of the data; 4 bytes from byte 0 on are expected"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        "`a` is listed twice"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        "has bytes 0..<4 of the data; 4 bytes from byte 4 on are expected"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[0,9223372036854775807,9],"data_offsets":[0,0]}}"#,
        "which is too large for any file"
      ),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#, "`}` is missing"),
    ] as [(String, String)])
  func refused(_ header: String, _ reason: String) throws {
    let failure = #expect(throws: Failure.self) { try open(header, bytes: 4) }
    #expect(failure?.kind == .format && failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
  }
}
