import Base
import Commands
import Foundation
import Language
import Session
import Shell
import Testing

/// Whatever is misspelt, one best guess is made.
@Suite("Misspellings")
struct MisspellingTests {
  static let scores = "eval twin on sim/gaborium"

  /// As the prompt does: with the names in the workspace.
  private func hint(_ text: String, in shell: Shell) throws -> String? {
    let program: Program
    do {
      program = try Parser.parse(
        SourceText(text, name: "<test>"), signatures: shell.session.interpreter.signatures, files: SourceFiles())
    } catch let failure as Failure {
      return failure.hint
    }
    let found = Checker(signatures: AllCommands.table.signatures).check(
      program, in: Surroundings(shell.session.interpreter, objects: shell.session.namedObjects))
    if let first = found.first {
      #expect(found.allSatisfy { $0.hint == first.hint }, "\(found)")
      return first.hint
    }
    for statement in program.statements {
      if case .failure(let failure) = shell.session.run(statement, origin: "test").result { return failure.hint }
    }
    return nil
  }

  /// What is written, and what was meant.
  static let slips = [
    ("evla twin", "eval"), ("calibate twin", "calibrate"), ("lett x = 3", "let"), ("esle { }", "else"),
    ("\(scores) | heaad 3", "head"), ("\(scores) --splt all", "--split"), ("history --faild", "--failed"),
    ("\(scores) --split trian", "train"), ("eval twni on sim/gaborium", "twin"),
    ("eval twin on smi/gaborium", "sim"), ("eval twin on sim/gabroium", "sim/gaborium"),
    ("eval twin on gaborum", "sim/gaborium"), ("eval twin no sim/gaborium", "on"),
    ("\(scores) | where bits_per_spik < 1", "bits_per_spike"), ("\(scores) | sort ratehz", "rate_hz"),
    ("\(scores) | select cid ratehz", "rate_hz"), ("\(scores) | group resaon", "reason"),
    ("\(scores) | summarize maen(r)", "mean"), ("\(scores) | summarize mean(r) by reasn", "reason"),
    ("\(scores) | summarize ci(meann, r)", "mean"),
    ("\(scores) | where rate_hz > 5 Hzz", "Hz"), ("\(scores) | plot x=rate_hzz y=r", "rate_hz"),
    ("\(scores) | plot r --kind scater", "scatter"), ("print $scors", "$scores"),
    ("print $scores.bits", "bits_per_spike"), ("print ${meen($scores.r)}", "mean"),
    ("print $settings.bcf", "bcd"), ("$scores | join $scores on cdi", "cid"), ("restore befor", "before"),
    ("explain bitsperspike", "bits_per_spike"), ("explain offest", "offset"), ("help evla", "eval"),
    ("help quantil", "quantile"), ("help parma", "param"), ("examples calibrat", "calibrate"),
    ("mode tabel", "table"), ("ls recordng", "recording"), ("freeze twin convent", "convnet"),
    ("unfreeze twin coer", "core"), ("\(scores) --head Sim_2025-01-71", "Sim_2025-01-17"),
    ("params twin convent", "convnet"), ("sql 'select * from metrcs'", "metrics"),
    ("sql 'select vlaue from metrics'", "value"), ("drop twn", "twin"), ("rename twn x", "twin"),
    ("lineage twn", "twin"), ("export twn x.npz", "twin"), ("show smi", "sim"), ("check twin on smi", "sim"),
    ("param x: flaot = 3", "float"), ("def f(a: strng) { print $a }", "string"), ("topmst 3", "topmost"),
    ("topmost --nmu 3", "--num"), ("cache trmi", "trim"), ("refit twin redout on nova/backimage", "readout"),
    ("refit twin readout on nova/backimage --adapter Sim_2025-01-71", "Sim_2025-01-17"),
  ]

  @Test("What is misspelt gets the guess that was meant")
  func guess() throws {
    let shell = try Shell()
    try shell.run(
      """
      let scores = eval twin on sim/gaborium
      let settings = {a: 1, bcd: 2}
      def topmost(num = 3) { print $num }
      snapshot before
      freeze twin core
      """)
    for (text, meant) in Self.slips {
      #expect(try hint(text, in: shell) == "did you mean `\(meant)`?", "\(text)")
    }
  }

  @Test(
    "A slip anywhere in a path gets the nearest that exists",
    arguments: [
      ("open ROOT/data/twn.ckpt", "ROOT/data/twin.ckpt"), ("open ROOT/dta/twin.ckpt", "ROOT/data/twin.ckpt"),
      ("open ROOT/daat", "ROOT/data"), ("open dta/twin.ckpt", "ROOT/data/twin.ckpt"),
      ("open ROOT/data/twin.ckpt --config ROOT/data/multy.yaml as t2", "ROOT/data/multi.yaml"),
      ("source ROOT/data/recipee.vc", "ROOT/data/recipe.vc"),
      ("eval twin on sim/gaborium | save ROOT/dta/x.csv", "ROOT/data"),
    ])
  func path(text: String, meant: String) throws {
    let shell = try Shell()
    let root = shell.session.workspace.root
    let files = FileManager.default
    try files.createDirectory(atPath: root + "/data", withIntermediateDirectories: true)
    try files.copyItem(atPath: Shell.template + "/checkpoints/twin.ckpt", toPath: root + "/data/twin.ckpt")
    for name in ["multi.yaml", "recipe.vc"] { #expect(files.createFile(atPath: root + "/data/" + name, contents: nil)) }
    let found = try hint(text.replacing("ROOT", with: root), in: shell)
    #expect(found == "did you mean `\(meant.replacing("ROOT", with: root))`?", "\(text)")
  }
}
