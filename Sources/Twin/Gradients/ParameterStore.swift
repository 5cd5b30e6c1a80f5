import Base
import Formats

/// A twin's tensors in memory, to be changed by training.
///
/// Layers never change: after a step, build them again from the store.
public struct ParameterStore: ArraySource {
  public let origin: String
  public let arrayNames: [String]
  private var tensors: [String: Tensor]
  private let scalars: [String: ScalarType]

  /// Reads every tensor of `source`.
  ///
  /// - Throws: what reading throws.
  public init(_ source: any ArraySource) throws {
    origin = source.origin
    arrayNames = source.arrayNames.filter { source.info($0) != nil }
    tensors = try Dictionary(uniqueKeysWithValues: arrayNames.map { ($0, try source.tensor($0)) })
    scalars = Dictionary(uniqueKeysWithValues: arrayNames.map { ($0, source.info($0)?.scalar ?? .float32) })
  }

  public func info(_ name: String) -> ArrayInfo? {
    tensors[name].map { ArrayInfo(shape: $0.shape, scalar: scalars[name] ?? .float32) }
  }

  public func tensor(_ name: String) throws -> Tensor {
    guard let tensor = tensors[name] else {
      throw Failure(
        .missing, "\(origin): no tensor `\(name)`", hint: Suggestion.hint(for: name, among: arrayNames))
    }
    return tensor
  }

  public func tensor(_ name: String, rows: Range<Int>) throws -> Tensor {
    let tensor = try tensor(name)
    guard tensor.rank > 0, rows.lowerBound >= 0, rows.upperBound <= tensor.shape[0] else {
      throw Failure(.mismatch, "\(origin): `\(name)` has shape \(tensor.shape), not rows \(rows)")
    }
    return tensor[rows: rows]
  }

  public func integers(_ name: String) throws -> [Int] {
    try tensor(name).values.map { value in
      guard let integer = Int(exactly: value) else {
        throw Failure(.mismatch, "\(origin): `\(name)` holds \(value), an integer is needed")
      }
      return integer
    }
  }

  public func doubles(_ name: String) throws -> [Double] { try tensor(name).values.map(Double.init) }

  /// Replaces the values of a tensor.
  ///
  /// - Throws: `missing` for an unknown name, `mismatch` for another shape.
  public mutating func set(_ name: String, to tensor: Tensor) throws {
    let shape = try self.tensor(name).shape
    guard shape == tensor.shape else {
      throw Failure(.mismatch, "\(origin): `\(name)` is \(shape), the new values are \(tensor.shape)")
    }
    tensors[name] = tensor
  }

  /// Changes the values of a tensor where they are.
  ///
  /// - Throws: `missing` for an unknown name; what `body` throws.
  public mutating func change(_ name: String, _ body: (inout [Float]) throws -> Void) throws {
    guard var tensor = tensors.removeValue(forKey: name) else {
      _ = try tensor(name)
      return
    }
    defer { tensors[name] = tensor }
    try body(&tensor.values)
  }

  /// Takes over buffers that a pass in train mode updated.
  ///
  /// - Throws: as `set`.
  public mutating func update(_ buffers: [String: Tensor]) throws {
    for name in buffers.keys.sorted() { try buffers[name].map { try set(name, to: $0) } }
  }
}
