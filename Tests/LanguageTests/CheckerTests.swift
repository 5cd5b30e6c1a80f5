import Base
import Language
import Testing

@Suite struct CheckerTests {
  let run = Run()

  @Test("A correct program has no failures")
  func aSoundProgramHasNoFailures() throws {
    let text = """
      vcsh 1
      param rec = sim1 "Recording"
      let t = cells --split val | where bits < 0.3 | sort bits
      for s in [nova, sim] {
        let part = $t | where session == $s
        assert count($part.cid) > 0 "no cells of $s"
        eval twin on $rec/$s
      }
      if $rec == 'x' { let z = 1 } else { let z = 2 }
      echo $z $_ (mean($t.bits))
      $t | select cid bits | where cid > 1
      cells | summarize mean(bits) count() --by session
      """
    #expect(try run.check(text).map(\.description) == [])
  }

  @Test("All problems are found in the order of the text, and nothing runs")
  func allProblemsAreFoundInOrderAndNothingRuns() throws {
    let text = """
      evl a
      cells --splt | where bit < 1 | sort nothing
      let x = meen($y)
      eval twin on a/b --starts 1.5
      for c in $list { echo $c $d }
      """
    let failures = try run.check(text)
    #expect(
      failures.map(\.message) == [
        "there is no command `evl`", "cells has no flag --splt", "the table has no column `bit`",
        "the table has no column `nothing`", "there is no function `meen`", "there is no variable `$y`",
        "--starts must be a whole number, not the text '1.5'", "there is no variable `$list`",
        "there is no variable `$d`",
      ])
    #expect(failures.map { $0.span?.line } == [1, 2, 2, 2, 3, 3, 4, 5, 5])
    #expect(failures.allSatisfy { $0.exitStatus == 2 })
    #expect(run.host.calls.isEmpty)
  }

  @Test("Columns are known after pipes and in variables")
  func columnsAreFollowedThroughPipesAndVariables() throws {
    #expect(try run.check("cells | select cid | where bits > 1").map(\.message) == ["the table has no column `bits`"])
    #expect(try run.check("let t = cells | head 2; $t.bts").map(\.hint) == ["did you mean `bits`?"])
    #expect(try run.check("let t = cells; $t | sort rate").map(\.message) == ["the table has no column `rate`"])
    #expect(try run.check("cells | summarize mean(bits) | where mean_bits > 1").isEmpty)
    #expect(
      try run.check("cells | summarize mean(bits) | where bits > 1").map(\.message) == [
        "the table has no column `bits`"
      ])
  }

  /// A pipeline over `cells`, and what is wrong with it.
  static let pipelines: [(String, [String])] = [
    ("select cid bits | sort session", ["session"]), ("select cid,bits | sort session", ["session"]),
    ("renamed bits to b | where b > 1 and bits > 1", ["bits"]), ("renamed bts to b", ["bts"]),
    ("group session | summarize mean(bits) count() | select session mean_bits count | sort bits", ["bits"]),
    ("group session | summarize mean(bots)", ["bots"]), ("group sesion", ["sesion"]),
    ("summarize mean(bits), mean(bits) by session | select session mean_bits mean_bits_2 | sort cid", ["cid"]),
    ("summarize ci(mean, bits) | select mean_bits_lower mean_bits_upper | sort mean_bits", ["mean_bits"]),
    ("join $other on cid | select cid session bits reason gain session_2 | sort gain_2", ["gain_2"]),
    ("join $other on session | select cid cid_2 session gain | sort session_2", ["session_2"]),
    ("join $other on bits", ["bits"]), ("join $other on gain", ["gain"]),
    ("count session | sort count | sort cid", ["cid"]),
    ("head 3 | sort bits --reverse | where cid > 1 | sort nothing", ["nothing"]),
    ("select $names | sort anything", []), ("summarize mean(bits) by $names | sort anything", []),
  ]

  @Test("Columns are known after every table command", arguments: pipelines)
  func columnsAreKnownBehindEveryVerb(_ pipeline: String, _ unknown: [String]) throws {
    let text = "let names = [cid]; let other = [{cid: 1, session: a, gain: 2}]; cells | \(pipeline)"
    let failures = try run.check(text)
    #expect(failures.map(\.message).map { $0.split(separator: "`").dropFirst().first.map(String.init) } == unknown)
    #expect(failures.allSatisfy { $0.message.contains("table has no column") })
  }

  @Test("The types of rows, fields and elements are known")
  func rowsFieldsAndElementsAreFollowed() throws {
    #expect(try run.check("for row in (cells) { $row.cidd }").map(\.message) == ["the record has no field `cidd`"])
    #expect(try run.check("let r = {a: 1, b: {c: 2}}; $r.b.d").map(\.message) == ["the record has no field `d`"])
    #expect(
      try run.check("let t = [{x: 1}, {x: 2, y: 3}]; $t | sort z").map(\.message) == ["the table has no column `z`"])
    #expect(try run.check("let t = cells; $t.0.nope; $t[0].cid; $t['nope']").count == 2)
    #expect(try run.check("for x in 3 { }").map(\.message) == ["`for` needs a list or a table, not a number"])
  }

  @Test("Operands of types that do not fit are found")
  func kindsThatCannotMeetAreFound() throws {
    #expect(
      try run.check("cells | where session > 5").map(\.message) == [
        "can't compare text with a number: `session` is text"
      ])
    #expect(
      try run.check("cells | where cid").map(\.message) == ["a condition must be true or false, and `cid` is neither"])
    #expect(
      try run.check("cells | where mean(session) > 1").map(\.message) == ["mean needs numbers, and `session` is text"])
    #expect(
      try run.check("cells | where session * 2 > 1").map(\.message) == ["`*` needs numbers, and `session` is text"])
    #expect(
      try run.check("cells | where cid =~ '1'").map(\.message) == ["`=~` needs text on both sides; `cid` is not text"])
    #expect(try run.check("3 | head 2").map(\.message) == ["head needs a table from the pipe, not a number"])
    #expect(
      try run.check("cells | group session | head 2").map(\.message)
        == ["head needs a table from the pipe, not a grouped table, which only `summarize` takes"])
  }

  @Test("Invalid patterns are found before they are used")
  func patternsAreReadBeforeTheyAreUsed() throws {
    let text = "cells | where session =~ '(no'"
    let failure = try run.check(text).first
    #expect(failure?.message == "`(no` is not a regular expression that vcsh reads: `(` is not closed")
    #expect(marked(text, failure) == text + "\n                         ^^^^^")
  }

  @Test("The type of a variable that only some branches change is unknown")
  func whatABranchMayHaveChangedIsNotTakenForKnown() throws {
    #expect(try run.check("let t = cells; if 1 > 2 { let t = [{x: 1}] }; $t | where x > 1").isEmpty)
    #expect(try run.check("let t = cells; for i in [1, 2] { $t | where x > 1; let t = [{x: 1}] }").isEmpty)
    #expect(
      try run.check("let t = cells; if 1 > 2 { let u = 1 }; $t | where x > 1").map(\.message)
        == ["the table has no column `x`"])
  }

  @Test("An assignment without let is recognised")
  func assignmentWithoutLetIsRecognised() throws {
    #expect(try run.check("x = 3").first?.hint == "set a variable with `let x = …`")
  }

  @Test("A variable written like a command is recognised")
  func aVariableWrittenAsACommandIsRecognised() throws {
    #expect(try run.check("let t = cells; t").first?.hint == "write the variable as `$t`")
  }

  @Test("Parameters without a value are found")
  func parametersWithoutValueAreFound() throws {
    let program = try run.parse("param rec: path\nparam rec = 3")
    let checker = Checker(signatures: run.host.signatures)
    #expect(
      checker.check(program).map(\.message)
        == ["the parameter `rec` has no value", "the parameter `rec` is declared twice"])
    let twice = ["the parameter `rec` is declared twice"]
    #expect(checker.check(program, givenParameters: ["rec"]).map(\.message) == twice)
    #expect(checker.check(program, givenParameters: nil).map(\.message) == twice)
  }

  @Test("A default of the wrong type is found")
  func aDefaultOfTheWrongTypeIsFound() throws {
    let failure = try run.check("param n: int = many").first
    #expect(marked("param n: int = many", failure) == "param n: int = many\n               ^^^^")
  }

  @Test("Known variables are not reported")
  func knownVariablesAreNotReported() throws {
    #expect(try run.check("echo $twin", known: ["twin"]).isEmpty)
  }

  @Test("Pipes into commands that do not take their input are found")
  func pipesThatDoNotFitAreFound() throws {
    #expect(try run.check("cells | cells").map(\.message) == ["cells takes no input from a pipe"])
    #expect(try run.check("head 3").map(\.message) == ["head needs a table from the pipe"])
  }
}
