import Base
import Language
import Testing

@Suite struct CheckerTests {
  let run = Run()

  @Test func aSoundProgramHasNoFailures() throws {
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

  @Test func allProblemsAreFoundInOrderAndNothingRuns() throws {
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

  @Test func columnsAreFollowedThroughPipesAndVariables() throws {
    #expect(try run.check("cells | select cid | where bits > 1").map(\.message) == ["the table has no column `bits`"])
    #expect(try run.check("let t = cells | head 2; $t.bts").map(\.hint) == ["did you mean `bits`?"])
    #expect(try run.check("let t = cells; $t | sort rate").count == 1)
    #expect(try run.check("cells | summarize mean(bits) | where anything > 1").isEmpty)
  }

  @Test func whatABranchMayHaveChangedIsNotTakenForKnown() throws {
    #expect(try run.check("let t = cells; if 1 > 2 { let t = [{x: 1}] }; $t | where x > 1").isEmpty)
    #expect(try run.check("let t = cells; for i in [1, 2] { $t | where x > 1; let t = [{x: 1}] }").isEmpty)
    #expect(try run.check("let t = cells; if 1 > 2 { let u = 1 }; $t | where x > 1").count == 1)
  }

  @Test func assignmentWithoutLetIsRecognised() throws {
    #expect(try run.check("x = 3").first?.hint == "a variable is set by `let x = …`")
  }

  @Test func aVariableWrittenAsACommandIsRecognised() throws {
    #expect(try run.check("let t = cells; t").first?.hint == "the variable is written `$t`")
  }

  @Test func parametersWithoutValueAreFound() throws {
    let program = try run.parse("param rec: path\nparam rec = 3")
    let checker = Checker(signatures: run.host.signatures)
    #expect(
      checker.check(program).map(\.message)
        == ["the parameter `rec` has no value", "the parameter `rec` is declared twice"])
    #expect(checker.check(program, givenParameters: ["rec"]).count == 1)
    #expect(checker.check(program, givenParameters: nil).count == 1)
  }

  @Test func aDefaultOfTheWrongTypeIsFound() throws {
    let failure = try run.check("param n: int = many").first
    #expect(marked("param n: int = many", failure) == "param n: int = many\n               ^^^^")
  }

  @Test func knownVariablesAreNotReported() throws {
    #expect(try run.check("echo $twin", known: ["twin"]).isEmpty)
  }

  @Test func pipesThatDoNotFitAreFound() throws {
    #expect(try run.check("cells | cells").map(\.message) == ["cells takes nothing from the pipe"])
    #expect(try run.check("head 3").map(\.message) == ["head needs a table from the pipe"])
  }
}
