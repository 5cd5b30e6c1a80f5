import Base
import Language
import Testing

@Suite struct UnitTests {
  let run = Run()
  let table = Table([
    Column("cid", [1, 2, 3]), Column("rate_hz", [2.0, 6.0, nil] as [Double?], unit: "Hz"),
    Column("latency", [0.01, 0.02, 0.05] as [Double?], unit: "s"), Column("length", [50, 100, 200], unit: "bins"),
    Column("session", ["a", "b", nil]),
  ])

  private func rows(_ text: String, _ variables: [String: Value] = [:]) throws -> RowExpression {
    RowExpression(
      try Parser.parseRowExpression(SourceText(text, name: "test")), variables: variables, text: text)
  }

  @Test(
    "Numbers with units are compared with columns",
    arguments: [
      ("rate_hz > 5 Hz", [2]), ("rate_hz > 0.005 kHz", [2]), ("rate_hz > 5", [2]), ("latency <= 20 ms", [1, 2]),
      ("20 ms == latency", [2]), ("length >= 100 bins", [2, 3]), ("latency > mean(latency) + 10 ms", [3]),
      ("latency in [10 ms, 0.05 s]", [1, 3]), ("latency * rate_hz > 0.1", [2]), ("latency / 20 ms >= 1", [2, 3]),
      ("max(latency, 20 ms) == 20 ms", [1, 2]), ("abs(-latency) < 11 ms", [1]), ("1 / latency > 60 Hz", [1]),
      ("latency < median(latency) - 5 ms", [1]),
    ])
  func numbersWithUnitsMeetColumns(_ predicate: String, _ expected: [Int]) throws {
    let kept = try TableOperations.filter(table, where: rows(predicate))
    #expect((0..<kept.rowCount).map { kept[row: $0, column: 0] } == expected.map(Value.int))
  }

  @Test("A variable keeps its unit")
  func aVariableKeepsItsUnit() throws {
    try run("let limit = 0.3 bits/spike; let span = 20 ms")
    #expect(try run("(cells | where bits > $limit).cid") == [.list([.int(1)])])
    #expect(try run("(cells | where bits > 2 * $limit / 3).cid") == [.list([.int(1), .int(4)])])
    #expect(try run("\"$span, ${$span * 2}\"") == [.string("20 ms, 40 ms")])
    #expect(try run("$span > 0.01 s; $span + 1 s == 1020 ms") == [.bool(true), .bool(true)])
    #expect(run.failure("cells | where bits > $span")?.message == "bits/spike and ms are different units")
  }

  @Test(
    "Units are converted where that is exact",
    arguments: [
      ("1 s == 1000 ms", Value.bool(true)), ("1 / 20 ms == 50 Hz", .bool(true)), ("5 Hz * 2 s", .int(10)),
      ("2 s / 100 ms", .double(20)), ("3 kHz > 2999 Hz", .bool(true)), ("mean([1 s, 500 ms]) == 0.75 s", .bool(true)),
      ("20 ms + 0.1 s == 120 ms", .bool(true)), ("-5 Hz < 0 Hz", .bool(true)), ("2 h == 120 min", .bool(true)),
      ("max(1 s, 1100 ms) == 1.1 s", .bool(true)), ("20 ms in [0.02 s]", .bool(true)), ("5 Hz == null", .bool(false)),
      ("{a: 5 Hz}.a == 5 Hz", .bool(true)), ("round(20.4 ms) == 20 ms", .bool(true)),
      ("(null + 5 Hz) == null", .bool(true)),
    ])
  func unitsAreConvertedWhereThatIsExact(_ text: String, _ expected: Value) throws {
    #expect(try run.value(text) == expected)
  }

  @Test(
    "Units that do not fit are found by the checker and during the run",
    arguments: [
      ("cells | where bits > 5 Hz", "bits/spike and Hz are different units", "              ^^^^^^^^^^^"),
      ("cells | where cid > 5 Hz", "one side is in Hz and the other has no unit", "              ^^^^^^^^^^"),
      ("cells | where session == 5 Hz", "one side is in Hz and the other has no unit", "              ^^^^^^^^^^^^^^^"),
      (
        "cells | summarize mean(bits) + 1 px", "bits/spike and px are different units",
        "                  ^^^^^^^^^^^^^^^^^"
      ),
      ("echo (1 px + 2 deg)", "px and deg are different units", "      ^^^^^^^^^^^^"),
      ("echo (5 Hz > 3)", "one side is in Hz and the other has no unit", "      ^^^^^^^^"),
      ("echo (2 px * 2 px)", "px times px has no unit that vcsh knows", "      ^^^^^^^^^^^"),
      ("let a = 5 ms; echo ($a < 2 px)", "ms and px are different units", "                    ^^^^^^^^^"),
      (
        "let a = 5 ms; let b = $a; if $b > 3 { }", "one side is in ms and the other has no unit",
        "                             ^^^^^^"
      ),
      (
        "let t = cells; echo (mean($t.bits) > 5 ms)", "bits/spike and ms are different units",
        "                     ^^^^^^^^^^^^^^^^^^^^"
      ),
    ])
  func unitsThatDoNotFitAreFoundBeforeAndWhileRunning(_ text: String, _ message: String, _ marks: String) throws {
    let found = try run.check(text)
    #expect(found.map(\.message) == [message])
    #expect(marked(text, found.first) == text + "\n" + marks)
    #expect(run.failure(text)?.message == message)
  }

  @Test("Columns with different units are not compared")
  func columnsOfDifferentUnitsAreNotCompared() throws {
    #expect(
      throws: Failure(
        .usage, "Hz and s are different units",
        hint: "only numbers with the same kind of unit can be compared or added",
        span: SourceSpan(source: "test", line: 1, column: 1, length: 17))
    ) {
      try TableOperations.filter(table, where: rows("rate_hz > latency"))
    }
  }

  @Test("Summaries have units")
  func summariesKnowTheirUnits() throws {
    let expressions = try ["mean(latency)", "max(latency) - min(latency)", "count(latency)", "ci(mean, latency)"].map {
      try rows($0)
    }
    let summary = try TableOperations.summarize(table, expressions)
    #expect(summary.columns.map(\.unit) == ["s", "s", nil, "s", "s"])
    #expect(
      summary.names == [
        "mean_latency", "max_latency_min_latency", "count_latency", "mean_latency_lower", "mean_latency_upper",
      ])
  }

  @Test("Numbers taken out of a table lose its unit in a variable")
  func numbersTakenOutOfATableLoseItsUnitInVariables() throws {
    #expect(try run("let t = cells; let m = mean($t.bits); $m > 0.1") == [.bool(true)])
    let text = "let t = cells; let m = mean($t.bits); $m > 0.1 bits/spike"
    let message = "one side is in bits/spike and the other has no unit"
    #expect(try run.check(text).map(\.message) == [message])
    #expect(run.failure(text)?.message == message)
  }
}
