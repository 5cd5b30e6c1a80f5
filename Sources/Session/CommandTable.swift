import Language

/// The commands that a session can run, in the order of `help`.
///
/// A session is handed its table, so that nothing below the shell names a command's type.
public struct CommandTable: Sendable {
  public let all: [any Command.Type]
  public let signatures: SignatureTable
  private let byName: [String: any Command.Type]

  public init(_ commands: [any Command.Type]) {
    all = commands
    let named = commands.map { (Self.word(of: $0), $0) }
    signatures = SignatureTable(making: named.map { word, command in (word, { command.signature }) })
    byName = Dictionary(named, uniquingKeysWith: { first, _ in first })
  }

  /// The word that a command is typed as, without making its signature: its type is called after it.
  package static func word(of command: any Command.Type) -> String {
    let name = _typeName(command, qualified: false)
    return (name.hasSuffix("Command") ? name.dropLast("Command".count) : name[...]).lowercased()
  }

  /// The command that is typed as `name`; nil where there is none.
  public subscript(name: String) -> (any Command.Type)? { byName[name] }

  /// Categories in the order of their first command.
  public var categories: [String] {
    var seen: Set<String> = []
    return all.map { $0.signature.category }.filter { seen.insert($0).inserted }
  }
}
