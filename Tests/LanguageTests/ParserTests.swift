import Base
import Language
import Testing

/// Programs as the parser reads them, seen through the printer.
@Suite struct ParserTests {
  let run = Run()

  /// What is written, and how the printer writes it.
  static let forms: [(String, String)] = [
    ("open checkpoints/twin.ckpt as twin", "open checkpoints/twin.ckpt as twin"),
    ("open Sim_2025-01-10/*.dset", "open Sim_2025-01-10/*.dset"),
    ("eval twin on sim1/gaborium --split all --in-sample", "eval twin on sim1/gaborium --split=all --in-sample"),
    ("eval twin on sim1/gaborium split=all", "eval twin on sim1/gaborium --split=all"),
    ("echo split=all a=b", "echo split=all a=b"),
    ("eval twin on $rec/gaborium", "eval twin on $rec/gaborium"),
    ("eval twin on ${rec}x/gaborium.$n", "eval twin on ${rec}x/gaborium.$n"),
    ("echo a#b # c", "echo a#b"),
    ("echo 'it is $x' \"it is $x\"", "echo \"it is \\$x\" \"it is $x\""),
    (
      "cells | where bits < 0.1 and reason == null | sort bits --reverse | head 3",
      "cells | where bits < 0.1 and reason == null | sort bits --reverse | head 3"
    ),
    ("cells | where (bits < 0.1)", "cells | where bits < 0.1"),
    ("cells | summarize mean(bits) sd(bits) by session", "cells | summarize mean(bits) sd(bits) by session"),
    (
      "cells | summarize mean(bits), sd(bits) --by session",
      "cells | summarize mean(bits) sd(bits) --by=session"
    ),
    (
      "cells | summarize count() by session reason --by=bits", "cells | summarize (count()) by session reason --by=bits"
    ),
    ("cells |\n  head 3", "cells | head 3"),
    ("let t = cells | head 2", "let t = cells | head 2"),
    ("let x = (1 + 2) * 3 - -4 ** 2", "let x = (1 + 2) * 3 - -4 ** 2"),
    ("let x = 2 ** 3 ** 2", "let x = 2 ** 3 ** 2"),
    ("let x = (2 ** 3) ** 2", "let x = (2 ** 3) ** 2"),
    ("let x = not ($a == 1 or $b in [x, 'y z', 3])", "let x = not ($a == 1 or $b in [x, \"y z\", 3])"),
    ("let x = mean($t.bits) - $l.0 + $l[-1] + $r.a.b", "let x = mean($t.bits) - $l[0] + $l[-1] + $r.a.b"),
    ("let r = {a: 1, 'b c': gaborium}", "let r = {a: 1, \"b c\": gaborium}"),
    ("echo (cells | head 1).bits [1, a] $t.bits", "echo ((cells | head 1).bits) [1, a] $t.bits"),
    ("param rec = sim1 \"Recording\"", "param rec: string = sim1 \"Recording\""),
    ("param n=3", "param n: int = 3"),
    ("param out: path", "param out: path"),
    (
      "if $x > 1 { cells } else if cells | head 1 { fail } else { echo 1; echo 2 }",
      "if $x > 1 {\n  cells\n} else if cells | head 1 {\n  fail\n} else {\n  echo 1\n  echo 2\n}"
    ),
    ("for s in [a, b] {\n  eval twin on $s/x\n}", "for s in [a, b] {\n  eval twin on $s/x\n}"),
    ("assert $x > 1 'too small'", "assert $x > 1 \"too small\""),
    ("assert (cells | head 1).cid.0 == 1", "assert (cells | head 1).cid[0] == 1"),
    ("$_", "$_"),
    ("[1,\n 2]", "[1, 2]"),
    ("sql SELECT a | b FROM t; -- x", "sql \"SELECT a | b FROM t; -- x\""),
    ("vcsh 1\ncells", "vcsh 1\ncells"),
    ("def f() { cells }", "def f() {\n  cells\n}"),
    (
      "def best(t: table, n=3, s: string = nova) {\n  $t | head $n }",
      "def best(t: table, n: int = 3, s: string = nova) {\n  $t | head $n\n}"
    ),
    ("def f(a, b = 2) { $a }; f 1 --b 4; f 1", "def f(a: any, b: int = 2) {\n  $a\n}\nf 1 --b=4\nf 1"),
    (
      "def f() { g 1 --n 2 }; def g(a, n = 1) { $a }", "def f() {\n  g 1 --n=2\n}\ndef g(a: any, n: int = 1) {\n  $a\n}"
    ),
    ("cells | where bits > 5 bits/spike", "cells | where bits > 5 bits/spike"),
    ("let x = 20ms + 0.2 s / 3 - -1e3Hz", "let x = 20 ms + 0.2 s / 3 - -1000.0 Hz"),
    ("cells | where session =~ '^no' and reason =~ \"$x\"", "cells | where session =~ \"^no\" and reason =~ \"$x\""),
    ("cells | summarize ci(mean, bits) ci( corr ,bits,cid)", "cells | summarize ci(mean, bits) ci(corr, bits, cid)"),
    ("let x = ci(mean, $t.bits).lower", "let x = ci(mean, $t.bits).lower"),
  ]

  @Test("The parser reads every form, and the printer writes it in its standard form", arguments: forms)
  func parserAndPrinter(_ form: (String, String)) throws {
    let program = try run.parse(form.0)
    #expect(Printer.print(program) == form.1 + "\n")
    #expect(try run.parse(form.1) == program)
  }

  @Test("Statements keep their source text")
  func statementsKnowTheirText() throws {
    let program = try run.parse("let a = 1; cells | head 2 # note\n\nif $a == 1 {\n  cells\n}")
    #expect(program.statements.map(\.text) == ["let a = 1", "cells | head 2", "if $a == 1 {\n  cells\n}"])
    #expect(program.statements.map(\.span.line) == [1, 1, 3])
  }

  /// Text that is wrong, what is said, and the marks under it.
  static let wrong: [(String, String, String)] = [
    ("let = 3", "unexpected `=` where a name is expected after `let`", "    ^"),
    ("let $a = 3", "a declared name has no `$`", "    ^^"),
    ("let a 3", "unexpected `3` where `=` is expected", "      ^"),
    ("cells | | head", "unexpected `|` where a command is expected", "        ^"),
    ("echo (1 + 2", "`(` is not closed", "     ^"),
    ("echo \"abc", "`\"` is not closed", "     ^"),
    ("echo a(1)", "unexpected `(` directly after an argument", "      ^"),
    ("let x = 1 +", "the text ends where a value is expected", "           ^"),
    ("let x = 1 < 2 < 3", "unexpected `<` after a comparison", "              ^"),
    ("let x = 3 abc", "unexpected `abc` after the end of the statement", "          ^^^"),
    ("let x = 12abc", "`12abc` is not a number", "        ^^^^^"),
    ("let x = $a == val", "`val` is not a value here", "              ^^^"),
    ("echo $", "a name is expected after `$`", "     ^"),
    ("else { }", "`else` without an `if` before it", "^^^^"),
    ("if true cells", "unexpected `cells` where `{` is expected after `if`", "        ^^^^^"),
    ("for x [1] { }", "unexpected `[` where `in` is expected", "      ^"),
    ("param x: number = 3", "`number` is not a type of a parameter", "         ^^^^^^"),
    ("if true { param x = 3 }", "`param` can't be inside a block", "          ^^^^^"),
    ("cells.bits", "`cells.bits` is not a command", "^^^^^^^^^^"),
    ("echo \"\\q\"", "`\\q` is not an escape", "      ^^"),
    ("echo 1 ]", "unexpected `]` among the arguments", "       ^"),
    ("eval a --split=", "the text ends where the value of --split is expected", "               ^"),
    ("vcsh 2", "unknown language version 2", "^^^^^^"),
    ("let x = 99999999999999999999", "the number `99999999999999999999` is too large", "        ^^^^^^^^^^^^^^^^^^^^"),
    ("cells | where bits = 0.2", "`=` does not compare", "                   ^"),
    ("$a = 3", "`=` does not compare", "   ^"),
    ("def f { 1 }", "unexpected `{` where `(` is expected", "      ^"),
    ("def f(a = 1, b) { }", "`b` has no default but follows `a`, which has one", "             ^"),
    ("def f(a, a) { }", "the argument `a` is declared twice", "         ^"),
    ("def f(a: tabel) { }", "`tabel` is not a type of an argument", "         ^^^^^"),
    ("if true { def f() { } }", "definitions can't be inside a block", "              ^"),
    ("if true { source x }", "`source` can't be inside a block", "          ^^^^^^"),
    ("source $x", "the file's name must be plain text", "       ^^"),
    ("source", "the text ends where a file is expected after `source`", "      ^"),
    ("let x = 5 Hzz", "unexpected `Hzz` after the end of the statement", "          ^^^"),
    ("let x = ci(3)", "unexpected `3` where a function's name is expected", "           ^"),
    ("let x = $a ? 1", "unexpected `?` after the end of the statement", "           ^"),
  ]

  @Test("A syntax error has a message and a place", arguments: wrong)
  func syntaxErrors(_ text: String, _ message: String, _ marks: String) {
    let failure = run.failure(text)
    #expect(failure?.message == message)
    #expect(marked(text, failure) == text + "\n" + marks)
    #expect(failure?.exitStatus == 2)
  }

  @Test(
    "Deep nesting is a failure, not a crash",
    arguments: ["(", "[", "-", "not ", "{a: ", "mean(", "1 + ", "\"${", "(cells | echo "])
  func deepNestingIsAFailureNotACrash(_ piece: String) {
    let failure = run.failure("let x = " + String(repeating: piece, count: 20_000))
    #expect(failure?.kind == .usage)
    #expect(failure?.message == "nested more than \(Parser.nestingLimit) levels deep")
  }

  @Test("Deeply nested blocks are a failure")
  func deepBlocksAreAFailure() {
    #expect(run.failure(String(repeating: "if true {\n", count: 20_000))?.message.contains("levels deep") == true)
  }

  @Test("Long chains of operators are a failure")
  func longChainsOfOperatorsAreAFailure() {
    #expect(run.failure("let x = 1" + String(repeating: " + 1", count: 5000))?.message.contains("levels deep") == true)
    #expect(run.failure("let x = $a" + String(repeating: ".a", count: 5000))?.message.contains("levels deep") == true)
  }

  @Test(
    "Incomplete text is recognised",
    arguments: [
      ("echo (1", true), ("cells |", true), ("cells | # note", true), ("echo 'a", true), ("echo \"a", true),
      ("if $x {", true), ("if $x {\n cells", true), ("echo \"${(1", true), ("cells", false), ("echo ')'", false),
      ("echo a#b", false), ("# (", false), ("echo \"a\\\"\"", false), ("if $x { cells }", false), ("echo )", false),
      ("", false),
    ])
  func incompleteText(_ text: String, _ expected: Bool) {
    #expect(Parser.isIncomplete(text) == expected)
  }

  @Test("Windows line ends are line ends")
  func windowsLineEndsAreLineEnds() throws {
    #expect(try run.parse("let a = 1\r\ncells\r\n").statements.map(\.text) == ["let a = 1", "cells"])
  }
}
