import Base

/// The columns of a command's table if certain arguments or flags are given.
public struct ResultVariant: Sendable, Equatable {
  /// A condition for these columns.
  public enum Condition: Sendable, Equatable {
    /// The argument or flag is given.
    case given(String)
    /// The argument or flag is not given.
    case missing(String)
    /// The flag has this value, given or by default.
    case says(_ flag: String, _ value: String)

    /// The form in help of what is given or missing: `--cells`, `--by lag`, `on REC/STIM`.
    func text(in signature: Signature) -> String {
      switch self {
      case .given(let name): signature.argument(named: name)?.placeholder ?? "--\(name)"
      case .missing(let name): signature.argument(named: name).map { $0.keyword ?? name.uppercased() } ?? "--\(name)"
      case .says(let flag, let value): "--\(flag) \(value)"
      }
    }
  }

  /// All of them must be true.
  public let conditions: [Condition]
  public let columns: [ColumnSignature]

  /// The form of the conditions in help: `with on REC/STIM --by lag`, `without NAME`.
  public func text(in signature: Signature) -> String {
    func words(_ opening: String, _ conditions: [Condition]) -> [String] {
      conditions.isEmpty ? [] : [opening] + conditions.map { $0.text(in: signature) }
    }
    let missing = conditions.filter { if case .missing = $0 { true } else { false } }
    let given = conditions.filter { if case .missing = $0 { false } else { true } }
    return (words("with", given) + words("without", missing)).joined(separator: " ")
  }
}

extension Signature {
  /// Declares that the result is a table with these columns if all of `conditions` are true. The first declaration whose
  /// conditions are true is used. The result without conditions may be another table, or of any other type.
  public func returns(_ columns: [ColumnSignature], when conditions: ResultVariant.Condition...) -> Signature {
    adding(ResultVariant(conditions: conditions, columns: columns))
  }

  /// Every table that the command may return, with its variant; nil for the table without conditions.
  public var tables: [(variant: ResultVariant?, columns: [ColumnSignature])] {
    let varying = variants.map { (Optional($0), $0.columns) }
    guard case .table(let columns) = result else { return varying }
    return [(nil, columns)] + varying
  }
}
