import Base
import Language
import Testing

/// `▮` marks the cursor.
@Suite struct CursorContextTests {
  let signatures = FakeHost().signatures

  private func context(_ marked: String) -> CursorContext {
    let cursor = marked.firstIndex(of: "▮").map { marked.distance(from: marked.startIndex, to: $0) } ?? marked.count
    let table = Table([Column("x", [1]), Column("y", [2])])
    let surroundings = Surroundings(variables: [
      "t": .table(table), "r": .record(Record([("a", .record(Record([("b", .int(1))]))), ("z", .int(2))])),
    ])
    return CursorContext.at(
      marked.replacing("▮", with: ""), cursor: cursor, signatures: signatures, in: surroundings)
  }

  /// One line that says what is expected, and the prefix.
  private func summary(_ marked: String) -> String {
    let context = context(marked)
    let expectation =
      switch context.expectation {
      case .command(.statement): "command"
      case .command(let place): "command in \(place)"
      case .flag(let signature, let used): "flag of \(signature.name) but \(used.sorted())"
      case .value(let type, let signature, let argument): "\(type.name) for \(signature.name).\(argument)"
      case .word(let words): "one of \(words)"
      case .variable(let names): "variable of \(names)"
      case .column(let columns, let inExpression):
        "column of \(columns?.joined(separator: " ") ?? "?")\(inExpression ? " or function" : "")"
      case .nothing: "nothing"
      }
    let others = context.others.isEmpty ? "" : ", else \(context.others.joined(separator: " "))"
    return "\(expectation) <\(context.prefix)>\(others)"
  }

  static let all = "cid session bits reason"

  static let flags = "--split --in-sample --l2 --starts"

  @Test(
    "What is expected at the cursor is found",
    arguments: [
      ("▮", "command <>"), ("ev▮", "command <ev>"), ("ev▮al x", "command <ev>"), ("cells; ▮", "command <>"),
      ("let x = ce▮", "command in expression <ce>"), ("let x▮", "nothing <x>"), ("if ▮", "command in expression <>"),
      ("echo (ce▮", "command in expression <ce>"), ("for x in c▮", "command in expression <c>"),
      ("for x ▮", "one of [\"in\"] <>"), ("if $x { ce▮", "command <ce>"), ("if 1 > 2 { } else { ce▮", "command <ce>"),
      ("cells | h▮", "command in pipe <h>"), ("def f(a) { ce▮", "command <ce>"),
      ("echo \"${ce▮", "command in expression <ce>"),
      ("let x = {a▮", "nothing <a>"),
      ("eval ▮", "twin for eval.twin <>, else on \(flags)"), ("eval tw▮", "twin for eval.twin <tw>, else on \(flags)"),
      ("eval tw ▮", "nothing <>, else on \(flags)"),
      ("eval tw --l2 3 ▮", "nothing <>, else on --split --in-sample --starts"),
      ("eval tw on si▮", "REC/STIM for eval.on <si>"), ("eval tw --on si▮", "REC/STIM for eval.on <si>"),
      ("eval tw on a/b --▮", "flag of eval but [\"on\"] <-->"), ("eval tw on a/b -▮", "flag of eval but [\"on\"] <->"),
      ("eval tw --split all --s▮", "flag of eval but [\"split\"] <--s>"),
      ("eval tw --split ▮", "train|val|all for eval.split <>"),
      ("eval tw --split=v▮", "train|val|all for eval.split <v>"),
      ("eval tw split=v▮", "train|val|all for eval.split <v>"), ("echo split=v▮", "value for echo.values <split=v>"),
      ("eval --in-sample tw▮", "twin for eval.twin <tw>, else on --split --l2 --starts"),
      ("eval tw on a/b ▮", "nothing <>, else \(flags)"),
      ("open 'my fi▮", "path for open.path <my fi>"), ("open a.ckpt as ▮", "name for open.as <>"),
      ("cells | where b▮", "column of \(all) or function <b>"),
      ("cells | where mean(b▮", "column of \(all) or function <b>"),
      ("cells | where (cid > 1 or b▮", "column of \(all) or function <b>"),
      ("echo (cells | where mean(b▮", "column of \(all) or function <b>"),
      ("cells | where cid in [c▮", "column of \(all) or function <c>"), ("echo [c▮", "nothing <c>"),
      ("cells | where cid > 1 and b▮", "column of \(all) or function <b>"),
      ("cells | sort ▮", "column of \(all) <>, else --reverse"),
      ("cells | where bits > 3 b▮", "one of [\"bits/spike\", \"and\", \"or\"] <b>"),
      ("cells | select cid bits | sort b▮", "column of cid bits <b>, else --reverse"),
      ("cells | renamed ▮", "column of \(all) <>, else to"),
      ("cells | renamed bits to b | sort ▮", "column of cid session b reason <>, else --reverse"),
      ("cells | join $t on ▮", "column of \(all) <>"),
      ("cells | join [{cid: 1, y: 2}] on cid | sort ▮", "column of \(all) y <>, else --reverse"),
      ("$t | where ▮", "column of x y or function <>"),
      ("cells | summarize mean(bits) --by a,s▮", "column of \(all) <s>"),
      ("cells | summarize mean(bits) by cid s▮", "column of \(all) <s>"),
      ("cells | summarize mean(bits) ▮", "column of \(all) or function <>, else by"),
      ("cells | summarize mean(bits) by session | sort ▮", "column of session mean_bits <>, else --reverse"),
      ("cells | group session | summarize ▮", "column of \(all) or function <>, else by"),
      ("let u = cells | select cid\n$u | sort ▮", "column of cid <>, else --reverse"),
      ("cells |\n  where c▮", "column of \(all) or function <c>"),
      ("def f(a) { cells | select $a cid }\nf x | sort ▮", "column of ? <>, else --reverse"),
      ("def f() { cells | select cid }\nf | sort ▮", "column of cid <>, else --reverse"),
      ("for row in (cells) { echo $row.▮", "column of \(all) <>"),
      ("echo $t.▮", "column of x y <>"), ("echo $r.▮", "column of a z <>"), ("echo $r.a.▮", "column of b <>"),
      ("echo $r▮", "variable of [\"_\", \"r\", \"t\"] <r>"), ("echo \"$r▮", "variable of [\"_\", \"r\", \"t\"] <r>"),
      ("def f(arg) { echo $▮", "variable of [\"_\", \"arg\", \"r\", \"t\"] <>"),
      ("for i in [1, 2] { echo $▮", "variable of [\"_\", \"i\", \"r\", \"t\"] <>"),
      ("echo '$r▮", "value for echo.values <$r>"),
      ("source lib/c▮", "path for source.file <lib/c>"), ("def f(▮", "nothing <>"),
      (
        "param x: ▮",
        "one of [\"string\", \"int\", \"float\", \"bool\", \"path\", \"[string]\", \"[int]\", \"[float]\", \"[bool]\", \"[path]\"] <>"
      ),
      ("cells # se▮", "nothing <>"), ("unknown a▮", "nothing <a>"),
      ("def best(n = 3) { }\nbest ▮", "int for best.n <>, else --n"),
    ])
  func expectationAtTheCursor(_ marked: String, _ expected: String) {
    #expect(summary(marked) == expected)
  }

  @Test("The range covers the text that a completion replaces")
  func theRangeIsWhatACompletionReplaces() {
    #expect(context("eval 'tw▮in").replacing == 6..<8)
    #expect(context("eval 'tw▮in").quote == "'")
    #expect(context("größe; ev▮").replacing == 7..<9)
  }

  @Test("The arguments before the cursor are known")
  func whatStandsBeforeTheCursorIsKnown() {
    let given = context("eval tw --split all on a/b ▮").given
    #expect(given.map(\.text) == ["tw", "all", "a/b"])
    #expect(given.map(\.type) == [.object(kinds: ["twin"]), .choice(["train", "val", "all"]), .stimulus])
  }

  @Test("Candidates are quoted where they need quotes")
  func candidatesAreQuotedWhereTheyMustBe() {
    #expect(context("open my▮").written(["my file"]) == ["'my file'"])
    #expect(context("open my▮").written(["my folder/"]) == ["'my folder/"])
    #expect(context("open my▮").written(["my f1", "my f2"]) == ["'my f1", "'my f2"])
    #expect(context("open m▮").written(["my f1", "me"]) == ["my f1", "me"])
    #expect(context("open 'my f▮").written(["my file"]) == ["my file'"])
    #expect(context("open \"my▮").written(["my $5"]) == ["my \\$5\""])
    #expect(context("open it▮").written(["it's"]) == ["\"it's\""])
    #expect(context("open \"a\\$▮").plainPrefix == "a$")
  }
}
