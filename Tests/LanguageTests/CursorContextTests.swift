import Language
import Testing

/// `▮` marks the cursor.
@Suite struct CursorContextTests {
  let signatures = FakeHost().signatures

  private func context(_ marked: String) -> CursorContext {
    let cursor = marked.firstIndex(of: "▮").map { marked.distance(from: marked.startIndex, to: $0) } ?? marked.count
    return CursorContext.at(
      marked.replacing("▮", with: ""), cursor: cursor, signatures: signatures, variableColumns: ["t": ["x", "y"]])
  }

  /// One line that says what is expected, and the prefix.
  private func summary(_ marked: String) -> String {
    let context = context(marked)
    let expectation =
      switch context.expectation {
      case .command: "command"
      case .flag(let signature, let used): "flag of \(signature.name) but \(used.sorted())"
      case .value(let type, let signature, let argument): "\(type.name) for \(signature.name).\(argument)"
      case .keyword(let keywords, let signature): "\(keywords) of \(signature.name)"
      case .variable: "variable"
      case .column(_, let columns, let inExpression):
        "column of \(columns?.joined(separator: " ") ?? "?")\(inExpression ? " or function" : "")"
      case .nothing: "nothing"
      }
    return "\(expectation) <\(context.prefix)>"
  }

  static let all = "cid session bits reason"

  @Test(arguments: [
    ("▮", "command <>"), ("ev▮", "command <ev>"), ("ev▮al x", "command <ev>"), ("cells; ▮", "command <>"),
    ("let x = ce▮", "command <ce>"), ("let x▮", "nothing <x>"), ("if ▮", "command <>"), ("echo (ce▮", "command <ce>"),
    ("for x in c▮", "command <c>"), ("if $x { ce▮", "command <ce>"), ("cells | h▮", "command <h>"),
    ("eval ▮", "twin for eval.twin <>"), ("eval tw▮", "twin for eval.twin <tw>"), ("eval tw ▮", "[\"on\"] of eval <>"),
    ("eval tw on si▮", "REC/STIM for eval.on <si>"), ("eval tw --on si▮", "REC/STIM for eval.on <si>"),
    ("eval tw on a/b --▮", "flag of eval but [] <-->"),
    ("eval tw --split all --s▮", "flag of eval but [\"split\"] <--s>"),
    ("eval tw --split ▮", "train|val|all for eval.split <>"),
    ("eval tw --split=v▮", "train|val|all for eval.split <v>"),
    ("eval tw split=v▮", "train|val|all for eval.split <v>"), ("echo split=v▮", "value for echo.values <split=v>"),
    ("eval --in-sample tw▮", "twin for eval.twin <tw>"), ("eval tw on a/b ▮", "flag of eval but [] <>"),
    ("open 'my fi▮", "path for open.path <my fi>"), ("open a.ckpt as ▮", "name for open.as <>"),
    ("cells | where b▮", "column of \(all) or function <b>"),
    ("cells | where mean(b▮", "column of \(all) or function <b>"),
    ("cells | where cid > 1 and b▮", "column of \(all) or function <b>"), ("cells | sort ▮", "column of \(all) <>"),
    ("cells | select cid bits | sort b▮", "column of cid bits <b>"), ("$t | where ▮", "column of x y or function <>"),
    ("cells | summarize mean(bits) --by a,s▮", "column of \(all) <s>"), ("echo $t.▮", "column of x y <>"),
    ("echo $r▮", "variable <r>"), ("echo \"$r▮", "variable <r>"), ("echo '$r▮", "value for echo.values <$r>"),
    ("source lib/c▮", "path for source.file <lib/c>"), ("def f(▮", "nothing <>"), ("cells # se▮", "nothing <>"),
    ("unknown a▮", "nothing <a>"),
  ])
  func tellsWhatIsExpected(_ marked: String, _ expected: String) {
    #expect(summary(marked) == expected)
  }

  @Test func theRangeIsWhatACompletionReplaces() {
    #expect(context("eval 'tw▮in").replacing == 6..<8)
    #expect(context("eval 'tw▮in").quote == "'")
    #expect(context("größe; ev▮").replacing == 7..<9)
  }
}
