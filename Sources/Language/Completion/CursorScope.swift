import Base

/// What is known at a place in text that is being written: found by the checker, where it meets a command that stands for
/// the place.
struct CursorScope {
  var variables: [String: StaticType] = [:]
  var definitions: [String: Definition] = [:]
  /// What is piped to the place; nil where nothing is.
  var input: StaticType?

  /// The columns of the table in the pipe, or of the groups made from it.
  var columns: [StaticType.Field]? {
    if case .grouped(_, let columns)? = input { return columns }
    return input?.columns
  }

  /// Takes down what the checker knows where it meets the probe.
  final class Probe {
    static let command = "completion-probe"
    fileprivate(set) var scope: CursorScope?

    func meet(_ checker: Checker, input: StaticType?) {
      scope = CursorScope(variables: checker.variables, definitions: checker.definitions, input: input)
    }
  }

  /// - Parameters:
  ///   - text: all that stands before the command at the cursor.
  ///   - statement: where the innermost statement begins, for text that can't be parsed as a whole.
  static func at(
    _ text: ArraySlice<Character>, statement: Int, _ signatures: SignatureTable, _ surroundings: Surroundings
  ) -> CursorScope {
    for part in [text, text[min(statement, text.endIndex)...], text[text.endIndex...]] {
      // Behind `if` and `for` a block must follow.
      for block in ["", " { }"] {
        if let scope = probed(part, block, signatures, surroundings) { return scope }
      }
    }
    return CursorScope()
  }

  private static func probed(
    _ text: ArraySlice<Character>, _ block: String, _ signatures: SignatureTable, _ surroundings: Surroundings
  ) -> CursorScope? {
    let closers = Outline(of: Array(text)).open.reversed().map { opening in
      switch opening.mark {
      case "(": ")"
      case "[": "]"
      case "{": "}"
      default: String(opening.mark)
      }
    }
    let whole = String(text) + " " + Probe.command + block + closers.joined()
    guard let program = try? Parser.parse(SourceText(whole, name: "<prompt>"), signatures: signatures) else {
      return nil
    }
    let probe = Probe()
    // Definitions are looked into, not taken by their signatures.
    var checker = Checker(signatures: signatures.withoutDefinitions)
    checker.probe = probe
    _ = checker.check(program, in: surroundings, givenParameters: nil)
    return probe.scope
  }
}
