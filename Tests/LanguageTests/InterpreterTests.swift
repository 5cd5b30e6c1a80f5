import Base
import Language
import Testing

@Suite struct InterpreterTests {
  let run = Run()

  @Test(
    "Expressions have the expected values",
    arguments: [
      ("1 + 2 * 3", Value.int(7)), ("7 / 2", .double(3.5)), ("-7 % 3", .int(2)), ("2 ** 10", .int(1024)),
      ("2 ** -1", .double(0.5)), ("-2 ** 2", .int(-4)), ("9223372036854775807 + 1", .double(9.223372036854775807e18)),
      ("1 / 0", .null), ("0 / 0", .null), ("'a' + 'b'", .string("ab")), ("[1, 2] * 2", .list([.int(2), .int(4)])),
      ("[1, 2] + [3]", .list([.int(1), .int(2), .int(3)])), ("2 == 2.0", .bool(true)), ("'a' < 'b'", .bool(true)),
      ("[1, '1'] == [1, 1]", .bool(false)), ("3 in [1, 3]", .bool(true)), ("'b' in 'abc'", .bool(true)),
      ("not true or true", .bool(true)), ("not (true or true)", .bool(false)), ("[a, b].1", .string("b")),
      ("[a, b][-1]", .string("b")), ("{a: {b: 3}}.a.b", .int(3)), ("\"${1 + 1}\\t$_\"", .string("2\t")),
    ])
  func expressionValues(_ text: String, _ expected: Value) throws {
    #expect(try run.value(text) == expected)
  }

  @Test(
    "Arithmetic with null gives null, and comparisons by order are false",
    arguments: [
      ("null < 1", Value.bool(false)), ("null >= 1", .bool(false)), ("1 > null", .bool(false)),
      ("null == null", .bool(true)), ("null != null", .bool(false)), ("1 != null", .bool(true)),
      ("1 == null", .bool(false)), ("null + 1", .null), ("-null", .null), ("null and true", .bool(false)),
      ("mean([1, null, 3])", .double(2)), ("mean([])", .null), ("sd([1])", .null), ("count([1, null])", .int(1)),
      ("sum([null])", .int(0)), ("abs(null)", .null), ("{a: null}.a.b", .null), ("sqrt(-1)", .null), ("log(0)", .null),
      ("null in [1, null]", .bool(true)), ("upper(null)", .null), ("contains(null, 'a')", .bool(false)),
    ])
  func nullHasNoNumberAndNoOrder(_ text: String, _ expected: Value) throws {
    #expect(try run.value(text) == expected)
  }

  @Test(
    "Functions return the expected values",
    arguments: [
      ("median([3, 1, 2, 10])", Value.double(2.5)), ("sd([1, 2, 3, 4])", .double(1.2909944487358056)),
      ("quantile([1, 2, 3, 4], 0.25)", .double(1.75)), ("min([3, 1])", .int(1)), ("max(3, 4.5)", .double(4.5)),
      ("sum([1, 2])", .int(3)), ("sum([1, 2.5])", .double(3.5)), ("sum([true, false, true])", .int(2)),
      ("round(2.567, 2)", .double(2.57)), ("round(2.5)", .int(3)),
      ("round(1e300, 5) == 1e300", .bool(true)), ("floor(-1.5)", .int(-2)), ("ceil(1.2)", .int(2)),
      ("abs(-3)", .int(3)), ("sqrt([4, 9])", .list([.double(2), .double(3)])), ("length('abc')", .int(3)),
      ("first([a, b])", .string("a")), ("last([a, b])", .string("b")),
      ("keys({a: 1, b: 2})", .list([.string("a"), .string("b")])),
      ("unique([1, 2, 1, 1.0])", .list([.int(1), .int(2)])), ("upper('ab')", .string("AB")),
      ("join([1, 2], '-')", .string("1-2")), ("split('a,b', ',')", .list([.string("a"), .string("b")])),
      ("str(1.5)", .string("1.5")), ("int('12')", .int(12)), ("int(-2.7)", .int(-2)), ("float('x')", .null),
      ("starts_with('abc', 'ab')", .bool(true)), ("ends_with('abc', 'bc')", .bool(true)),
      ("corr([1, 2, 3], [2, 4, 6.5])", .double(0.9979487157886734)), ("corr([1, 1], [1, 2])", .null),
      ("range(2, 4)", .list([.int(2), .int(3)])),
    ])
  func functionsGiveTheirValues(_ text: String, _ expected: Value) throws {
    let value = try run.value(text)
    if let number = value.number, let wanted = expected.number {
      #expect(abs(number - wanted) < 1e-12 && value.typeName == expected.typeName)
    } else {
      #expect(value == expected)
    }
  }

  @Test("Patterns match text, and never null")
  func patternsMatchTextAndNeverNull() throws {
    #expect(try run("(cells | where session =~ '^s' or reason =~ 'no_').cid") == [.list([.int(2), .int(3), .int(4)])])
    #expect(try run("'größe' =~ '^gr.ße$'; null =~ 'a'; 'a' =~ ''") == [.bool(true), .bool(false), .bool(true)])
    #expect(run.failure("let p = '['; 'a' =~ $p")?.message.hasPrefix("`[` is not a regular expression") == true)
    #expect(run.failure("let n = 3; $n =~ '3'")?.message == "`=~` needs text on both sides; `3` is not text")
  }

  @Test("Messages are shown wherever their command runs")
  func messagesAreShownWhereverTheyStand() throws {
    #expect(
      try run("def f() { say hello; cells; for i in [1] { say $i; 5 }; say bye }; f; $_")
        == [.string("hello"), .int(1), .string("bye"), .int(5), .int(5)])
  }

  @Test("Words and texts are interpolated")
  func wordsAndTextAreInterpolated() throws {
    try run("let rec = 'sim1'; let r = {name: nova}")
    #expect(try run("open $rec/gaborium") == [.string("sim1/gaborium")])
    #expect(try run("open $r.name/gaborium") == [.string("nova/gaborium")])
    #expect(try run("open ${rec}.csv") == [.string("sim1.csv")])
    #expect(try run("open \"$rec.csv ${1 + 1} \\$rec\"") == [.string("sim1.csv 2 $rec")])
    #expect(try run("open '$rec'") == [.string("$rec")])
  }

  @Test("For a dot after a text variable, the hint shows the right form")
  func aDotAfterATextVariableNamesTheWayOut() throws {
    try run("let rec = 'sim1'")
    #expect(run.failure("open $rec.csv")?.hint?.contains("${name}.csv") == true)
  }

  @Test("The signature determines the type of a bareword")
  func barewordsAreTypedByTheSignature() throws {
    try run("eval 17 on a/b --l2 1e-3 --starts 4 --in-sample")
    let call = try #require(run.host.calls.last)
    #expect(try call.string("twin") == "17")
    #expect(try call.string("on") == "a/b")
    #expect(try call.float("l2") == 0.001)
    #expect(try call.int("starts") == 4)
    #expect(call.isSet("in-sample"))
    #expect(try call.string("split") == "val")
    #expect(!call.isGiven("split"))
  }

  @Test(
    "A flag that belongs to another one may have a short name behind it",
    arguments: [
      ("--fast a --every 4 --slow b --every 9", 4, 9), ("--slow b --every 9 --fast a --every 4", 4, 9),
      ("--slow b --minutes 2 --every 9", 3, 9), ("--every 4 --fast a", 4, 12),
      ("--fast a --slow b --slow-every 9", 3, 9),
    ])
  func flagsOfOthers(text: String, every: Int, slowEvery: Int) throws {
    try run("watch \(text)")
    let call = try #require(run.host.calls.last)
    #expect(try call.int("every") == every && call.int("slow-every") == slowEvery)
    #expect(run.failure("watch --fast a --every 4 --every 5")?.message == "--every is given twice")
  }

  @Test("Keyword arguments can be written as flags")
  func keywordArgumentsMayBeFlags() throws {
    try run("eval --on a/b twin")
    #expect(try run.host.calls.last?.string("on") == "a/b")
    #expect(try run.host.calls.last?.string("twin") == "twin")
  }

  @Test("Quoted text is never a keyword")
  func quotedTextIsNeverAKeyword() throws {
    try run("eval 'on' on a/b")
    #expect(try run.host.calls.last?.string("twin") == "on")
  }

  @Test("Words are read as numbers, truth values or text")
  func valuesAreReadFromWords() throws {
    #expect(
      try run("echo 1 -2.5 true null abc '7'") == [
        .list([.int(1), .double(-2.5), .bool(true), .null, .string("abc"), .string("7")])
      ])
  }

  @Test("The last result is $_")
  func lastResultIsDollarUnderscore() throws {
    #expect(try run("echo 3; $_ + 1") == [.int(3), .int(4)])
  }

  @Test("Pipelines can be used as values")
  func pipelinesStandWhereValuesStand() throws {
    #expect(try run("let t = cells | where bits > 0.1\n$t.cid") == [.list([.int(1), .int(4)])])
    #expect(try run("echo (cells | where reason != null).cid") == [.list([.int(2)])])
    #expect(
      try run("$t | head 1 | select cid") == [
        .table(Table([Column("cid", [1])], note: "1 of the 2 rows left out has no value of bits"))
      ])
    #expect(try run("echo \"${mean($t.bits)}\"") == [.string("0.375")])
  }

  @Test("Summaries group by several columns")
  func summariesGroupBySeveralColumns() throws {
    let summary = try run("cells | summarize count() by session reason")
    #expect(
      summary == [
        .table(
          Table([
            Column("session", ["nova", "nova", "sim"]), Column("reason", [nil, "no_spikes", nil]),
            Column("count", [1, 1, 2]),
          ]))
      ])
  }

  @Test("A list of records is a table in a pipe")
  func aListOfRecordsIsATableInAPipe() throws {
    #expect(
      try run("[{a: 1}, {a: 2, b: x}] | where a > 1").first
        == .table(Table([Column("a", [2]), Column("b", ["x"])])))
  }

  @Test("Branches and loops run")
  func branchesAndLoopsRun() throws {
    #expect(
      try run("for x in [1, 2, 3] { if $x == 2 { echo two } else if $x > 2 { echo many } else { echo $x } }")
        == [.int(1), .string("two"), .string("many")])
    #expect(try run("for row in (cells | head 2) { $row.cid }") == [.int(1), .int(2)])
  }

  @Test("Failed assertions have their message and exit status 3")
  func assertionsFailWithTheirMessageAndStatus3() throws {
    try run("let n = 3")
    let failure = run.failure("assert $n > 4 \"only $n\"")
    #expect(failure?.message == "only 3")
    #expect(failure?.hint == "$n is 3")
    #expect(failure?.exitStatus == 3)
    #expect(run.failure("assert $n == 4")?.message == "assertion failed: $n == 4")
    #expect(run.failure("assert null < 1")?.kind == .assertion)
    #expect(run.failure("assert $n == 3") == nil)
  }

  @Test("A failed assertion shows the values of its sides, rounded unless they differ only in later digits")
  func assertionsShowValues() throws {
    try run("let n = 1 / 3; let m = 0.33333")
    #expect(run.failure("assert $n > $m + 1")?.hint == "$n is 0.3333, $m + 1 is 1.333")
    #expect(run.failure("assert $n == $m")?.hint == "$n is 0.3333333333333333, $m is 0.33333")
    #expect(run.failure("assert 1 > 2")?.hint == nil)
    #expect(run.failure("assert -1 > $n")?.hint == "$n is 0.3333")
  }

  @Test("Failures of commands have the command's place")
  func failuresOfCommandsGetTheCommandsPlace() {
    let text = "echo (fail)"
    #expect(marked(text, run.failure(text)) == "echo (fail)\n      ^^^^")
  }

  /// Text, message, marks, hint.
  static let wrong: [(String, String, String, String)] = [
    ("evl twin on a/b", "there is no command `evl`", "^^^", "did you mean `eval`?"),
    ("eval twin on a/b --splt all", "eval has no flag --splt", "                 ^^^^^^", "did you mean `--split`?"),
    (
      "eval twin on a/b --split vale", "--split must be one of train, val, all, not 'vale'",
      "                         ^^^^", "did you mean `val`?"
    ),
    ("eval twin a/b", "unexpected argument `a/b`", "          ^^^", "did you mean `… on a/b`?"),
    (
      "eval twin", "eval needs on REC/STIM", "^^^^",
      "usage: eval TWIN on REC/STIM [--split train|val|all] [--in-sample] [--l2 FLOAT] [--starts INT]"
    ),
    (
      "eval twin on a/b --starts many", "--starts must be a whole number, not the text 'many'",
      "                          ^^^^", ""
    ),
    ("eval a on b/c on d/e", "ON is given twice", "                 ^^^", "usage"),
    ("cells | head ten", "COUNT must be a whole number, not the text 'ten'", "             ^^^", ""),
    (
      "cells | head 99999999999999999999",
      "COUNT must be a whole number between \(Int.min) and \(Int.max), not the text '99999999999999999999'",
      "             ^^^^^^^^^^^^^^^^^^^^", ""
    ),
    ("head 3", "head needs a table from the pipe", "^^^^", "usage: … | head [COUNT]"),
    ("cells | open x", "open takes no input from a pipe", "        ^^^^", "usage: open PATH [as NAME]"),
    ("let bits = 3; echo $bit", "there is no variable `$bit`", "                   ^^^^", "did you mean `$bits`?"),
    ("let x = meen([1])", "there is no function `meen`", "        ^^^^^^^^^", "did you mean `mean`?"),
    ("let x = mean()", "mean takes 1 argument, not 0", "        ^^^^^^", "usage: mean(values)"),
    ("cells | where bit > 1", "the table has no column `bit`", "              ^^^", "did you mean `bits`?"),
    (
      "cells | where session == nova", "the table has no column `nova`", "                         ^^^^",
      "write text as 'nova'; columns: cid session bits reason"
    ),
    ("let x = 1 + 'a'", "`+` needs numbers, not the text 'a'", "        ^^^^^^^", ""),
    ("let x = [1][5]", "there is no element 5", "        ^^^^^^", "there is 1 element, numbered from 0"),
    ("if 3 { }", "a condition must be true or false, not the int 3", "   ^", "compare it: `… == …`, `… > 0`"),
  ]

  @Test("A failure has a message, a place and a hint", arguments: wrong)
  func failuresHaveMessagePlaceAndHint(_ text: String, _ message: String, _ marks: String, _ hint: String) {
    let failure = run.failure(text)
    #expect(failure?.message == message)
    #expect(marked(text, failure) == text + "\n" + marks)
    #expect(failure?.hint?.hasPrefix(hint) ?? hint.isEmpty)
  }

  @Test("Parameters have types and defaults")
  func parametersAreTypedAndHaveDefaults() throws {
    let text = "param rec = sim1 \"Recording\"\nparam n: int = 3\nparam l2: float\nparam flag = true"
    let program = try run.parse(text)
    let declarations = program.parameters
    #expect(declarations.map(\.name) == ["rec", "n", "l2", "flag"])
    #expect(declarations.map(\.type) == [.string, .int, .float, .bool])
    #expect(declarations.map(\.fallbackText) == ["sim1", "3", nil, "true"])
    #expect(run.failure(text)?.message == "the parameter `l2` has no value")
    try run.interpreter.setParameters(["l2": "1", "n": "5"], of: program)
    for statement in program.statements { _ = try run.interpreter.run(statement) }
    #expect(run.interpreter.variables["rec"] == .string("sim1"))
    #expect(run.interpreter.variables["n"] == .int(5))
    #expect(run.interpreter.variables["l2"] == .double(1))
    #expect(run.interpreter.variables["flag"] == .bool(true))
  }

  @Test("Parameters from outside are checked")
  func parametersFromOutsideAreChecked() throws {
    let program = try run.parse("param batch_size: int = 3")
    try run.interpreter.setParameters(["batch-size": "4"], of: program)
    #expect(throws: Failure(.usage, "--batch_size must be a whole number, not the text 'x'")) {
      try run.interpreter.setParameters(["batch_size": "x"], of: program)
    }
    #expect(throws: Failure(.usage, "there is no parameter --batchsize", hint: "did you mean `--batch_size`?")) {
      try run.interpreter.setParameters(["batchsize": "3"], of: program)
    }
  }

  @Test("Cancellation stops a loop")
  func cancellationStopsALoop() throws {
    let cancellation = Cancellation()
    let interpreter = Interpreter(host: run.host, cancellation: cancellation)
    let program = try run.parse("for x in range(1000) { echo $x }")
    var count = 0
    interpreter.onBlockValue = { _, _ in
      count += 1
      if count == 3 { cancellation.cancel() }
    }
    let failure = #expect(throws: Failure.self) { try interpreter.run(program.statements[0]) }
    #expect(failure?.kind == .interrupted)
    #expect(count == 3)
  }
}
