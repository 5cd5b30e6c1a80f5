import Base

/// The variables and columns known at a place in incomplete text. The checker finds them, where it meets a special command
/// that marks the place.
struct CursorScope {
  var variables: [String: StaticType] = [:]
  var definitions: [String: Definition] = [:]
  /// The type of the piped value; nil where nothing is piped.
  var input: StaticType?

  /// The columns of the piped table, or of the groups made from it.
  var columns: [StaticType.Field]? {
    if case .grouped(_, let columns)? = input { return columns }
    return input?.columns
  }

  /// Marks the cursor and keeps what the checker knows there.
  private final class Probe: CheckerProbe {
    let command = "completion-probe"
    private(set) var scope: CursorScope?

    func meet(variables: [String: StaticType], definitions: [String: Definition], input: StaticType?) {
      scope = CursorScope(variables: variables, definitions: definitions, input: input)
    }
  }

  /// - Parameters:
  ///   - text: everything before the command at the cursor.
  ///   - statement: where the innermost statement begins, for text that can't be parsed as a whole.
  static func at(
    _ text: ArraySlice<Character>, statement: Int, _ signatures: SignatureTable, _ surroundings: Surroundings
  ) -> CursorScope {
    for part in [text, text[min(statement, text.endIndex)...], text[text.endIndex...]] {
      // `if` and `for` need a block.
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
    let probe = Probe()
    let whole = String(text) + " " + probe.command + block + closers.joined()
    guard let program = try? Parser.parse(SourceText(whole, name: "<prompt>"), signatures: signatures) else {
      return nil
    }
    // Definitions are checked by their bodies, not by their signatures.
    var checker = Checker(signatures: signatures.withoutDefinitions)
    checker.probe = probe
    _ = checker.check(program, in: surroundings, givenParameters: nil)
    return probe.scope
  }
}
