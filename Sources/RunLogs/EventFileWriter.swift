import Base
import Foundation

/// Writes an event file that TensorBoard reads: scalars and histograms by step.
///
/// A record is its length, a masked CRC-32C of the length, an `Event` message, and a masked CRC-32C of it. What was written
/// can be read while the file grows.
/// Source: TensorFlow's record_writer.h, event.proto and summary.proto.
public final class EventFileWriter {
  /// How often values lie in each of some intervals.
  public struct Histogram: Sendable, Equatable {
    /// Upper end of each interval, ascending.
    public let limits: [Double]
    public let counts: [Double]
    public let lowest: Double
    public let highest: Double
    public let count: Int
    public let sum: Double
    public let squares: Double

    private static let bins = 30

    /// Intervals of one width from the lowest to the highest value; nil where no value is finite.
    public init?(_ values: [Float]) {
      let finite = values.lazy.filter(\.isFinite)
      guard let first = finite.first else { return nil }
      var (low, high, sum, squares, count) = (first, first, 0.0, 0.0, 0)
      for value in finite {
        (low, high) = (min(low, value), max(high, value))
        sum += Double(value)
        squares += Double(value) * Double(value)
        count += 1
      }
      let width = (Double(high) - Double(low)) / Double(Self.bins)
      let bins = width > 0 ? Self.bins : 1
      var counts = [Double](repeating: 0, count: bins)
      for value in finite {
        counts[width > 0 ? min(bins - 1, Int((Double(value) - Double(low)) / width)) : 0] += 1
      }
      limits = (1...bins).map { $0 == bins ? Double(high) : Double(low) + width * Double($0) }
      self.counts = counts
      lowest = Double(low)
      highest = Double(high)
      self.count = count
      self.sum = sum
      self.squares = squares
    }
  }

  public let path: String
  private let file: FileHandle

  /// Makes a new event file in a folder, which is made where it is missing.
  ///
  /// - Throws: `system` where the file can't be made or written.
  public init(folder: String) throws {
    let files = FileManager.default
    let now = Date().timeIntervalSince1970
    let stem = "\(folder)/events.out.tfevents.\(Int(now)).vcsh.\(ProcessInfo.processInfo.processIdentifier)"
    do {
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(.system, "can't make the folder \(folder): \(error.localizedDescription)")
    }
    var number = 0
    while files.fileExists(atPath: "\(stem).\(number)") { number += 1 }
    path = "\(stem).\(number)"
    guard files.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
      throw Failure(.system, "can't write \(path)", hint: "check the folder's permissions and the room on its disk")
    }
    self.file = file
    // The version comes first: readers look for it.
    try write(Self.event(at: now, step: 0, [.bytes(3, Data("brain.Event:2".utf8))]))
  }

  deinit { try? file.close() }

  /// - Throws: `system` where the disk refuses.
  public func add(scalars: [(tag: String, value: Double)], step: Int) throws {
    let values = scalars.map { ProtobufField.message(1, [.bytes(1, Data($0.tag.utf8)), .float(2, Float($0.value))]) }
    try write(Self.event(at: Date().timeIntervalSince1970, step: step, [.message(5, values)]))
  }

  /// - Throws: `system` where the disk refuses.
  public func add(histogram: Histogram, tag: String, step: Int) throws {
    let fields: [ProtobufField] = [
      .double(1, histogram.lowest), .double(2, histogram.highest), .double(3, Double(histogram.count)),
      .double(4, histogram.sum), .double(5, histogram.squares), .doubles(6, histogram.limits),
      .doubles(7, histogram.counts),
    ]
    let value = ProtobufField.message(1, [.bytes(1, Data(tag.utf8)), .message(5, fields)])
    try write(Self.event(at: Date().timeIntervalSince1970, step: step, [.message(5, [value])]))
  }

  /// - Throws: `system` where the disk refuses.
  public func add(image: PNGImage, tag: String, step: Int) throws {
    // Three channels: red, green, blue.
    let fields: [ProtobufField] = [
      .integer(1, image.height), .integer(2, image.width), .integer(3, 3), .bytes(4, image.data),
    ]
    let value = ProtobufField.message(1, [.bytes(1, Data(tag.utf8)), .message(4, fields)])
    try write(Self.event(at: Date().timeIntervalSince1970, step: step, [.message(5, [value])]))
  }

  private static func event(at time: Double, step: Int, _ content: [ProtobufField]) -> Data {
    ProtobufField.encoded([.double(1, time), .integer(2, step)] + content)
  }

  private func write(_ event: Data) throws {
    do {
      try file.write(contentsOf: Self.record(event))
    } catch {
      throw Failure(
        .system, "can't write \(path): \(error.localizedDescription)", hint: "check the room on the disk")
    }
  }

  /// A message in the frame of TFRecord.
  package static func record(_ content: Data) -> Data {
    let length = withUnsafeBytes(of: UInt64(content.count).littleEndian) { Data($0) }
    func checksum(_ data: Data) -> Data {
      withUnsafeBytes(of: CyclicChecksum.castagnoli.masked(data).littleEndian) { Data($0) }
    }
    return length + checksum(length) + content + checksum(content)
  }
}
