import Base
import Foundation

/// A value that vcsh writes into a pickle: plain values and tensors, nothing that a reader would have to call beyond torch's
/// own functions that rebuild tensors.
public indirect enum PythonValue: Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case list([PythonValue])
  case tuple([PythonValue])
  case dict([(key: PythonValue, value: PythonValue)])
  /// `collections.OrderedDict` with text keys, as torch keeps weights.
  case orderedDict([(key: String, value: PythonValue)])
  case tensor(TorchTensor)

  public init(_ node: ConfigNode) {
    switch node {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .list(let items): self = .list(items.map(PythonValue.init))
    case .map(let entries): self = .dict(entries.map { (.string($0.key), PythonValue($0.value)) })
    }
  }

  /// What another pickle holds; nil where a part of it is neither a plain value nor a tensor.
  ///
  /// - Throws: what reading a tensor throws.
  public init?(_ value: PickleValue, in archive: TorchArchive, depth: Int = 0) throws {
    guard depth < 64 else { return nil }
    func all(_ values: [PickleValue]) throws -> [PythonValue]? {
      let items = try values.map { try PythonValue($0, in: archive, depth: depth + 1) }
      let plain = items.compactMap { $0 }
      return plain.count == items.count ? plain : nil
    }
    switch value.kind {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .list(let values):
      guard let items = try all(values) else { return nil }
      self = .list(items)
    case .tuple(let values):
      guard let items = try all(values) else { return nil }
      self = .tuple(items)
    case .dict(let entries):
      guard let keys = try all(entries.map(\.key)), let values = try all(entries.map(\.value)) else { return nil }
      self = .dict(zip(keys, values).map { ($0, $1) })
    case .tensor(let reference):
      guard let tensor = try TorchTensor(reference, in: archive) else { return nil }
      self = .tensor(tensor)
    case .bigInteger, .bytes, .set, .global, .object, .storage: return nil
    }
  }
}

/// A dense tensor as torch stores it: its bytes in little-endian order, row by row.
public struct TorchTensor: Sendable, Equatable {
  public let scalar: ScalarType
  public let shape: [Int]
  public let bytes: Data

  /// The numbers of an array in its own element type, to the bit.
  ///
  /// - Returns: nil for an element type that torch's storages do not have.
  /// - Throws: what reading throws.
  public init?(_ name: String, of source: any ArraySource) throws {
    guard let info = source.info(name) else { return nil }
    try self.init(
      info, floats: { try source.tensor(name).values }, doubles: { try source.doubles(name) },
      integers: { try source.integers(name) })
  }

  init?(_ reference: TensorReference, in archive: TorchArchive) throws {
    try self.init(
      reference.info, floats: { try archive.tensor(reference).values }, doubles: { try archive.doubles(reference) },
      integers: { try archive.integers(reference) })
  }

  private init?(
    _ info: ArrayInfo, floats: () throws -> [Float], doubles: () throws -> [Double], integers: () throws -> [Int]
  ) throws {
    guard PickleBuilder.storageTypes.values.contains(info.scalar) else { return nil }
    scalar = info.scalar
    shape = info.shape
    func data<Word>(_ words: [Word]) -> Data { words.withUnsafeBytes { Data($0) } }
    bytes =
      switch info.scalar {
      case .float64: data(try doubles().map { $0.bitPattern.littleEndian })
      case .float32: data(try floats().map { $0.bitPattern.littleEndian })
      case .float16: data(try floats().map { Float16($0).bitPattern.littleEndian })
      // A value that was read from bfloat16 has zeros in the lower half.
      case .bfloat16: data(try floats().map { UInt16($0.bitPattern >> 16).littleEndian })
      case .int64: data(try integers().map { Int64($0).littleEndian })
      case .int32: data(try integers().map { Int32(truncatingIfNeeded: $0).littleEndian })
      case .int16: data(try integers().map { Int16(truncatingIfNeeded: $0).littleEndian })
      case .int8: data(try integers().map { Int8(truncatingIfNeeded: $0) })
      default: data(try integers().map { UInt8(truncatingIfNeeded: $0) })
      }
  }

  var count: Int { shape.reduce(1, *) }

  /// Steps from one element of an axis to the next.
  var strides: [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * max(1, shape[axis + 1]) }
    return strides
  }
}
