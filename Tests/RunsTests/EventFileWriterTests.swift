import Base
import Foundation
import RunLogs
import TestSupport
import Testing

@Suite("Event files for TensorBoard")
struct EventFileWriterTests {
  /// CRC-32C bit by bit, masked as TFRecord has it.
  private static func masked(_ data: Data) -> UInt32 {
    var value = UInt32.max
    for byte in data {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
    }
    value = ~value
    return (value >> 15 | value << 17) &+ 0xa282_ead8
  }

  private static func integer<T: FixedWidthInteger>(_ data: Data, at place: Int, as type: T.Type) -> T {
    (0..<T.bitWidth / 8).reduce(0) { $0 | T(truncatingIfNeeded: data[data.startIndex + place + $1]) << (8 * $1) }
  }

  /// The messages of a file; nil where a length or a checksum is wrong.
  private static func records(_ data: Data) -> [Data]? {
    var records: [Data] = []
    var place = 0
    while place < data.count {
      guard data.count - place >= 16 else { return nil }
      let count = Int(integer(data, at: place, as: UInt64.self))
      guard data.count - place >= count + 16,
        integer(data, at: place + 8, as: UInt32.self) == masked(data[place..<place + 8])
      else { return nil }
      let content = data[place + 12..<place + 12 + count]
      guard integer(data, at: place + 12 + count, as: UInt32.self) == masked(content) else { return nil }
      records.append(content)
      place += count + 16
    }
    return records
  }

  @Test("The checksum is CRC-32C: its value for 123456789 is the one of RFC 3720's polynomial")
  func checksum() {
    let unmasked: UInt32 = 0xe306_9283
    #expect(Self.masked(Data("123456789".utf8)) == (unmasked >> 15 | unmasked << 17) &+ 0xa282_ead8)
    let record = EventFileWriter.record(Data("123456789".utf8))
    #expect(Self.records(record) == [Data("123456789".utf8)])
    var damaged = record
    damaged[14] ^= 1
    #expect(Self.records(damaged) == nil)
  }

  @Test("A file begins with its version; scalars and histograms are messages of Event as protobuf encodes them")
  func messages() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let writer = try EventFileWriter(folder: folder + "/new/folder")
    try writer.add(scalars: [("loss", 0.5)], step: 300)
    let histogram = try #require(EventFileWriter.Histogram([0, 1, 1, 3, .nan]))
    #expect(histogram.count == 4 && histogram.sum == 5 && histogram.squares == 11)
    #expect(histogram.counts.reduce(0, +) == 4 && histogram.limits.last == 3)
    #expect(EventFileWriter.Histogram([.nan]) == nil)
    #expect(EventFileWriter.Histogram([2, 2])?.counts == [2])
    try writer.add(histogram: histogram, tag: "weights", step: 301)
    let records = try #require(Self.records(Data(contentsOf: URL(filePath: writer.path))))
    #expect(records.count == 3)
    #expect(records[0].suffix(15) == Data([0x1a, 13]) + Data("brain.Event:2".utf8))
    // Field 1, the time, takes 9 bytes; 300 is the varint AC 02; then summary { value { tag, simple_value } }.
    let value = Data([0x0a, 4]) + Data("loss".utf8) + Data([0x15, 0, 0, 0, 0x3f])
    #expect(
      records[1].dropFirst(9) == Data([0x10, 0xac, 0x02, 0x2a, UInt8(value.count + 2), 0x0a, UInt8(value.count)])
        + value)
    #expect(records[2].range(of: Data("weights".utf8)) != nil)
  }

  @Test("A picture is a PNG file with its pixels, row by row, and vcsh's reader finds it in the event file")
  func picture() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let row: [(red: UInt8, green: UInt8, blue: UInt8)] = [(1, 2, 3), (4, 5, 6), (7, 8, 9)]
    let image = try #require(PNGImage([row, row]))
    #expect(image.height == 2 && image.width == 3)
    #expect(
      image.data.prefix(16) == Data([0x89]) + Data("PNG\r\n".utf8) + Data([26, 10, 0, 0, 0, 13]) + Data("IHDR".utf8))
    // The checksum of an empty IEND is the same in every PNG file.
    #expect(image.data.suffix(12) == Data([0, 0, 0, 0]) + Data("IEND".utf8) + Data([0xae, 0x42, 0x60, 0x82]))
    #expect(image.data.range(of: Data([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3])) != nil)
    #expect(PNGImage([]) == nil && PNGImage([row, []]) == nil)
    let writer = try EventFileWriter(folder: folder)
    try writer.add(image: image, tag: "kernels", step: 7)
    let log = try TensorBoardLog.read(folder, names: [(writer.path as NSString).lastPathComponent])
    #expect(log.media == [LoggedMedium(tag: "kernels", kind: .image, count: 1, height: 2, width: 3)])
  }

  @Test("A folder that can't be made is one clear failure")
  func refused() {
    #expect(throws: Failure.self) { try EventFileWriter(folder: "/proc/nowhere/events") }
  }
}
