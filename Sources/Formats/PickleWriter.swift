import Base
import Foundation

/// Writes values as a pickle of protocol 2, tensors by the numbers of their storages.
struct PickleWriter {
  /// The storages that the pickle names, in the order of their numbers.
  private(set) var storages: [Data] = []
  private var bytes = Data([0x80, 2])

  /// The whole pickle with one value.
  ///
  /// - Throws: `unsupported` for text of more than 4 GiB.
  mutating func pickle(_ value: PythonValue) throws -> Data {
    try write(value)
    return bytes + Data([Self.stop])
  }

  private static let stop = UInt8(ascii: ".")
  private static let mark = UInt8(ascii: "(")

  private mutating func put(_ code: UInt8) { bytes.append(code) }

  private mutating func write(_ value: PythonValue) throws {
    switch value {
    case .none: put(UInt8(ascii: "N"))
    case .bool(let value): put(value ? 0x88 : 0x89)
    case .int(let value): write(value)
    case .double(let value):
      put(UInt8(ascii: "G"))
      withUnsafeBytes(of: value.bitPattern.bigEndian) { bytes.append(contentsOf: $0) }
    case .string(let value): try write(value)
    case .list(let items):
      put(UInt8(ascii: "]"))
      guard !items.isEmpty else { return }
      put(Self.mark)
      for item in items { try write(item) }
      put(UInt8(ascii: "e"))
    case .tuple(let items):
      put(Self.mark)
      for item in items { try write(item) }
      put(UInt8(ascii: "t"))
    case .dict(let entries):
      put(UInt8(ascii: "}"))
      try write(entries)
    case .orderedDict(let entries):
      writeOrderedDict()
      try write(entries.map { (.string($0.key), $0.value) })
    case .tensor(let tensor): try write(tensor)
    }
  }

  private mutating func write(_ entries: [(key: PythonValue, value: PythonValue)]) throws {
    guard !entries.isEmpty else { return }
    put(Self.mark)
    for entry in entries {
      try write(entry.key)
      try write(entry.value)
    }
    put(UInt8(ascii: "u"))
  }

  private mutating func write(_ value: Int) {
    if let small = Int32(exactly: value) {
      put(UInt8(ascii: "J"))
      withUnsafeBytes(of: small.littleEndian) { bytes.append(contentsOf: $0) }
    } else {
      bytes.append(contentsOf: [0x8a, 8])
      withUnsafeBytes(of: Int64(value).littleEndian) { bytes.append(contentsOf: $0) }
    }
  }

  private mutating func write(_ text: String) throws {
    guard let count = UInt32(exactly: text.utf8.count) else {
      throw Failure(.unsupported, "text of \(text.utf8.count) bytes can't be written into a checkpoint")
    }
    put(UInt8(ascii: "X"))
    withUnsafeBytes(of: count.littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func writeGlobal(_ module: String, _ name: String) {
    bytes.append(contentsOf: Array("c\(module)\n\(name)\n".utf8))
  }

  private mutating func writeOrderedDict() {
    writeGlobal("collections", "OrderedDict")
    bytes.append(contentsOf: Array(")R".utf8))
  }

  /// `_rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks)`
  private mutating func write(_ tensor: TorchTensor) throws {
    guard let type = PickleBuilder.storageTypes.first(where: { $0.value == tensor.scalar })?.key else {
      throw Failure(.unsupported, "torch has no storage for \(tensor.scalar.rawValue)")
    }
    writeGlobal("torch._utils", "_rebuild_tensor_v2")
    put(Self.mark)
    put(Self.mark)
    try write("storage")
    writeGlobal("torch", type)
    try write(String(storages.count))
    try write("cpu")
    write(tensor.count)
    bytes.append(contentsOf: Array("tQ".utf8))
    write(0)
    try write(.tuple(tensor.shape.map { .int($0) }))
    try write(.tuple(tensor.strides.map { .int($0) }))
    put(0x89)
    writeOrderedDict()
    bytes.append(contentsOf: Array("tR".utf8))
    storages.append(tensor.bytes)
  }
}
