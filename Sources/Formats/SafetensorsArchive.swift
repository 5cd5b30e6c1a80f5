import Base
import Foundation

/// A `.safetensors` file. Opening reads the header; its offsets must cover the data without holes or overlap.
public struct SafetensorsArchive: StoredArraySource {
  public let path: String
  /// Numeric and other tensors, in the order of their data.
  public let arrayNames: [String]
  /// Text that the writer left, such as `format`.
  public let metadata: ConfigNode
  public let byteCount: Int
  /// SHA-256 over all bytes: the format has no checksums.
  public let fingerprint: String
  private let bytes: Bytes
  private let tensors: [String: (header: SafetensorsHeader.Entry, scalar: ScalarType?, range: Range<Int>)]

  /// The format's own limit.
  static let headerLimit = 100_000_000

  /// Element types and their sizes. Tensors of types without a `ScalarType` are listed but can't be read.
  private static let types: [String: (scalar: ScalarType?, bits: Int)] = [
    "BOOL": (.bool, 8), "U8": (.uint8, 8), "I8": (.int8, 8), "I16": (.int16, 16), "U16": (.uint16, 16),
    "I32": (.int32, 32), "U32": (.uint32, 32), "I64": (.int64, 64), "U64": (.uint64, 64), "F16": (.float16, 16),
    "BF16": (.bfloat16, 16), "F32": (.float32, 32), "F64": (.float64, 64), "F8_E5M2": (.float8e5m2, 8),
    "F8_E4M3": (.float8e4m3fn, 8), "F8_E5M2FNUZ": (.float8e5m2fnuz, 8), "F8_E4M3FNUZ": (.float8e4m3fnuz, 8),
    "F8_E8M0": (.float8e8m0fnu, 8), "C64": (nil, 64), "F4": (nil, 4), "F6_E2M3": (nil, 6), "F6_E3M2": (nil, 6),
  ]

  public init(path: String) throws { try self.init(RegularFile(path: path)) }

  init(_ file: RegularFile) throws {
    path = file.path
    byteCount = file.size
    bytes = Bytes(file)
    let length = try bytes.size(0, width: 8, "the header's length")
    guard length <= SafetensorsArchive.headerLimit else {
      throw Failure(.format, "\(path): the header's length at byte 0 is too large: \(length) bytes")
    }
    guard length <= file.size - 8 else { throw SafetensorsArchive.cut(file, missing: length - (file.size - 8)) }
    let range = try bytes.checked(8, length, "the header")
    let header = try SafetensorsHeader(Array(bytes.data(range)), origin: file.path)
    let dataSize = file.size - range.upperBound
    var tensors: [String: (header: SafetensorsHeader.Entry, scalar: ScalarType?, range: Range<Int>)] = [:]
    var names: [String] = []
    var expected = 0
    for entry in header.entries.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      guard let type = SafetensorsArchive.types[entry.type] else {
        throw Failure(
          .unsupported,
          "\(path): `\(entry.name)` has an unknown element type, `\(entry.type.prefix(20))`, before byte \(entry.place)"
        )
      }
      var bits = type.bits
      for size in entry.shape {
        // An axis of length 0 must not hide that the others are too large.
        let (product, overflow) = bits.multipliedReportingOverflow(by: max(1, size))
        guard !overflow else {
          throw Failure(
            .format,
            "\(path): `\(entry.name)` has shape \(entry.shape), which is too large for any file, before byte \(entry.place)"
          )
        }
        bits = product
      }
      if entry.shape.contains(0) { bits = 0 }
      guard entry.start == expected, entry.end >= entry.start, bits % 8 == 0, entry.end - entry.start == bits / 8 else {
        throw Failure(
          .format,
          "\(path): `\(entry.name)` (\(entry.type) \(entry.shape)) has bytes \(entry.start)..<\(entry.end) of the data; \(bits / 8) bytes from byte \(expected) on are expected (header before byte \(entry.place))"
        )
      }
      expected = entry.end
      guard entry.end <= dataSize else {
        throw SafetensorsArchive.cut(file, missing: (header.entries.map(\.end).max() ?? entry.end) - dataSize)
      }
      tensors[entry.name] = (
        entry, type.scalar, range.upperBound + entry.start..<range.upperBound + entry.end
      )
      names.append(entry.name)
    }
    guard range.upperBound + expected == file.size else {
      throw Failure(
        .format,
        "\(path): \(file.size - range.upperBound - expected) bytes follow the last tensor, from byte \(range.upperBound + expected)"
      )
    }
    arrayNames = names
    self.tensors = tensors
    metadata = .map(header.metadata.map { ConfigNode.Entry($0.key, .string($0.value)) })
    fingerprint = try file.digest(after: "vcsh safetensors 1\n")
  }

  private static func cut(_ file: RegularFile, missing: Int) -> Failure {
    Failure(
      .format, "\(file.path): it was cut short at byte \(file.size): \(missing) bytes are missing",
      hint: ForeignFile.copyAgain(file.path))
  }

  public var origin: String { path }

  /// What the header declares of a tensor, whatever its element type is: the format's name of the type, the shape and
  /// the bytes.
  package func declared(_ name: String) -> (type: String, shape: [Int], byteCount: Int)? {
    tensors[name].map { ($0.header.type, $0.header.shape, $0.range.count) }
  }

  /// Nil also for element types that vcsh does not read.
  public func info(_ name: String) -> ArrayInfo? {
    tensors[name].flatMap { tensor in tensor.scalar.map { ArrayInfo(shape: tensor.header.shape, scalar: $0) } }
  }

  public func stored(_ name: String) throws -> StoredArray {
    guard let tensor = tensors[name] else { throw unknown(name) }
    guard let scalar = tensor.scalar, let strides = StoredArray.strides(tensor.header.shape, isFortran: false) else {
      let isComplex = tensor.header.type.hasPrefix("C")
      throw Failure(
        .unsupported,
        "\(path): `\(name)` holds \(isComplex ? "complex numbers" : "elements of type \(tensor.header.type), which vcsh does not read")",
        hint: isComplex
          ? "save its real and imaginary parts as two tensors: `tensor.real`, `tensor.imag`"
          : "save it as float32: `tensor.float()`")
    }
    return StoredArray(
      bytes: bytes[tensor.range], scalar: scalar, isBigEndian: false, shape: tensor.header.shape, strides: strides,
      offset: 0, place: "\(path): `\(name)`")
  }
}
