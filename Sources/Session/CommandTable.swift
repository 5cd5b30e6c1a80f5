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
    let signatures = commands.map { $0.signature }
    self.signatures = SignatureTable(signatures)
    byName = Dictionary(
      zip(signatures.lazy.map { $0.name }, commands).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
  }

  /// The command that is typed as `name`; nil where there is none.
  public subscript(name: String) -> (any Command.Type)? { byName[name] }

  /// Categories in the order of their first command.
  public var categories: [String] {
    var seen: Set<String> = []
    return all.map { $0.signature.category }.filter { seen.insert($0).inserted }
  }
}
