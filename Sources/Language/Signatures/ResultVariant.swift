import Base

/// The columns of a command's table if certain arguments or flags are given.
public struct ResultVariant: Sendable, Equatable {
  /// A condition for these columns.
  public enum Condition: Sendable, Equatable {
    /// The argument or flag is given.
    case given(String)
    /// The flag has this value, given or by default.
    case says(_ flag: String, _ value: String)

    /// Its form in help: `--cells`, `--by lag`, `on REC/STIM`.
    func text(in signature: Signature) -> String {
      switch self {
      case .given(let name): signature.argument(named: name)?.placeholder ?? "--\(name)"
      case .says(let flag, let value): "--\(flag) \(value)"
      }
    }
  }

  /// All of them must be true.
  public let conditions: [Condition]
  public let columns: [ColumnSignature]

  /// The form of the conditions in help: `with on REC/STIM --by lag`.
  public func text(in signature: Signature) -> String {
    "with " + conditions.map { $0.text(in: signature) }.joined(separator: " ")
  }
}

extension Signature {
  /// Declares other columns of the table if all of `conditions` are true. The first declaration whose conditions are true is used.
  public func returns(_ columns: [ColumnSignature], when conditions: ResultVariant.Condition...) -> Signature {
    adding(ResultVariant(conditions: conditions, columns: columns))
  }

  /// Every table that the command may return, with its variant; nil for the table without conditions.
  public var tables: [(variant: ResultVariant?, columns: [ColumnSignature])] {
    guard case .table(let columns) = result else { return [] }
    return [(nil, columns)] + variants.map { ($0, $0.columns) }
  }
}
