import Base
import Layers
import Twin

/// Which of a twin's parameters no command may change.
package struct FrozenParameters {
  /// `core`, a part's name, or a pattern over parameter names with `*`.
  package var patterns: [String]

  package init(patterns: [String]) { self.patterns = patterns }

  package static let partNames = ["core"] + Part.allCases.map(\.rawValue)

  package func contains(_ parameter: ParameterInfo) -> Bool { patterns.contains { Self.matches($0, parameter) } }

  package func parameters(of architecture: TwinArchitecture) -> [ParameterInfo] {
    architecture.parameters.filter(contains)
  }

  /// The first frozen parameter of an edited twin that the twin before it does not have, or has in another shape; its name.
  package func firstNew(in edited: TwinArchitecture, of twin: TwinArchitecture) -> String? {
    let shapes = Dictionary(twin.parameters.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    return parameters(of: edited).first { shapes[$0.name] != $0.shape }?.name
  }

  package static func matches(_ pattern: String, _ parameter: ParameterInfo) -> Bool {
    if pattern == "core" { return parameter.part.isCore }
    if let part = part(named: pattern) { return parameter.part == part }
    return glob(Array(pattern), Array(parameter.name))
  }

  /// - Throws: `missing` with the nearest part or name where the pattern matches nothing.
  package static func checkMatches(_ pattern: String, in twin: LoadedTwin, at span: SourceSpan) throws {
    let parameters = twin.architecture.parameters
    guard !parameters.contains(where: { matches(pattern, $0) }) else { return }
    throw Failure(
      .missing, "`\(pattern)` matches no parameter of `\(twin.name)`",
      hint: Suggestion.hint(for: pattern, among: partNames + parameters.map(\.name))
        ?? "parts are \(partNames.joined(separator: ", "))", span: span)
  }

  /// Parts are known in the singular and, as in parameter names, in the plural.
  package static func part(named word: String) -> Part? {
    Part(rawValue: word) ?? (word.hasSuffix("s") ? Part(rawValue: String(word.dropLast())) : nil)
  }

  /// `*` stands for any run of characters; a pattern without one also covers what lies below it.
  private static func glob(_ pattern: [Character], _ name: [Character]) -> Bool {
    guard pattern.contains("*") else { return name == pattern || name.starts(with: pattern + ["."]) }
    var p = 0
    var n = 0
    var star = -1
    var mark = 0
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        star = p
        mark = n
        p += 1
      } else if p < pattern.count, pattern[p] == name[n] {
        p += 1
        n += 1
      } else if star >= 0 {
        p = star + 1
        mark += 1
        n = mark
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
