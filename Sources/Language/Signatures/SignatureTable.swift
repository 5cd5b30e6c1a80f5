import Base

/// The commands there are, by name.
public struct SignatureTable: Sendable {
  private let byName: [String: Signature]
  /// In the order in which they were given.
  public let all: [Signature]

  public init(_ signatures: [Signature]) {
    all = signatures
    byName = Dictionary(signatures.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public subscript(name: String) -> Signature? { byName[name] }

  public var names: [String] { all.map(\.name) }

  /// The command that was probably meant.
  public func suggestion(for word: String) -> String? { Suggestion.best(for: word, among: names) }
}
