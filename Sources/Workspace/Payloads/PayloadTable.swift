import Base

/// The payloads that a workspace can read, by kind.
///
/// A workspace is handed its table, so that a new kind changes nothing here.
public struct PayloadTable: Sendable {
  private let types: [String: any Payload.Type]

  public init(_ types: [any Payload.Type]) {
    self.types = Dictionary(types.map { ($0.kind.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A payload as the catalogue stores it.
  ///
  /// - Throws: `format` for a kind that is not in the table, or a payload that can't be read.
  func decode(kind: String, _ encoded: String) throws -> any Payload {
    guard let type = types[kind] else {
      throw Failure(.format, "the catalogue holds a version of unknown kind `\(kind)`")
    }
    return try type.init(encoded: encoded)
  }
}
