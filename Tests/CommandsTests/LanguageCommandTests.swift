import Base
import Commands
import Foundation
import Language
import Session
import Shell
import TestSupport
import Testing

/// The language over real commands: names, files, entries.
@Suite("Language and commands")
struct LanguageCommandTests {
  @Test("`in N` is the text of an entry, `out N` its result")
  func entries() throws {
    let shell = try Shell(opened: false)
    try shell.run("let x = 3; $x + 4")
    let entry = try #require(try shell.session.workspace.history(limit: 1).last?.id)
    #expect(try shell.run("in \(entry)") == .string("$x + 4"))
    #expect(try shell.run("(out \(entry)) + 1") == .int(8))
    #expect(try shell.run("assert (in \(entry)) =~ '^.x'") == .null)
    #expect(try shell.failure("in 9999").message == "no entry 9999")
  }

  @Test("A recipe's names of objects are followed through the commands that make them")
  func names() throws {
    let shell = try Shell()
    func problems(_ text: String) throws -> [String] {
      try BatchRun(text, name: "x.vc", commands: AllCommands.table).problems(
        given: [:], objects: shell.session.namedObjects
      ).map(\.message)
    }
    #expect(try problems("open x.ckpt as a; open y as b; eval a on b/c; eval twin on sim/gaborium") == [])
    #expect(
      try problems("refit twin readout on nova/backimage as t2; eval t2 on nova/backimage; rename t2 t3; show t3") == []
    )
    #expect(
      try problems("eval twin on sim/gaborium as scores; show scores; eval scores on sim/gaborium")
        == ["`scores` is a table, not a twin or predictions"])
    #expect(try problems("rename twin t2; show twin") == ["no object named `twin`"])
    #expect(try problems("drop sim; neurons twin on sim/gaborium") == ["no recording named `sim`"])
    #expect(try problems("eval twin on nova/gaborium") == ["`nova` has no stimulus `gaborium`"])
    #expect(try problems("transfer twin to sim/gaborium,nova/backimage") == [])
    #expect(try problems("train twin on sim/gaborium,nova/gaborium") == ["`nova` has no stimulus `gaborium`"])
    #expect(
      try problems("eval twin on sim/gaborium | rename r pearson | sort pearson | where r > 0")
        == ["the table has no column `r`"])
  }

  @Test("A sourced file is read from beside the recipe; its failures have its name")
  func sources() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
    }
    try write("lib.vc", "param n: int = 2 \"Rows\"\ndef top(by: string) { $_ | sort $by --reverse | head $n }\n")
    try write("bad.vc", "let x = 1\nevla x\n")
    let good = try BatchRun(
      "source lib.vc\n[{a: 1}, {a: 3}, {a: 2}] | top a", name: folder + "/main.vc", commands: AllCommands.table)
    #expect(good.problems(given: ["n": "1"]).isEmpty)
    #expect(good.parameters.map(\.name) == ["n"])
    let bad = try BatchRun("source bad.vc", name: folder + "/main.vc", commands: AllCommands.table)
    #expect(bad.problems(given: [:]).map { $0.span?.description } == ["\(folder)/bad.vc:2:1"])
    #expect(bad.sources.map(\.name) == ["\(folder)/main.vc", "\(folder)/bad.vc"])
  }

  @Test("Units of real columns are compared, wrong ones are found before anything runs")
  func units() throws {
    let shell = try Shell()
    let active = try shell.table("eval twin on sim/gaborium | where rate_hz > 0.005 kHz")
    #expect(active == (try shell.table("eval twin on sim/gaborium | where rate_hz > 5")))
    #expect(
      try shell.failure("eval twin on sim/gaborium | where rate_hz > 5 px").message == "Hz and px are different units")
  }
}
