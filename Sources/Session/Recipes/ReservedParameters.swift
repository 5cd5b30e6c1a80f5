import Base
import Language

/// Names that a recipe's parameter can't have, because vcsh's own options have them: `vcsh recipe.vc --file x` would never
/// reach the recipe.
package enum ReservedParameters {
  /// The long options of `vcsh`, with `_` for `-`. A test compares them with those that the program has.
  package static let names: Set<String> = [
    "workspace", "file", "command", "json", "output", "csv", "markdown", "check", "help", "version", "dry_run",
    "recipe_help", "serve",
  ]

  /// One failure for each parameter of a recipe whose name is an option's.
  package static func failures(of program: Program) -> [Failure] {
    let own = Set(program.parameters.map(\.name))
    return program.parameters.filter { names.contains($0.name) }.map { parameter in
      var other = parameter.name + "_name"
      while own.contains(other) { other += "_" }
      return Failure(
        .usage,
        "the parameter `\(parameter.name)` can't be set: `--\(parameter.name.replacing("_", with: "-"))` is an option of vcsh",
        hint: "rename it, for example `param \(other)`", span: parameter.span)
    }
  }
}
