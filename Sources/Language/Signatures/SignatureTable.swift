import Base

/// The commands there are, by name.
public struct SignatureTable: Sendable {
  private let byName: [String: Signature]
  /// In the order in which they were given.
  public let all: [Signature]

  /// What may stand behind a number: the units of columns and flags, and those that are always known.
  let units: Set<String>

  public init(_ signatures: [Signature]) {
    all = signatures
    units = signatures.reduce(into: Set(Unit.known)) { units, signature in
      units.formUnion(signature.flags.compactMap(\.unit))
      if case .table(let columns) = signature.result { units.formUnion(columns.compactMap(\.unit)) }
    }
    byName = Dictionary(signatures.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private init(_ all: [Signature], _ byName: [String: Signature], _ units: Set<String>) {
    self.all = all
    self.byName = byName
    self.units = units
  }

  /// The table with a further signature; one of the same name gives way unless it is a command's.
  func adding(_ signature: Signature) -> SignatureTable {
    var named = byName
    named[signature.name] = signature
    return SignatureTable(all.filter { $0.name != signature.name } + [signature], named, units)
  }

  public subscript(name: String) -> Signature? { byName[name] }

  public var names: [String] { all.map(\.name) }

  /// The command that was probably meant.
  public func suggestion(for word: String) -> String? { Suggestion.best(for: word, among: names) }
}
