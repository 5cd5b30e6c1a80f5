/// A column of a table that a command returns.
public struct ColumnSignature: Sendable, Equatable {
  public let name: String
  /// `int`, `float`, `string` or `bool`.
  public let type: String
  public let unit: String?
  public let help: String
  /// The flag that decides whether the column is present; nil for a column that always is.
  public let chosenBy: Choice?

  /// A flag that lists columns by name, separated by commas, or has the value `all`.
  public struct Choice: Sendable, Equatable {
    public let flag: String
    /// Whether the column is present if the flag is not given.
    public let isStandard: Bool

    public init(flag: String, isStandard: Bool) {
      self.flag = flag
      self.isStandard = isStandard
    }

    /// Whether the column `name` is present if the flag has the value `text`.
    public func includes(_ name: String, given text: String?) -> Bool {
      guard let text, text != "standard" else { return isStandard }
      return text == "all" || text.split(separator: ",").contains { $0.trimmingPrefix(" ") == name }
    }
  }

  public init(_ name: String, _ type: String, unit: String? = nil, _ help: String = "", chosenBy: Choice? = nil) {
    self.name = name
    self.type = type
    self.unit = unit
    self.help = help
    self.chosenBy = chosenBy
  }

  /// The same column, present only where the flag of `choice` names it.
  public func chosen(by choice: Choice) -> ColumnSignature {
    ColumnSignature(name, type, unit: unit, help, chosenBy: choice)
  }
}
