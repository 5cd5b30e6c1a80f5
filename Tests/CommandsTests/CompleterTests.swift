import Base
import Commands
import Foundation
import Language
import Session
import Shell
import Testing
import Workspace

@Suite("Completion")
struct CompleterTests {
  let shell: Shell

  init() throws { shell = try Shell() }

  /// At the end of the text, or where `▮` stands.
  func complete(_ marked: String) -> [String] { answer(marked).candidates }

  func answer(_ marked: String) -> Completer.Answer {
    let cursor = marked.firstIndex(of: "▮").map { marked.distance(from: marked.startIndex, to: $0) } ?? marked.count
    return Completer(session: shell.session).complete(marked.replacing("▮", with: ""), cursor: cursor)
  }

  @Test("Values of a text column come from tables in memory, and SQL has its views and columns")
  func valuesAndQueries() throws {
    try shell.run("let cells = [{session: 'Sim', area: 'V1'}, {session: 'Nova', area: 'V1'}]")
    #expect(complete("$cells | where session == 'S") == ["Sim'"])
    #expect(complete("$cells | where session == ") == ["'Sim'", "'Nova'"])
    #expect(complete("$cells | where area != \"") == ["V1\""])
    #expect(complete("$cells | where session in ['Sim', 'N") == ["Nova'"])
    #expect(answer("$cells | where session == 'S").start == 27)
    let before = shell.session.interpreter.lastResult
    #expect(complete("ls | where kind == 't") == ["twin'"], "the catalogue is read")
    #expect(complete("history | where status == '") == ["ok'"])
    #expect(shell.session.interpreter.lastResult == before, "completion leaves no result")
    #expect(complete("sql \"select value from me") == ["metrics", "metrics_history"])
    #expect(complete("sql 'select met▮ from metrics").contains("metric"))
    #expect(complete("sql \"SELECT val").first == "value")
    #expect(complete("print \"me").isEmpty)
  }

  /// Texts, and what must be among the candidates at their ends.
  static let offered = [
    ("cali", "calibrate"), ("eval tw", "twin"), ("eval twin on sim/ga", "sim/gaborium"),
    ("eval twin on sim/gaborium --sp", "--split"), ("eval twin on sim/gaborium -", "--split"),
    ("eval twin on sim/gaborium --split tr", "train"), ("eval twin ", "on"), ("eval twin on sim/gaborium ", "as"),
    ("help ev", "eval"), ("help quan", "quantile"), ("help par", "param"), ("examples ev", "eval"),
    ("explain bits", "bits_per_spike"), ("freeze twin co", "core"), ("mode js", "jsonl"), ("ls rec", "recording"),
    ("eval twin on sim/gaborium | wh", "where"), ("eval twin on sim/gaborium | where bits", "bits_per_spike"),
    ("eval twin on sim/gaborium | where r > quan", "quantile("), ("eval twin on sim/gaborium | where r > 0 a", "and"),
    ("eval twin on sim/gaborium | where rate_hz > 5 k", "kHz"),
    ("eval twin on sim/gaborium | plot x=rate", "rate_hz"),
    ("eval twin on sim/gaborium | plot r --by rea", "reason"), ("let t = ev", "eval"), ("let t = mea", "mean("),
    ("eval twin on sim/gaborium | rename ra", "rate_hz"), ("refit twin readout on nova/backimage --seed ", "1002"),
    ("eval twin on sim/gaborium --head Sim", "Sim_2025-01-17"), ("rerun ", "3"), ("fo", "for"),
    ("EVAL", "eval"), ("eval twin on sim/fixrsvp --metrics fev,cc_n", "cc_norm"), ("eval TW", "twin"),
    ("eval twin on SIM/GA", "sim/gaborium"),
  ]

  @Test("What fits is offered, by position")
  func byPosition() {
    for (text, wanted) in Self.offered { #expect(complete(text).contains(wanted), "\(text)") }
  }

  @Test("Nothing else is offered")
  func nothingElse() throws {
    #expect(complete("eval ") == ["twin"])
    #expect(complete("show ") == ["nova", "sim", "twin"])
    #expect(complete("eval twin on s") == ["sim/fixrsvp", "sim/gaborium"])
    #expect(complete("eval twin on ") == ["nova/", "sim/"])
    #expect(!complete("eval twin on sim/gaborium --split all --").contains("--split"))
    #expect(!complete("eval twin on sim/gaborium | ").contains("open"))
    #expect(!complete("let t = ").contains("let"))
    #expect(complete("restore ") == [])
    try shell.run("snapshot before; freeze twin core")
    #expect(complete("restore ") == ["before"])
    #expect(complete("unfreeze twin ") == ["core"])
  }

  @Test("Cells are those of what the command names")
  func cells() {
    #expect(complete("neuron twin ").count == 24)
    #expect(complete("neuron --on nova/backimage twin ").count == 12)
    #expect(complete("neuron ").contains("twin"))
    #expect(!complete("neuron nobody ").contains("3"))
  }

  @Test("Columns are known through the pipe, variables, definitions and results")
  func columns() throws {
    try shell.run("let scores = eval twin on sim/gaborium; def top(t: table) { $t | select cid r }")
    #expect(complete("$scores | select cid r | sort ") == ["cid", "r"])
    #expect(complete("top $scores | sort ") == ["cid", "r"])
    #expect(complete("print $scores.ra") == ["rate_hz"])
    #expect(complete("$scores | group reason | summarize mean(ra") == ["rate_hz", "range("])
    #expect(complete("$scores | summarize mean(r) by reason | sort ") == ["reason", "mean_r"])
    #expect(complete("$scores | join $scores on ci") == ["cid"])
    try shell.run("eval twin on sim/gaborium | select nll")
    #expect(complete("$_ | sort ") == ["nll"])
  }

  @Test("Lines above belong to the entry")
  func lines() {
    #expect(complete("let s = eval twin on sim/gaborium |\n  select cid r\n$s | sort ") == ["cid", "r"])
    #expect(complete("eval twin on sim/gaborium |\n  wh") == ["where"])
    #expect(complete("for i in [1, 2] {\n  print $").contains("i"))
    let answer = answer("def top(n) {\n  eval twin on sim/gaborium | head $n\n}\nto")
    #expect(answer.candidates == ["top"] && answer.start == 53)
  }

  @Test("In the middle of a word the part before the cursor counts, and what follows stays")
  func middle() {
    #expect(complete("ev▮il twin") == ["eval"])
    #expect(complete("eval twin on sim/ga▮rium | head") == ["sim/gaborium"])
    #expect(answer("eval tw▮ on sim/gaborium").start == 5)
  }

  @Test("Paths: folders end in a slash, blanks are quoted, home and quotes are understood")
  func paths() throws {
    let folder = shell.folder + "/my data"
    for path in [folder, folder + "/sub"] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    for name in ["a b.csv", "a c.csv", ".hidden"] {
      #expect(FileManager.default.createFile(atPath: folder + "/" + name, contents: nil))
    }
    #expect(complete("open \(shell.folder)/my") == ["'\(folder)/"])
    #expect(!answer("open \(shell.folder)/my").appendSpace)
    #expect(complete("open '\(folder)/a") == ["\(folder)/a b.csv", "\(folder)/a c.csv"])
    #expect(complete("open '\(folder)/a b") == ["\(folder)/a b.csv'"])
    #expect(complete("open '\(folder)/S") == ["\(folder)/sub/"])
    #expect(complete("open \"\(folder)/.h") == ["\(folder)/.hidden\""])
    #expect(complete("open '\(folder)/").count == 3)
    #expect(complete("open ~") == ["~/"])
    #expect(complete("open \(Shell.template)/check") == ["\(Shell.template)/checkpoints/"])
    // What is not here is looked for in the workspace, as `open` does.
    #expect(complete("open figu") == ["figures/"])
  }

  @Test("Variables are offered after a dollar sign")
  func variables() throws {
    try shell.run("let scores = [1, 2]")
    #expect(complete("print $sc") == ["scores"])
    #expect(complete("print \"$sc") == ["scores"])
    #expect(!answer("print \"$sc").appendSpace)
    #expect(complete("eval twin on sim/gaborium | join ") == ["$_", "$scores"])
  }

  static let positions = [
    "", "ev", "eval ", "eval twin on ", "eval twin on sim/", "eval twin on sim/gaborium --", "neuron twin ",
    "neuron --on sim/gaborium twin ", "eval twin on sim/gaborium --head ", "freeze twin ", "unfreeze twin ",
    "show ", "restore ", "rerun ", "explain ", "help ", "open ", "export ", "eval twin on sim/gaborium | where ",
    "$_ | sort ", "print $",
  ]

  @Test("The catalogue is asked for names alone: two queries at most, by keys, and never for scores")
  func queries() throws {
    try shell.run("eval twin on sim/gaborium")
    for text in Self.positions { try check(text) }
  }

  private func check(_ text: String) throws {
    let queries = try shell.session.workspace.queries { _ = complete(text) }
    #expect(queries.count <= 2, "\(queries.map(\.sql))")
    for query in queries {
      for step in query.plan {
        #expect(
          !step.contains("metric") && !step.hasPrefix("SCAN version") && !step.hasPrefix("SCAN input"),
          "\(query.sql): \(step)")
        #expect(!step.hasPrefix("SCAN entry") || query.sql.contains("LIMIT"), "\(query.sql): \(step)")
      }
    }
    if text == "eval twin on sim/" { #expect(!queries.isEmpty) }
  }
}
