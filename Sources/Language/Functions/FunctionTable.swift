import Base

/// The functions of the language, by name.
public enum FunctionTable {
  public static let all = StatisticsFunctions.all + MathFunctions.all + TextFunctions.all + ListFunctions.all
  public static let names = all.map(\.name)

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  static func function(_ name: String) -> Function? { byName[name] }

  static func unknown(_ name: String, at span: SourceSpan) -> Failure {
    Failure(
      .usage, "there is no function `\(name)`",
      hint: Suggestion.hint(for: name, among: names) ?? "functions: \(names.sorted().joined(separator: " "))",
      span: span)
  }
}
