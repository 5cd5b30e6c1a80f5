import Base
import Language
import Session

/// What a recipe says of itself at the prompt: its leading comment, and its parameters with defaults and help.
package enum RecipePage {
  /// Nil where there is no such file, or its name does not end in `.vc`.
  ///
  /// - Parameter path: as it was typed.
  /// - Throws: where the file can't be read, or is no recipe.
  package static func report(_ path: String, in session: Session) throws -> Report? {
    let file = session.absolute(path)
    guard path.hasSuffix(".vc"), let content = try? RegularFile(path: file) else { return nil }
    guard content.size <= 1 << 20 else { throw Failure(.format, "\(path): too long for a recipe") }
    let source = SourceText(String(decoding: try content.contents(), as: UTF8.self), name: file)
    let parameters: [ParameterDeclaration]
    do {
      parameters = try Parser.parse(source, signatures: session.signatures, files: SourceFiles()).parameters
    } catch let failure as Failure {
      let place = failure.span.map { " (\(path):\($0.line))" } ?? ""
      throw Failure(failure.kind, failure.message + place, hint: failure.hint)
    }
    let about = description(of: source).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let needed = parameters.filter { $0.fallback == nil }.map { " --\($0.name) \($0.type.placeholder)" }.joined()
    let usage =
      "run \(SafeText.line(path))" + needed + (parameters.contains { $0.fallback != nil } ? " [--NAME VALUE …]" : "")
    var sections = about.isEmpty ? [] : [Report.Section("", .lines(about.map(String.init)))]
    sections.append(Report.Section("usage", .lines([usage])))
    sections.append(
      Report.Section(
        "parameters",
        parameters.isEmpty
          ? .lines(["It has no parameters."])
          : .fields(Record(parameters.map { ("--\($0.name) \($0.type.placeholder)", .string(words($0))) }))))
    return Report(SafeText.line(path), sections)
  }

  private static func words(_ parameter: ParameterDeclaration) -> String {
    let fallback = parameter.fallbackText.map { "default: \(SafeText.line($0))" } ?? "required"
    return [parameter.help.map { SafeText.line($0) }, "(\(fallback))"].compactMap(\.self).filter { !$0.isEmpty }
      .joined(separator: " ")
  }

  /// The comment at the head of the text, behind `vcsh 1` or before it.
  package static func description(of source: SourceText) -> String {
    var lines: [String] = []
    var number = 1
    while let line = source.line(number) {
      let text = line.drop(while: \.isWhitespace)
      if text.hasPrefix("#") {
        lines.append(String(text.dropFirst().drop { $0 == " " }))
      } else if !text.hasPrefix("vcsh ") && !(text.isEmpty && lines.isEmpty) {
        break
      }
      number += 1
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.isEmpty ? "" : lines.map { SafeText.line($0) + "\n" }.joined()
  }
}
