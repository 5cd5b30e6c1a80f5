import Base

/// A source without some of its arrays, and with others in their place or beside them.
public struct ReplacedArrays: ArraySource {
  private let source: any ArraySource
  private let dropped: Set<String>
  private let arrays: [String: Tensor]
  private let added: [String]

  /// - Parameters:
  ///   - dropped: names that are gone.
  ///   - arrays: float arrays in memory, which come first; a name may be among those that are gone.
  public init(_ source: any ArraySource, without dropped: [String], with arrays: [String: Tensor] = [:]) {
    self.source = source
    self.dropped = Set(dropped)
    self.arrays = arrays
    let gone = self.dropped
    added = arrays.keys.filter { gone.contains($0) || source.info($0) == nil }.sorted()
  }

  public var origin: String { source.origin }

  public var arrayNames: [String] { source.arrayNames.filter { !dropped.contains($0) } + added }

  public func info(_ name: String) -> ArrayInfo? {
    if let own = arrays[name] { return ArrayInfo(shape: own.shape, scalar: source.info(name)?.scalar ?? .float32) }
    return dropped.contains(name) ? nil : source.info(name)
  }

  public func tensor(_ name: String) throws -> Tensor {
    if let own = arrays[name] { return own }
    return try below(name).tensor(name)
  }

  public func tensor(_ name: String, rows: Range<Int>) throws -> Tensor {
    guard let own = arrays[name] else { return try below(name).tensor(name, rows: rows) }
    guard own.rank > 0, rows.lowerBound >= 0, rows.upperBound <= own.shape[0] else {
      throw Failure(.mismatch, "\(origin): `\(name)` has shape \(own.shape), not rows \(rows)")
    }
    return own[rows: rows]
  }

  public func integers(_ name: String) throws -> [Int] {
    guard let own = arrays[name] else { return try below(name).integers(name) }
    return try own.values.map { value in
      guard let integer = Int(exactly: value) else {
        throw Failure(.mismatch, "\(origin): `\(name)` holds \(value), an integer is needed")
      }
      return integer
    }
  }

  public func doubles(_ name: String) throws -> [Double] {
    guard let own = arrays[name] else { return try below(name).doubles(name) }
    return own.values.map(Double.init)
  }

  public func obstacle(_ name: String) -> Failure? {
    arrays[name] != nil || dropped.contains(name) ? nil : source.obstacle(name)
  }

  private func below(_ name: String) throws -> any ArraySource {
    guard !dropped.contains(name) else {
      throw Failure(.missing, "\(origin): no array `\(name)`", hint: Suggestion.hint(for: name, among: arrayNames))
    }
    return source
  }
}
