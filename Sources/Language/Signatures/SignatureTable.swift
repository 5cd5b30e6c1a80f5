import Base

/// All commands, by name.
public struct SignatureTable: Sendable {
  private var byName: [String: Signature]
  /// In the order in which they were added.
  public private(set) var names: [String]
  public var all: [Signature] { names.compactMap { byName[$0] } }

  /// The units that may follow a number: those of columns and flags, and those that are always known.
  package let units: Set<String>

  public init(_ signatures: [Signature]) {
    names = signatures.map(\.name)
    units = signatures.reduce(into: Set(Unit.known)) { units, signature in
      units.formUnion(signature.flags.compactMap(\.unit))
      for table in signature.tables { units.formUnion(table.columns.compactMap(\.unit)) }
    }
    byName = Dictionary(signatures.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Adds the signature of a definition. It replaces an earlier definition of the same name, but never a command.
  mutating func add(_ signature: Signature) {
    if let old = byName[signature.name] {
      guard old.category == Definition.category else { return }
    } else {
      names.append(signature.name)
    }
    byName[signature.name] = signature
  }

  public func adding(_ signatures: some Sequence<Signature>) -> SignatureTable {
    var table = self
    for signature in signatures { table.add(signature) }
    return table
  }

  /// Only the commands, without the user's definitions.
  var withoutDefinitions: SignatureTable {
    var table = self
    table.names.removeAll { byName[$0]?.category == Definition.category }
    table.byName = byName.filter { $0.value.category != Definition.category }
    return table
  }

  public subscript(name: String) -> Signature? { byName[name] }

  /// The command that was probably meant, or one of `more`. A command that takes something away is never guessed.
  public func suggestion(for word: String, or more: [String] = []) -> String? {
    let near = Suggestion.best(for: word, among: names + more)
    return near.flatMap { byName[$0]?.isDestructive == true ? nil : $0 }
  }
}
