import Base
import Synchronization

/// All commands, by name.
public struct SignatureTable: Sendable {
  /// How a command's signature is made: at its first use, because a run of vcsh uses few of them.
  private let commands: [String: @Sendable () -> Signature]
  private var definitions: [String: Signature] = [:]
  /// In the order in which they were added.
  public private(set) var names: [String]
  public var all: [Signature] { names.compactMap { self[$0] } }

  /// The units that may follow a number: those of columns and flags, and those that are always known.
  package var units: Set<String> { commandUnits.value { Self.units(of: commands.values.map { $0() }) } }
  private let commandUnits = KnownUnits()

  public init(_ signatures: [Signature]) {
    self.init(making: signatures.map { signature in (signature.name, { signature }) })
  }

  /// - Parameter commands: names of commands, and what makes the signature of each.
  public init(making commands: [(name: String, signature: @Sendable () -> Signature)]) {
    names = commands.map { $0.name }
    self.commands = Dictionary(commands.map { ($0.name, $0.signature) }, uniquingKeysWith: { first, _ in first })
  }

  private static func units(of signatures: [Signature]) -> Set<String> {
    signatures.reduce(into: Set(Unit.known)) { units, signature in
      units.formUnion(signature.flags.compactMap(\.unit))
      for table in signature.tables { units.formUnion(table.columns.compactMap(\.unit)) }
    }
  }

  /// Adds the signature of a definition. It replaces an earlier definition of the same name, but never a command.
  mutating func add(_ signature: Signature) {
    guard commands[signature.name] == nil else { return }
    if definitions.updateValue(signature, forKey: signature.name) == nil { names.append(signature.name) }
  }

  public func adding(_ signatures: some Sequence<Signature>) -> SignatureTable {
    var table = self
    for signature in signatures { table.add(signature) }
    return table
  }

  /// Only the commands, without the user's definitions.
  var withoutDefinitions: SignatureTable {
    var table = self
    table.names.removeAll { definitions[$0] != nil }
    table.definitions = [:]
    return table
  }

  public subscript(name: String) -> Signature? { definitions[name] ?? commands[name]?() }

  /// The command that was probably meant, or one of `more`. A command that takes something away is never guessed.
  public func suggestion(for word: String, or more: [String] = []) -> String? {
    let near = Suggestion.best(for: word, among: names + more)
    return near.flatMap { self[$0]?.isDestructive == true ? nil : $0 }
  }
}

/// The units of a table's commands, once they were asked for.
private final class KnownUnits: Sendable {
  private let known = Mutex<Set<String>?>(nil)

  func value(_ make: () -> Set<String>) -> Set<String> {
    known.withLock { known in
      let units = known ?? make()
      known = units
      return units
    }
  }
}
