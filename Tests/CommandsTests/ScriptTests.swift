import Base
import Commands
import Foundation
import Language
import Session
import Shell
import TestSupport
import Testing
import Workspace

@Suite("Recipes of sessions")
struct ScriptTests {
  private func script(_ shell: Shell, _ command: String = "script") throws -> String {
    guard case .string(let text) = try shell.run(command) else { throw Failure(.mismatch, "no text") }
    return text
  }

  private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

  /// What a recipe yields in a workspace of its own, statement by statement.
  private func run(_ recipe: String, parameters: [String: String] = [:]) throws -> [Value] {
    let shell = try Shell(opened: false)
    let batch = try BatchRun(recipe, name: "r.vc", commands: AllCommands.table)
    #expect(batch.problems(given: parameters, objects: []).isEmpty)
    try shell.session.interpreter.setParameters(
      parameters, of: Parser.parse(batch.sourceText, signatures: AllCommands.table.signatures))
    return try Parser.parse(batch.sourceText, signatures: AllCommands.table.signatures).statements.map {
      try shell.session.run($0, origin: "test").result.get()
    }
  }

  @Test("An object that was opened again unchanged is opened once, by one parameter")
  func openedAgain() throws {
    let shell = try Shell()
    try shell.run(
      """
      open \(Shell.template)/checkpoints/twin.ckpt as twin
      let scores = eval twin on sim/gaborium
      """)
    let text = try script(shell)
    #expect(lines(text).count { $0.contains("as twin") && $0.hasPrefix("open") } == 1, "\(text)")
    #expect(lines(text).count { $0.hasPrefix("param") && $0.contains("opened as twin") } == 1, "\(text)")
  }

  @Test("Paths, stimuli, splits, cids and numbers of flags become parameters with their values as defaults")
  func lifted() throws {
    let shell = try Shell()
    try shell.run("let scores = eval twin on sim/gaborium --split train; neuron twin 3 on sim/gaborium")
    let text = try script(shell, "script 1,2,4-5")
    let lines = lines(text)
    #expect(lines[0] == "vcsh 1" && lines[1].hasPrefix("# Entries 1-5 of the vcsh session"))
    #expect(lines.contains("param twin_path: path = \(Shell.template)/checkpoints/twin.ckpt \"opened as twin\""))
    #expect(lines.contains("param stimulus: string = gaborium \"stimulus of sim\""))
    #expect(lines.contains("param cid: int = 3 \"cell of neuron\""))
    #expect(lines.contains("open $twin_path as twin"))
    #expect(lines.contains("let scores = eval twin on sim/$stimulus --split $split"))
    #expect(lines.contains("neuron twin $cid on sim/$stimulus"))
  }

  @Test("A recipe yields in a fresh workspace what the session yielded, and other values where they are given")
  func runsAgain() throws {
    let shell = try Shell()
    let before = try shell.run(
      "let s = eval twin on sim/gaborium --split val; $s | sort r --reverse | head 2 | select cid r")
    let text = try script(shell)
    #expect(try run(text).last == before)
    let other = try run(text, parameters: ["split": "train"])
    #expect(other.last != before && other.last != .null)
  }

  @Test("Entries that others need are put in, and said to be")
  func completed() throws {
    let shell = try Shell()
    try shell.run("let n = 2; let s = eval twin on sim/gaborium; $s | head $n")
    let text = try script(shell, "script 6")
    #expect(text.contains("# entry 1, which entry 5 needs\nopen $twin_path as twin\n"))
    #expect(text.contains("# entry 4, which entry 6 needs\nlet n = 2\n"))
    #expect(!text.contains("nova"))
    guard case .table(let table)? = try run(text).last else {
      Issue.record("no table")
      return
    }
    #expect(table.rowCount == 2)
  }

  @Test("A name that was given by rename leads to the entries behind it")
  func renamed() throws {
    let shell = try Shell()
    try shell.run("rename twin mouse; freeze mouse core; eval mouse on sim/gaborium | count")
    let text = try script(shell, "script 6")
    for line in ["open $twin_path as twin", "rename twin mouse", "freeze mouse core", "open $sim_path as sim"] {
      #expect(lines(text).contains(line), "\(line)")
    }
    #expect(try run(text).last == .int(16))
  }

  @Test("What failed, was undone or only looked is left out; --all keeps looking and names failures")
  func leftOut() throws {
    let shell = try Shell()
    try shell.run("history 1; rename nova other; undo")
    _ = try shell.failure("eval twin on sim/gaborium --head 9")
    try shell.run("show twin")
    let body = lines(try script(shell)).filter { !$0.hasPrefix("param") && !$0.hasPrefix("#") }
    #expect(
      body == ["vcsh 1", "open $twin_path as twin", "open $sim_path as sim", "open $nova_path as nova", "show twin"])
    let all = try script(shell, "script --all")
    #expect(all.contains("\nhistory 1\n"))
    #expect(all.contains("# left out, entry 7: eval twin on sim/gaborium --head 9 (`twin` has no head 9)\nshow twin"))
  }

  @Test("A result that is taken by its entry's number has no place in a recipe")
  func byNumber() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium; out 4 | head 2")
    let failure = try shell.failure("script 5")
    #expect(failure.message.contains("entry 5 takes the result of entry 4 by its number"))
  }

  @Test("Parameters never share a name with variables, with one another, or with options of vcsh")
  func names() throws {
    let shell = try Shell()
    try shell.run("let split = 1; eval twin on sim/gaborium --split val | head $split")
    try shell.run("eval twin on sim/gaborium --split all | count")
    let text = try script(shell)
    #expect(text.contains("param split_2: string = val") && text.contains("param split_3: string = all"))
    #expect(text.contains("let split = 1\n"))
    #expect(try run(text).last == .int(16))
  }

  @Test("A parameter keeps its declaration, with what was given as the default")
  func declared() throws {
    let shell = try Shell()
    let batch = try BatchRun(
      "param cid: int = 3 \"the cell\"\nneuron twin $cid on sim/gaborium", name: "r.vc", commands: AllCommands.table)
    let printer = EntryPrinter(.results(.batch()), write: { _ in }, writeError: { _ in })
    #expect(try batch.run(in: shell.session, parameters: ["cid": "5"], printer: printer) == 0)
    let text = try script(shell)
    #expect(text.contains("param cid: int = 5 \"the cell\"\n") && text.contains("neuron twin $cid on sim/$stimulus"))
  }

  @Test("Quoted values, blocks and comments stay whole; --literal changes nothing")
  func whole() throws {
    let shell = try Shell()
    let block = "for s in [gaborium, fixrsvp] {\n  # each of them\n  eval twin on sim/$s --split 'val' | count\n}"
    try shell.run(block + "\neval twin on 'sim/gaborium' | count")
    let text = try script(shell)
    #expect(text.contains("  # each of them\n  eval twin on sim/$s --split $split | count\n}"))
    #expect(text.contains("eval twin on \"sim/$stimulus\" | count"))
    #expect(try run(text).last == .int(16))
    #expect(try script(shell, "script 4 --literal").contains(block))
  }

  @Test("The recipe goes to a file as it stands; ranges that name nothing are refused")
  func file() throws {
    let shell = try Shell()
    let path = shell.folder + "/x.vc"
    try shell.run("eval twin on sim/gaborium | count; script 4 > \(path)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == script(shell, "script 4"))
    for range in ["x", "5-4", "0", "1-", "1,,2", "77", "300-400"] {
      #expect(try shell.failure("script '\(range)'").span?.column == 8, "\(range)")
    }
  }

  @Test("A run that has done nothing takes the last session in which something was done")
  func lastSession() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium | count")
    let next = Session(
      workspace: try Workspace(at: shell.session.workspace.root, payloads: AllKinds.payloads),
      commands: AllCommands.table)
    let program = try Parser.parse(SourceText("script", name: "t"), signatures: AllCommands.table.signatures)
    let looked = Session(
      workspace: try Workspace(at: shell.session.workspace.root, payloads: AllKinds.payloads),
      commands: AllCommands.table)
    let look = try Parser.parse(SourceText("history", name: "t"), signatures: AllCommands.table.signatures)
    _ = look.statements.map { looked.run($0, origin: "test") }
    #expect(try next.run(program.statements[0], origin: "test").result.get() == .string(try script(shell)))
  }
}
