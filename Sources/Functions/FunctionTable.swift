import Base

/// The functions of the language, by name.
public enum FunctionTable {
  public static let all = groups.flatMap(\.self)
  private static let groups = [
    StatisticsFunctions.all + IntervalFunction.all, MathFunctions.all, TextFunctions.all, ListFunctions.all,
  ]
  public static let names = all.map(\.name)

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  package static func function(_ name: String) -> Function? { byName[name] }

  /// The other functions of the same group: statistics, arithmetic, text, lists.
  public static func neighbours(of name: String) -> [String] {
    let group = groups.first { $0.contains { $0.name == name } } ?? []
    return group.map(\.name).filter { $0 != name }
  }

  /// - Parameter definitions: names of the user's definitions.
  package static func unknown(_ name: String, at span: SourceSpan, definitions: [String] = []) -> Failure {
    Failure(
      .usage, "there is no function `\(name)`",
      hint: Suggestion.hint(for: name, among: names + definitions.sorted())
        ?? "functions: \(names.sorted().joined(separator: " "))",
      span: span)
  }
}
