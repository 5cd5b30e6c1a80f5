import Base
import Help
import Language
import Rendering
import Session

/// What a recipe says of itself: its leading comment, and its parameters with types, defaults and help.
public enum RecipeHelp {
  public static func text(_ batch: BatchRun) -> String {
    let name = batch.sourceText.name == "<stdin>" ? "-" : SafeText.line(batch.sourceText.name)
    let needed = batch.parameters.filter { $0.fallback == nil }
    var out = RecipePage.description(of: batch.sourceText)
    if !out.isEmpty { out += "\n" }
    out +=
      "usage: vcsh \(name.hasSuffix(".vc") ? "" : "-f ")\(name)"
      + needed.map { " --\($0.name) \(value(of: $0))" }.joined()
    if needed.count < batch.parameters.count { out += " [--NAME VALUE …]" }
    out += "\n"
    if batch.parameters.isEmpty { return out + "\nIt has no parameters.\n" }
    out += "\nparameters:\n"
    let labels = batch.parameters.map { "--\($0.name) \(value(of: $0))" }
    let width = labels.map { DisplayWidth.of($0) }.max() ?? 0
    for (parameter, label) in zip(batch.parameters, labels) {
      let fallback = parameter.fallbackText.map { "default: \(SafeText.line($0))" } ?? "required"
      let words = [parameter.help.map(SafeText.line), "(\(fallback))"].compactMap(\.self).filter { !$0.isEmpty }
      out += "  \(DisplayWidth.padded(label, to: width))  \(words.joined(separator: " "))\n"
    }
    return out
  }

  private static func value(of parameter: ParameterDeclaration) -> String {
    parameter.type.placeholder
  }
}
