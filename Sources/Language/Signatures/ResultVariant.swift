import Base

/// The columns of a command's table where certain arguments or flags are given.
public struct ResultVariant: Sendable, Equatable {
  /// What calls for it.
  public enum Condition: Sendable, Equatable {
    /// The argument or flag is given.
    case given(String)
    /// The flag has this value, given or by default.
    case says(_ flag: String, _ value: String)

    /// How help writes it: `--cells`, `--by lag`, `on REC/STIM`.
    func text(in signature: Signature) -> String {
      switch self {
      case .given(let name): signature.argument(named: name)?.placeholder ?? "--\(name)"
      case .says(let flag, let value): "--\(flag) \(value)"
      }
    }
  }

  /// All of them must hold.
  public let conditions: [Condition]
  public let columns: [ColumnSignature]

  /// How help writes its conditions: `with on REC/STIM --by lag`.
  public func text(in signature: Signature) -> String {
    "with " + conditions.map { $0.text(in: signature) }.joined(separator: " ")
  }
}

extension Signature {
  /// Says that the table has these columns instead where all of `conditions` hold. Of several that hold, the first counts.
  public func returns(_ columns: [ColumnSignature], when conditions: ResultVariant.Condition...) -> Signature {
    adding(ResultVariant(conditions: conditions, columns: columns))
  }

  /// Every table that the command may return, with what calls for it; nil for the table without conditions.
  public var tables: [(variant: ResultVariant?, columns: [ColumnSignature])] {
    guard case .table(let columns) = result else { return [] }
    return [(nil, columns)] + variants.map { ($0, $0.columns) }
  }
}
