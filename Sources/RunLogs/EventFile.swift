import Base
import Foundation

/// An event file of TensorBoard: records of TFRecord (length, its checksum, an event, its checksum).
///
/// Reading stops at the first damaged record: nothing after it has a known place.
struct EventFile: GrowingLog {
  struct Scalar: Sendable {
    var tag: String
    var step: Int
    var value: Double
  }

  private(set) var scalars: [Scalar] = []
  private(set) var media: [LoggedMedium] = []
  /// Complete records.
  private(set) var records = 0
  /// Seconds since 1970 of the first and the last event.
  private(set) var times: ClosedRange<Double>?
  /// Why reading stopped before the end; nil where it did not.
  private(set) var damage: String?

  private static let windowByteCount = 1 << 20
  private static let recordLimit = 256 << 20
  private var mediaPlaces: [String: Int] = [:]

  private(set) var consumed = 0
  var pointCount: Int { scalars.count }

  /// - Throws: as `RegularFile`; `format` where not even the first record is one.
  mutating func take(_ file: RegularFile) throws {
    var window: [UInt8] = []
    var windowStart = 0
    func bytes(_ range: Range<Int>) throws -> ArraySlice<UInt8> {
      if range.lowerBound < windowStart || range.upperBound > windowStart + window.count {
        let end = min(file.size, max(range.upperBound, range.lowerBound + Self.windowByteCount))
        window = Array(try file.read(range.lowerBound..<end))
        windowStart = range.lowerBound
      }
      return window[range.lowerBound - windowStart..<range.upperBound - windowStart]
    }
    damage = nil
    while consumed < file.size {
      guard consumed + 12 <= file.size else {
        damage = "the file ends within a record's length"
        break
      }
      let head = try bytes(consumed..<consumed + 12)
      let length = ProtobufFields.little(head.prefix(8))
      guard UInt64(CyclicChecksum.castagnoli.masked(head.prefix(8))) == ProtobufFields.little(head.suffix(4)) else {
        damage = "the length of record \(records + 1) has a wrong checksum"
        break
      }
      guard let count = Int(exactly: length), count <= Self.recordLimit else {
        damage = "record \(records + 1) claims \(length) bytes"
        break
      }
      guard count + 16 <= file.size - consumed else {
        damage = "the file ends within record \(records + 1)"
        break
      }
      let record = try bytes(consumed + 12..<consumed + 16 + count)
      guard UInt64(CyclicChecksum.castagnoli.masked(record.dropLast(4))) == ProtobufFields.little(record.suffix(4))
      else {
        damage = "record \(records + 1) has a wrong checksum"
        break
      }
      add(record.dropLast(4))
      records += 1
      consumed += 16 + count
    }
    guard records > 0 else {
      throw Failure(
        .format, "\(file.path): \(file.size == 0 ? "the file is empty" : damage ?? "it holds no record of TensorBoard")"
      )
    }
  }

  private mutating func add(_ event: ArraySlice<UInt8>) {
    var fields = ProtobufFields(event)
    var (time, step, summary): (Double?, Int, ArraySlice<UInt8>?) = (nil, 0, nil)
    while let (field, content) = fields.next() {
      switch field {
      case 1: time = content.double
      case 2: step = content.integer ?? 0
      case 5: summary = content.bytes
      default: break
      }
    }
    if let time, time.isFinite { times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time) }
    var values = ProtobufFields(summary ?? [])
    while let (field, content) = values.next() {
      if field == 1, let value = content.bytes { add(value: value, step: step) }
    }
  }

  private mutating func add(value: ArraySlice<UInt8>, step: Int) {
    var fields = ProtobufFields(value)
    var tag = ""
    var plugin = ""
    var scalar: Double?
    var tensor: ArraySlice<UInt8>?
    var medium: (kind: LoggedMedium.Kind, height: Int, width: Int)?
    while let (field, content) = fields.next() {
      switch field {
      case 1: tag = content.text ?? ""
      case 2: scalar = content.float
      case 4:
        let image = content.bytes ?? []
        medium = (.image, image.protobuf(1)?.integer ?? 0, image.protobuf(2)?.integer ?? 0)
      case 5: medium = (.histogram, 1, (content.bytes?.protobuf(7)?.bytes?.count ?? 0) / 8)
      case 8: tensor = content.bytes
      case 9: plugin = content.bytes?.protobuf(1)?.bytes?.protobuf(1)?.text ?? ""
      default: break
      }
    }
    if let tensor {
      let summary = SummaryTensor(tensor)
      switch plugin {
      case "images": medium = summary.image.map { (.image, $0.height, $0.width) }
      case "histograms": medium = (.histogram, 1, summary.shape.first ?? 0)
      case "scalars", "": scalar = summary.scalar
      default: break
      }
    }
    if let scalar { scalars.append(Scalar(tag: tag, step: step, value: scalar)) }
    if let medium {
      let place = mediaPlaces[tag] ?? media.count
      if place == media.count {
        mediaPlaces[tag] = place
        media.append(LoggedMedium(tag: tag, kind: medium.kind, count: 0, height: 0, width: 0))
      }
      media[place].count += 1
      (media[place].height, media[place].width) = (medium.height, medium.width)
    }
  }
}

/// A tensor of a summary, as TensorFlow 2 writes scalars, images and histograms.
struct SummaryTensor {
  private(set) var shape: [Int] = []
  /// Of a tensor with one number.
  private(set) var scalar: Double?
  /// Of an image: its strings are width, height and the encoded pictures.
  private(set) var image: (height: Int, width: Int)?

  init(_ tensor: ArraySlice<UInt8>) {
    var fields = ProtobufFields(tensor)
    var type = 0
    var content: ArraySlice<UInt8>?
    var strings: [String] = []
    while let (field, value) = fields.next() {
      switch field {
      case 1: type = value.integer ?? 0
      case 2:
        var dimensions = ProtobufFields(value.bytes ?? [])
        while let (kind, dimension) = dimensions.next() {
          if kind == 2 { shape.append(dimension.bytes?.protobuf(1)?.integer ?? 0) }
        }
      case 4: content = value.bytes
      case 5: scalar = value.bytes.flatMap(Self.float) ?? value.float
      case 6: scalar = value.bytes.flatMap(Self.double) ?? value.double
      case 7, 10: scalar = value.integer.map(Double.init)
      case 8:
        if strings.count < 2, let bytes = value.bytes {
          strings.append(String(decoding: bytes.prefix(20), as: UTF8.self))
        }
      default: break
      }
    }
    if scalar == nil, let content {
      scalar = type == 1 ? Self.float(content) : type == 2 ? Self.double(content) : nil
    }
    if strings.count == 2, let width = Int(strings[0]), let height = Int(strings[1]) { image = (height, width) }
  }

  private static func float(_ bytes: ArraySlice<UInt8>) -> Double? {
    bytes.count == 4 ? Double(Float(bitPattern: UInt32(ProtobufFields.little(bytes)))) : nil
  }

  private static func double(_ bytes: ArraySlice<UInt8>) -> Double? {
    bytes.count == 8 ? Double(bitPattern: ProtobufFields.little(bytes)) : nil
  }
}
