import Base
import Language
import Testing

@Suite struct DefinitionTests {
  let run = Run()

  @Test("A definition is called like a command and like a function")
  func aDefinitionIsCalledLikeACommandAndLikeAFunction() throws {
    try run("def scaled(x: float, by: float = 2) { $x * $by }")
    #expect(try run("scaled 3") == [.double(6)])
    #expect(try run("scaled 3 5; scaled 3 --by 4; scaled 3 --by=4") == [.double(15), .double(12), .double(12)])
    #expect(try run("scaled(3) + 1") == [.double(7)])
    #expect(try run("echo (scaled 3)") == [.double(6)])
  }

  @Test("The piped value is the last result at the beginning of the body")
  func whatIsPipedIsTheLastResultAtFirst() throws {
    try run("def top(n: int = 1) { $_ | sort bits --reverse | head $n | select cid }")
    #expect(try run("cells | top") == [.table(Table([Column("cid", [1])]))])
    #expect(try run("cells | top 2 | head 1") == [.table(Table([Column("cid", [1])]))])
  }

  @Test("A body has local names and reads those outside")
  func aBodyHasNamesOfItsOwnAndReadsThoseAround() throws {
    try run("let a = 1; let b = 10; def f(a) { let b = $a + 1; let c = $b; $c }")
    #expect(try run("f 5; $a; $b") == [.int(6), .int(1), .int(10)])
    #expect(run.failure("$c")?.message == "there is no variable `$c`")
    #expect(try run("def g() { $b }; let b = 20; g") == [.int(20)])
  }

  @Test("A call does not change the last result outside")
  func theLastResultOutsideIsLeftAlone() throws {
    #expect(try run("def f() { 3 }; echo 7; let x = f(); $_") == [.int(7), .int(7)])
  }

  @Test("A list is one argument")
  func aListIsOneArgument() throws {
    #expect(try run("def f(values: list) { length($values) }; f [1, 2, 3]") == [.int(3)])
  }

  @Test("Defaults can use earlier arguments")
  func defaultsMayUseArgumentsBeforeThem() throws {
    #expect(try run("def f(a: int, b: int = $a + 1) { $a * $b }; f 3") == [.int(12)])
  }

  @Test("Definitions can call themselves and each other")
  func definitionsCallThemselvesAndOneAnother() throws {
    #expect(try run("def fact(n: int) { if $n < 2 { 1 } else { $n * fact($n - 1) } }; fact 10") == [.int(3_628_800)])
    let text = """
      def even(n: int) { if $n == 0 { true } else { odd ($n - 1) } }
      def odd(n: int) { if $n == 0 { false } else { even ($n - 1) } }
      even 10
      """
    #expect(try run.check(text).isEmpty)
    #expect(try run(text) == [.bool(true)])
  }

  @Test(
    "Endless recursion is a failure",
    arguments: [
      "def f(n) { f($n + 1) }; f(1)", "def f(n) { f ($n + 1) }; f 1",
      "def f(n) { for i in [1] { if true { echo (f($n)) } } }; f 1",
    ])
  func recursionWithoutEndIsAFailure(_ text: String) {
    let failure = run.failure(text)
    #expect(failure?.message.hasPrefix("`f` calls itself more than") == true)
    #expect(
      failure?.span?.column == text.firstRange(of: "f($n")?.lowerBound.utf16Offset(in: text).advanced(by: 1)
        ?? (text.firstRange(of: "f ($n")?.lowerBound.utf16Offset(in: text) ?? 0) + 1)
  }

  @Test("Deeply nested bodies have a lower limit of recursion")
  func deepBodiesRecurseLessDeep() throws {
    let deep = String(repeating: "(1 + ", count: 90) + "f($n)" + String(repeating: ")", count: 90)
    let message = try #require(run.failure("def f(n) { \(deep) }; f 1")).message
    let limit = try #require(message.firstMatch(of: /^`f` calls itself more than (\d+) levels deep/))
    #expect(try #require(Int(limit.1)) < Interpreter.callLimit)
    // And the session goes on as before.
    #expect(try run("def g(n) { $n }; g 3") == [.int(3)])
  }

  @Test("A definition made of expressions works in expressions over columns")
  func aDefinitionOfExpressionsWorksAmongColumns() throws {
    try run("def share(x, of) { $x / $of }")
    #expect(try run("(cells | where share(bits, max(bits)) > 0.4).cid") == [.list([.int(1), .int(4)])])
    #expect(try run("(cells | summarize share(sum(bits), 2)).share_sum_bits_2") == [.list([.double(0.4)])])
  }

  @Test("A definition with commands does not work in expressions over columns")
  func aDefinitionOfCommandsDoesNot() throws {
    let text = "def n() { cells | head 1 }; cells | where n() > 1"
    #expect(
      try run.check(text).map(\.message) == ["`n` runs commands, so it can't be used in an expression over columns"])
    #expect(run.failure(text)?.message == "`n` runs commands, so it can't be used in an expression over columns")
  }

  /// Text, message, marks.
  static let wrong: [(String, String, String)] = [
    ("def f(n: int) { $n }; f x", "N must be a whole number, not the text 'x'", "                        ^"),
    ("def f(n: int) { $n }; f", "f needs N", "                      ^"),
    ("def f(n: int) { $n }; f 1 2", "unexpected argument `2`", "                          ^"),
    ("def f(n: int = 1) { $n }; f --m 2", "f has no flag --m", "                            ^^^"),
    ("def f(n) { $n }; f(1, 2)", "f takes 1 argument, not 2", "                 ^^^^^^^"),
    ("def f(t: table) { $t }; f 3", "t must be a table, not the int 3", "                        ^"),
    ("def eval(n) { $n }", "`eval` is already a command", "    ^^^^"),
    ("def mean(n) { $n }", "`mean` is already a function", "    ^^^^"),
  ]

  @Test("Wrong calls fail during the run, at their place", arguments: wrong)
  func callsAreCheckedAsTheyRun(_ text: String, _ message: String, _ marks: String) {
    let failure = run.failure(text)
    #expect(failure?.message == message)
    #expect(marked(text, failure) == text + "\n" + marks)
  }

  /// Text, message, marks: found before anything runs.
  static let unsound: [(String, String, String)] =
    wrong.filter { !$0.1.contains("table") } + [
      ("def f(n) { $m }", "there is no variable `$m`", "           ^^"),
      ("def f(n) { nosuch $n }", "there is no command `nosuch`", "           ^^^^^^"),
      ("def f(t) { $t | head ten }", "COUNT must be a whole number, not the text 'ten'", "                     ^^^"),
      ("def f() { let x = 1 }; f; $x", "there is no variable `$x`", "                          ^^"),
      ("f 1; def f(n) { $n }", "`f` is defined below", "^"),
      ("def f() { 1 }; def f() { 2 }", "`f` is defined twice", "                   ^"),
      ("def f(t: table) { $t }; f 3", "T must be a table, not a number", "                          ^"),
      (
        "def f(t) { $t | sort nothing }; f (cells)", "in `f`: the table has no column `nothing` (test.vc:1:22)",
        "                                ^"
      ),
      (
        "def f() { $_ | where bats > 1 }; cells | f", "in `f`: the table has no column `bats` (test.vc:1:22)",
        "                                         ^"
      ),
      (
        "def f() { cells | select cid }; f | sort bits", "the table has no column `bits`",
        "                                         ^^^^"
      ),
      (
        "def f(t) { $t | select cid }; f(cells) | sort bits", "`cells` is not a value here",
        "                                ^^^^^"
      ),
      (
        "def f(t) { $t | select cid }; f((cells)) | sort bits", "the table has no column `bits`",
        "                                                ^^^^"
      ),
    ]

  @Test("A definition is checked by itself and at its calls", arguments: unsound)
  func checkedAtDefinitionAndCalls(
    _ text: String, _ message: String, _ marks: String
  ) {
    let failure: Failure?
    do {
      failure = try run.check(text).first
    } catch {
      failure = error as? Failure
    }
    #expect(failure?.message == message)
    #expect(marked(text, failure) == text + "\n" + marks)
    #expect(run.host.calls.isEmpty)
  }

  @Test("Definitions with many nested calls do not make the checker slow")
  func callsThatBranchDoNotMakeTheCheckerSlow() throws {
    var text = "def f0(x) { $x }\n"
    for level in 1..<60 { text += "def f\(level)(x) { f\(level - 1) $x; f\(level - 1) $x }\n" }
    #expect(try run.check(text + "f59 1").isEmpty)
  }
}
