import Base

/// A source whose arrays are stored bytes with a layout.
public protocol StoredArraySource: ArraySource {
  /// - Throws: `missing` for an unknown name, `format` for damaged bytes.
  func stored(_ name: String) throws -> StoredArray
}

extension StoredArraySource {
  public func tensor(_ name: String) throws -> Tensor { try stored(name).tensor() }
  public func tensor(_ name: String, rows: Range<Int>) throws -> Tensor { try stored(name).rows(rows).tensor() }
  public func integers(_ name: String) throws -> [Int] { try stored(name).integers() }
  public func doubles(_ name: String) throws -> [Double] { try stored(name).doubles() }

  func unknown(_ name: String) -> Failure {
    Failure(.missing, "\(origin): no array `\(name)`", hint: Suggestion.hint(for: name, among: arrayNames))
  }
}
