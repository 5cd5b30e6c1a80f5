import Base
import Commands
import Foundation
import Language
import Session
import Shell
import TestSupport
import Testing

/// What people type from habit gets help, or the one line that leads on.
@Suite("What people type")
struct TypedTextTests {
  /// Keeps what an entry yields, and its failure.
  private final class Log: EntrySink {
    var values: [Value] = []
    var failure: Failure?

    func within(_ value: Value, of statement: Statement, entry number: Int64) {}
    func view(_ view: Value) {}
    func value(_ value: Value, of entry: FinishedEntry) { values.append(value) }
    func failedCheck(_ failure: Failure, after value: Value, of entry: FinishedEntry) { self.failure = failure }
    func failure(_ failure: Failure, of entry: FinishedEntry?) { self.failure = failure }
  }

  /// Runs a line as the prompt does.
  private func enter(_ line: String, in shell: CommandsTests.Shell) throws -> (values: [Value], failure: Failure?) {
    let log = Log()
    let text = TypedText(line, commands: shell.session.interpreter.signatures).text
    let runner = EntryRunner(in: shell.session, sink: log, origin: { _ in "test" })
    _ = try runner.run(text, name: "<test>", sources: EntrySources())
    return (log.values, log.failure)
  }

  private func rewritten(_ line: String) -> String { TypedText(line, commands: AllCommands.table.signatures).text }

  @Test(
    "Questions become help, and calls of exit leave",
    arguments: [
      ("calibrate --help", "help calibrate"), ("calibrate twin -h", "help calibrate"), ("eval?", "help eval"),
      ("eval ?", "help eval"), ("?eval", "help eval"), ("twin?", "help twin"), ("sim/gaborium?", "help sim/gaborium"),
      ("$fit?", "help '$fit'"), ("help $fit", "help '$fit'"), ("?", "help"), ("help()", "help"),
      ("help(eval)", "help eval"), ("ls | sort --help", "help sort"), ("let x = eval twin --help", "help eval"),
      ("exit()", "exit"), ("quit( )", "exit"), ("Exit", "exit"), ("EXIT()", "exit"), ("sys.exit(0)", "exit"),
      ("quit!", "exit"),
      ("--help", "help"), ("-h", "help"), ("ls; eval?", "ls;help eval"), ("let --help", "help let"),
      ("print --help", "help print"), ("run recipes/fast.vc --help", "help 'recipes/fast.vc'"),
      ("run 'a-b/fast.vc' --stimulus x -h", "help 'a-b/fast.vc'"), ("run --help", "help run"),
    ])
  func questions(typed: String, meant: String) { #expect(rewritten(typed) == meant) }

  @Test(
    "What only looks like a question or a prompt stays as it is",
    arguments: [
      "print what ?", "nosuch --help", "print 'eval?'", "let x = 'a; eval?'", "# eval?", "print [\n'a?'\n]",
      "ls | where name =~ 'a?'", "if 2 > 1 { print a }", "print \"a\n> b\"",
    ])
  func untouched(typed: String) { #expect(rewritten(typed) == typed) }

  @Test("Prompts are taken off a paste, and the output between its entries is left out")
  func prompts() {
    #expect(rewritten("> ls") == "ls")
    #expect(rewritten("vcsh> ls") == "ls")
    #expect(rewritten("(12 s) vcsh> ls") == "ls")
    #expect(rewritten("vcsh> print (1 +\n... 2)") == "print (1 +\n2)")
    let paste = TypedText(
      "vcsh> print 1\n1\nvcsh> print [1,\n2]\n[1, 2]\nvcsh> print 3", commands: AllCommands.table.signatures)
    #expect(paste.text == "print 1\nprint [1,\n2]\nprint 3")
    #expect(paste.skippedLines == 2)
    #expect(rewritten("print 1\n> print 2") == "print 1\n> print 2")
  }

  @Test("Aliases stand for a text at the place of a command only")
  func aliases() {
    func expanded(_ text: String) -> String {
      TypedText(text, commands: AllCommands.table.signatures, aliases: ["ll": "ls recording", "top": "head 3"]).text
    }
    #expect(expanded("ll") == "ls recording")
    #expect(expanded("let x = ll | top") == "let x = ls recording | head 3")
    #expect(expanded("print ll") == "print ll")
    #expect(expanded("print 'a | top'") == "print 'a | top'")
    #expect(expanded("ll-x") == "ll-x")
    #expect(expanded("ll?") == "help ls" && expanded("help top") == "help head" && expanded("help ls") == "help ls")
  }

  @Test("Each line of the reported case gives help, leaves, runs, or says one thing that leads on")
  func reported() throws {
    let shell = try CommandsTests.Shell()
    let path = Fixtures.path("cases/typed-lines.txt")
    let expected: [String: String] = [
      "let x = 2026-01-10": "'2026-01-10'", "[2026-01-10]": "'2026-01-10'", "ls | grep twin": "where COLUMN =~ 'twin'",
      "man eval": "`help eval`", "eval twin sim/gaborium": "`eval twin on sim/gaborium`", "ls –kind": "`--kind`",
      "let s = ‘x’": "straight quotes", "(.5)": "`0.5`", "(5 hz)": "`Hz`", "2^3": "`2 ** 3`",
      "open https://example.org/twin.ckpt": "download it", "open *.dset": "by its folder",
    ]
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init) {
      shell.session.isFinished = false
      let (values, failure) = try enter(line, in: shell)
      if let words = expected[line] {
        #expect(failure?.hint?.contains(words) == true, "\(line): \(String(describing: failure))")
        #expect(failure.map { !$0.message.contains("unexpected `‘") } == true)
      } else if line == "exit()" {
        #expect(shell.session.isFinished)
      } else {
        #expect(failure == nil && values.count == 1, "\(line): \(String(describing: failure))")
      }
    }
  }

  /// What is typed, and what the hint has.
  static let habits = [
    ("clear", "Ctrl-L"), ("cd ..", "-w DIR"), ("!ls", "another terminal"), ("ls && help", "`;`"), ("ls || help", "`;`"),
    ("ls | sort -r", "`--reverse`"), ("ls | sort cells -r", "--reverse"), ("ls | sort cells desc", "--reverse"),
    ("ls | sort by cells", "`sort cells`"), ("ls | mean(cells)", "summarize mean(cells)"),
    ("ls | mean cells", "summarize mean(COLUMN)"), ("ls | where cells > .5", "`0.5`"), ("(5 msec)", "`ms`"),
    ("(3 seconds)", "`s`"), ("print “a”", "straight quotes"), ("let d = 10.01.2026", "'10.01.2026'"),
    ("ls | where cells ≥ 3", "`>=`"), ("ls | head -5", "head 5"), ("ls | head -n 5", "head 5"), ("ls -l", "recording"),
    ("rm twin", "never deletes"), ("cat twin", "`show twin`"), ("grep twin", "=~ 'twin'"),
    ("which eval", "`help eval`"),
    ("SELECT cid FROM cells", "`sql"), ("x := 3", "`let x = 3`"), ("$HOME", "`~`"), ("(True)", "`true`"),
    ("(2 // 3)", "floor"), ("(2 === 3)", "`==`"), ("len([1])", "length"), ("std([1, 2])", "sd("),
    ("np.mean([1])", "without `np.`"), ("for x in [1]: print $x", "braces"), ("import numpy", "nothing to import"),
    ("eval(twin, sim)", "without brackets"), ("eval twin on sim gaborium", "`on sim/gaborium`"),
    ("eval twin sim gaborium", "eval twin on sim/gaborium"),
    ("neuron twin 3 sim/gaborium", "neuron twin 3 on sim/gaborium"),
    ("transfer twin on nova/backimage", "`transfer twin to nova/backimage`"),
    ("neuron twin 3", "neuron twin 3 on"), ("open s3://b/x.ckpt", "aws s3 cp"), ("open C:\\data\\x.ckpt", "/mnt/c"),
    ("ls &", "second vcsh"), ("ls > a.csv 2>&1", "`COMMAND … > FILE`"), ("ls >> a.csv", "new file"),
    ("git status", "another terminal"), ("bye", "`exit`"), (":q", "`exit`"), ("alias ll = ls", "init.vc"),
    ("(1,000)", "1000"), ("(50%)", "0.5"), ("(12:30)", "'12:30'"), ("ls | filter cells > 3", "where CONDITION"),
    ("vcsh -f x.vc", "already"), ("open twin.ckpt as my twin", "`as my-twin`"), ("calibrate twin -s val", "--split"),
    ("eval twin on sim/gaborium | summarize mean(r) > m.csv", "`… | save m.csv`"),
    ("eval twin on sim/gaborium | where r > 0.2 > m.csv", "`… | save m.csv`"),
    ("eval twin on sim/gaborium | summarize m=mean(r)", "`summarize mean(r) | rename mean_r m`"),
    ("ls | head(2)", "write `head 2`"), ("ls | select(name, kind)", "write `select name kind`"),
    ("eval twin for sim/gaborium", "`eval twin on sim/gaborium`"),
    ("eval twin on=sim/gaborium", "write `on sim/gaborium`"),
    ("neuron twin 8 sim", "`… on sim`"), ("gain twin sim/gaborium", "`… on sim`"), ("report twin sim", "`… on sim`"),
    ("compare twin twin sim/gaborium", "`compare twin twin on sim/gaborium`"),
    ("eval sim/gaborium", " on sim/gaborium`"), ("saccades on nova/backimage", "`saccades nova/backimage`"),
    ("open checkpoints/twin.ckpt t2", "`… as t2`"), ("ls | where cells in (1,2)", "`in [1,2]`"),
    ("ls | where cells in 1,2", "`in [1,2]`"), ("ls | where cells > 0,2", "`0.2`"),
    ("ls | where 0 < cells < 3", "`0 < cells and cells < …`"), ("ls | where name like 'x'", "`name =~ 'x'`"),
    ("twin.cells", "`show twin`"), ("sim/gaborium", "`help sim/gaborium`"), ("x=3", "`let x = 3`"),
    ("export twin", "usage: export"), ("$ vcsh -c 'ls'", "`vcsh -c 'ls'`"), ("vcsh x.vc", "`run x.vc`"),
    ("eval twin on sim/gaborium | where r > 0.2 & cid < 5", "write `and`"),
    ("let t = ls; $t > n.csv", "`$t | save n.csv`"),
    ("eval twin on sim/gaborium | where reason is null", "`reason == null`"),
    ("eval twin on sim/gaborium | where reason is not null", "`reason != null`"),
    ("eval twin on sim/gaborium --metrics r nll", "`--metrics r,nll`"),
    ("eval twin on sim/gaborium --metrics [r, nll]", "`--metrics r,nll`"), ("close all", "`--figure FILE.svg`"),
    ("ls | to_csv('a.csv')", "`… | save FILE.csv`"), ("run calibrate", "without `run`"),
    ("ls | select *", "leave `select` out"),
    ("recipes/refit.vc", "`run recipes/refit.vc`"), ("./refit.vc --l2 1", "`run ./refit.vc`"),
    ("cat a.yaml", "`inspect a.yaml`"), ("(3 µm)", "units are"), ("param x: list", "`[float]`"),
  ]

  @Test("Habits of other shells and languages get the line that leads on")
  func habit() throws {
    let shell = try CommandsTests.Shell()
    for (typed, words) in Self.habits {
      let failure = try enter(typed, in: shell).failure
      #expect(failure?.hint?.contains(words) == true, "\(typed): \(String(describing: failure))")
    }
  }

  @Test("A failure that no habit explains keeps its own words")
  func plain() throws {
    let shell = try CommandsTests.Shell()
    for (text, hint) in [
      ("evla twin", "did you mean `eval`?"), ("show twn", "did you mean `twin`?"),
      ("ls | sort cels", "did you mean `cells`?"), ("ls | where cells = 3", "write `cells == 3`"),
      ("submit 'echo' --time 1:00:00", "--engine slurm, or leave it out"),
    ] {
      #expect(try enter(text, in: shell).failure?.hint == hint)
    }
  }

  @Test("The name of a variable is told apart from that of an object, and no object is guessed in its place")
  func variable() throws {
    let shell = try CommandsTests.Shell()
    try shell.run("let siw = 3")
    #expect(try enter("show siw", in: shell).failure?.hint?.contains("`$siw` is a variable") == true)
  }

  @Test("No word that is close to a destructive command gets it as a guess")
  func destructive() throws {
    let commands = AllCommands.table.signatures
    let destructive = commands.all.filter(\.isDestructive).map(\.name)
    #expect(Set(destructive).isSuperset(of: ["drop", "clean", "undo", "restore", "cache"]))
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    for name in destructive {
      let characters = Array(name)
      for index in characters.indices {
        var words = [String(characters[..<index] + characters[(index + 1)...])]
        for letter in letters {
          words.append(String(characters[..<index] + [letter] + characters[(index + 1)...]))
          words.append(String(characters[..<index] + [letter] + characters[index...]))
        }
        for word in words where !word.isEmpty && commands[word] == nil {
          let guess = commands.suggestion(for: word)
          #expect(guess.map { !destructive.contains($0) } ?? true, "\(word): \(guess ?? "")")
        }
      }
    }
  }

  @Test("`help` shows what objects and variables are")
  func helpOfNames() throws {
    let shell = try CommandsTests.Shell()
    try shell.run("let fit = eval twin on sim/gaborium")
    for (typed, title) in [
      ("twin?", "twin: a twin"), ("sim/gaborium?", "sim/gaborium: a stimulus"), ("$fit?", "$fit: table of"),
      ("fit?", "$fit: table of"),
    ] {
      guard case .report(let report)? = try enter(typed, in: shell).values.first else {
        Issue.record("\(typed) shows no report")
        continue
      }
      #expect(report.title.hasPrefix(title))
    }
    #expect(try enter("help twni", in: shell).failure?.hint == "did you mean `twin`?")
  }
}
