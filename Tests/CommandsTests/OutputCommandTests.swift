import Base
import Commands
import Foundation
import Rendering
import Session
import Shell
import TestSupport
import Testing

@Suite("mode, plot, sql and save")
struct OutputCommandTests {
  let shell: Shell

  init() throws { shell = try Shell() }

  func figure(_ text: String) throws -> Figure {
    guard case .figure(let figure)? = try shell.report(text).sections.first?.body else {
      throw Failure(.mismatch, "`\(text)` yields no figure")
    }
    return figure
  }

  @Test("plot draws a metric of a table with one number a row by its name, and names those that there are")
  func metrics() throws {
    try shell.run("train twin on sim/gaborium as t --epochs 3 --epoch-steps 1 --batch-size 8")
    let named = try figure("curves t | plot x=epoch y=val_bits_per_spike")
    let filtered = try figure("curves t --metric val_bits_per_spike | plot x=epoch y=value")
    #expect(named.series.map(\.name) == ["val bits per spike"])
    #expect(named.series.map(\.x) == filtered.series.map(\.x) && named.series.map(\.y) == filtered.series.map(\.y))
    let failure = try shell.failure("curves t | plot x=epoch y=val_bits")
    #expect(failure.message.contains("neither a column nor a metric `val_bits`"))
    #expect(try shell.failure("curves t | plot x=epch y=val_loss").message.contains("no column `epch`"))
  }

  @Test("plot takes columns by place, by name=value and by flag")
  func columns() throws {
    try shell.run("let t = eval twin on sim/gaborium --split all")
    let named = try figure("$t | plot x=rate_hz y=r")
    #expect(
      named.xLabel == "firing rate (Hz)" && named.yLabel == "correlation r" && named.series.first?.style == .points)
    #expect(try figure("$t | plot rate_hz r") == named)
    #expect(try figure("$t | plot r --x rate_hz") == named)
    #expect(try figure("$t | plot --y r x=rate_hz") == named)
    #expect(try figure("$t | group reason | plot r").title == "r by reason")
  }

  @Test("A wrong column, kind or flag is found before anything runs, where columns are known")
  func mistakes() throws {
    #expect(try shell.failure("eval twin on sim/gaborium | plot x=rte_hz y=r").hint == "did you mean `rate_hz`?")
    #expect(try shell.failure("eval twin on sim/gaborium | plot r --kind scater").hint == "did you mean `scatter`?")
    let unknown = try shell.failure("sql \"SELECT cid FROM cells\" | plot x=cid y=nothing")
    #expect(unknown.message == "the table has no column `nothing`" && unknown.span?.column == 44)
    #expect(try shell.failure("plot r").message.contains("needs a table from the pipe"))
    #expect(try shell.failure("eval twin on sim/gaborium | plot r --save /tmp/x.jpeg").hint?.contains(".svg") == true)
  }

  @Test("--diagonal draws a line of equal values over one range of both axes, and needs the same scale on both")
  func diagonal() throws {
    try shell.run("let t = eval twin on sim/gaborium")
    #expect(try figure("$t | plot rate_hz r --diagonal").hasDiagonal)
    #expect(try !figure("$t | plot rate_hz r").hasDiagonal)
    // The same ticks stand at both axes: each number is there twice.
    func ticks(_ flags: String) throws -> [Double] {
      let path = shell.folder + "/diagonal.svg"
      try shell.run("$t | plot rate_hz r \(flags) --save \(path)")
      return try String(contentsOfFile: path, encoding: .utf8).matches(of: />(-?[0-9.]+)<\/text>/).compactMap {
        Double($0.1)
      }
    }
    let numbers = try ticks("--diagonal")
    #expect(
      Set(numbers).count > 2 && Set(numbers).allSatisfy { number in numbers.count { $0 == number } == 2 }, "\(numbers)")
    let free = try ticks("")
    #expect(!Set(free).allSatisfy { number in free.count { $0 == number } == 2 }, "\(free)")
    let failure = try shell.failure("$t | plot rate_hz r --diagonal --log x")
    #expect(failure.hint == "write --log xy" && failure.span?.column == 21)
  }

  @Test("--save writes what is drawn, the same as a redirection does")
  func save() throws {
    let path = shell.folder + "/f.svg"
    let other = shell.folder + "/g.svg"
    try shell.run("eval twin on sim/gaborium | plot r --title 'how well' > \(other)")
    try shell.run("eval twin on sim/gaborium | plot r --title 'how well' --save \(path)")
    let svg = try String(contentsOfFile: path, encoding: .utf8)
    #expect(svg.contains("how well"))
    #expect(try String(contentsOfFile: other, encoding: .utf8) == svg)
    #expect(shell.allNotes.contains("wrote \(path)"))
  }

  @Test("sql gives an ordinary table of what was worked out before")
  func sql() throws {
    let scores = try shell.table("eval twin on sim/gaborium --split all")
    let stored = try shell.table("sql \"SELECT cid, value FROM metrics WHERE metric = 'r' ORDER BY cid\"")
    #expect(stored["cid"]?.values == scores["cid"]?.values && stored["value"]?.numbers == scores["r"]?.numbers)
    #expect(
      try shell.table("let c = 3; sql \"SELECT * FROM metrics WHERE cid = $c\" | where metric == 'r'").rowCount == 1)
    #expect(try shell.table("sql").rowCount > 40)
  }

  @Test("A mistake in SQL is shown in the command line")
  func sqlMistake() throws {
    let failure = try shell.failure("sql \"SELECT valu FROM metrics\"")
    #expect(failure.span?.column == 13 && failure.span?.length == 4)
    let escaped = try shell.failure("sql \"SELECT \\\"a\\\", valu FROM metrics\"")
    #expect(escaped.span?.column == 5)
    #expect(try shell.failure("sql \"SELECT 1\" --limit 0").kind == .usage)
  }

  @Test("save writes each mode by its file's ending")
  func endings() throws {
    let table = try shell.table("eval twin on sim/gaborium | select cid r")
    for ending in AllOutputModes.fileEndings {
      let path = "\(shell.folder)/t.\(ending)"
      try shell.run("eval twin on sim/gaborium | select cid r | save \(path)")
      if ["csv", "tsv", "json", "jsonl"].contains(ending) {
        let read = try shell.table("open \(path) as read --replace")
        #expect(try read.numbers("cid") == table.numbers("cid") && read.numbers("r") == table.numbers("r"), "\(ending)")
      } else {
        // For readers: rounded, a row for each cell in order. A minus sign may be a character of its own.
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var rest = text.matches(of: /[0-9]+\.[0-9]+/).compactMap { Double($0.0) }[...]
        for r in try table.known("r") {
          let place = try #require(rest.firstIndex { abs($0 - abs(r)) < 5e-4 }, "\(ending): \(r)")
          rest = rest[(place + 1)...]
        }
      }
    }
    #expect(try String(contentsOfFile: shell.folder + "/t.html", encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
    let failure = try shell.failure("eval twin on sim/gaborium | save \(shell.folder)/t.xls")
    #expect(failure.hint == "use .csv .tsv .json .jsonl .md .html .tex .npz, or a figure's .svg .png .pdf")
    try shell.run("eval twin on sim/gaborium | select cid r reason | save \(shell.folder)/t.npz")
    let read = try shell.table("open \(shell.folder)/t.npz as read --replace")
    #expect(try read.numbers("r") == table.numbers("r"))
    #expect((0..<read.rowCount).allSatisfy { read["reason"]?[$0] == .null }, "a text that is undefined stays so")
  }

  @Test("mode holds from the next result on")
  func mode() throws {
    var shown = ""
    let printer = EntryPrinter(.results(.batch()), write: { shown += $0 }, writeError: { _ in })
    let run = try BatchRun(
      "print a; mode csv; print b\nif 1 == 1 { print c; mode table; print d }", name: "x", commands: AllCommands.table)
    #expect(try run.run(in: shell.session, parameters: [:], printer: printer) == 0)
    #expect(shown == "a\nvalue\nb\nvalue\nc\nd\n")
    #expect(try shell.failure("mode cvs").hint == "did you mean `csv`?")
  }
}
