import Base
import Language

/// A habit from another shell or language: a form of text that fails here, and what leads on.
///
/// The table of habits is looked up only where vcsh has refused a line or could not run it.
package struct Habit {
  /// What to say: a message in place of the parser's, if there is one, and the remedy.
  package struct Advice: Equatable {
    package var message: String?
    package var hint: String

    package init(_ hint: String, saying message: String? = nil) {
      self.message = message
      self.hint = hint
    }
  }

  /// The failure that is explained, and the text around its place.
  package struct Case {
    package let failure: Failure
    /// The line without quoted text and comments: their characters are `¤`.
    package let line: String
    /// The command of a pipe that the failure lies in, without quoted text, and its first word.
    package let stage: String
    package var word: String { String(stage.prefix { !$0.isWhitespace && $0 != "(" }) }
    package let commands: SignatureTable
  }

  private let advise: (Case) -> Advice?

  package init(_ advise: @escaping (Case) -> Advice?) { self.advise = advise }

  /// A form that is found anywhere in the line.
  static func line<Output>(
    _ pattern: Regex<Output>, _ advise: @escaping (Regex<Output>.Match) -> Advice?
  ) -> Habit {
    Habit { $0.line.firstMatch(of: pattern).flatMap(advise) }
  }

  /// A form that is found in the command that has failed.
  static func stage<Output>(
    _ pattern: Regex<Output>, _ advise: @escaping (Regex<Output>.Match) -> Advice?
  ) -> Habit {
    Habit { $0.stage.firstMatch(of: pattern).flatMap(advise) }
  }

  /// The same habit, where a condition holds.
  func only(_ holds: @escaping (Case) -> Bool) -> Habit {
    let advise = advise
    return Habit { holds($0) ? advise($0) : nil }
  }

  // MARK: Looking up

  /// Explains the failure of a statement that has run, or could not.
  static func explained(_ failure: Failure, of statement: Statement, commands: SignatureTable) -> Failure {
    let lines = statement.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let first = statement.span
    return explained([failure], commands: commands) { span in
      let index = span.line - first.line
      guard span.source == first.source, lines.indices.contains(index) else { return nil }
      // The columns of a statement's first line count from the line's beginning.
      return (index == 0 ? String(repeating: " ", count: max(0, first.column - 1)) : "") + lines[index]
    }.first ?? failure
  }

  /// Explains failures of one text. Where a habit explains one, the others of its line are left out.
  ///
  /// - Parameter line: the text of a line of the source that a place names; nil where it is not at hand.
  package static func explained(
    _ failures: [Failure], commands: SignatureTable, line: (SourceSpan) -> String?
  ) -> [Failure] {
    var explained: [Failure] = []
    var lines: Set<String> = []
    // What comes first of a line stands for the line.
    var told: Set<String> = []
    let found = failures.map { failure in
      failure.span.flatMap(line).flatMap { explanation(of: failure, in: $0, commands: commands) }
    }
    for (failure, found) in zip(failures, found) where found != nil {
      if let span = failure.span { lines.insert("\(span.source):\(span.line)") }
    }
    for (failure, found) in zip(failures, found) {
      guard let place = failure.span.map({ "\($0.source):\($0.line)" }) else {
        explained.append(failure)
        continue
      }
      let isFirst = found == nil ? !lines.contains(place) && !told.contains(place) : lines.remove(place) != nil
      guard isFirst else { continue }
      told.insert(place)
      explained.append(found ?? failure)
    }
    return explained
  }

  /// Longer lines are data, not habits.
  static let lengthLimit = 2000

  /// A failure with what leads on from it; nil where no habit explains it.
  static func explanation(of failure: Failure, in line: String, commands: SignatureTable) -> Failure? {
    guard [.usage, .missing, .format, .unsupported, .mismatch].contains(failure.kind), let span = failure.span else {
      return nil
    }
    guard line.count <= lengthLimit else { return nil }
    let plain = masked(line)
    let item = Case(
      failure: failure, line: plain, stage: stage(of: plain, at: span.column - 1), commands: commands)
    let isName = failure.message.hasPrefix("there is no function")
    for habit in isName ? [ForeignWords.habit] + ForeignForms.all : ForeignForms.all + [ForeignWords.habit] {
      guard let advice = habit.advise(item) else { continue }
      return Failure(
        failure.kind, advice.message ?? failure.message, hint: unmasked(advice.hint, line, plain), span: span)
    }
    return nil
  }

  /// Advice that repeats a part of the masked line, with what was typed there.
  private static func unmasked(_ advice: String, _ line: String, _ masked: String) -> String {
    guard advice.contains("¤") else { return advice }
    let typed = Array(line)
    var rest = masked.startIndex..<masked.endIndex
    return advice.replacing(/(['"])¤*\1/) { match in
      guard let place = masked[rest].firstRange(of: match.0) else { return String(match.0) }
      rest = place.upperBound..<masked.endIndex
      let start = masked.distance(from: masked.startIndex, to: place.lowerBound)
      let end = min(typed.count, start + match.0.count)
      return String(typed[min(start, end)..<end])
    }
  }

  /// The line with `¤` for each character within quotes, and without its comment.
  static func masked(_ line: String) -> String {
    var out = ""
    var quote: Character?
    var before: Character = " "
    for character in line {
      defer { before = character }
      if let open = quote {
        let closes = character == open && !(open == "\"" && before == "\\")
        out.append(closes ? character : "¤")
        if closes { quote = nil }
      } else if character == "#", before.isWhitespace {
        break
      } else {
        if character == "\"" || character == "'" { quote = character }
        out.append(character)
      }
    }
    return out
  }

  /// The command between pipes, brackets and semicolons at an offset in a line.
  private static func stage(of line: String, at offset: Int) -> String {
    let characters = Array(line)
    let end = min(max(0, offset), characters.count)
    let marks: Set<Character> = ["|", ";", "{", "}"]
    let start = characters[..<end].lastIndex(where: marks.contains).map { $0 + 1 } ?? 0
    let stop = characters[end...].firstIndex(where: marks.contains) ?? characters.count
    let text = String(characters[start..<max(start, stop)]).trimming
    if let match = text.prefixMatch(of: /let\s+\w+\s*=\s*/) { return String(text[match.range.upperBound...]) }
    return text
  }
}
