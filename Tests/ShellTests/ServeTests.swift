import Foundation
import TestSupport
import Testing

@Suite("vcsh --serve")
struct ServeTests {
  let workspace: String
  let server: ServeSession
  let loop = "for i in range(100000) { for j in range(100000) { let x = $j } }"
  let template = Program.project + "/workspace-template"

  init() throws {
    workspace = try Program.workspace()
    server = try ServeSession(workspace)
  }

  func isRunning(_ id: Int) throws -> Bool {
    try server.wait { $0["id"] as? Int == id && $0["event"] as? String == "result" } != nil
  }

  @Test("The first line tells protocol, version, workspace and methods")
  func hello() throws {
    let hello = try #require(try server.wait { $0["event"] as? String == "hello" })
    #expect(hello["protocol"] as? Int == 1)
    #expect(hello["vcsh"] as? String == "0.1.0")
    #expect((hello["workspace"] as? String)?.hasSuffix("/ws") == true)
    #expect((hello["methods"] as? [String])?.contains("execute") == true)
  }

  @Test("Several statements give a result each, then one answer with their entries")
  func execute() throws {
    let answer = try #require(
      try server.answer(1, "execute", ["code": "1 + 1\nlet x = 3; $x * 0.5\nprint hello"]))
    #expect(answer["status"] as? String == "ok")
    #expect((answer["entries"] as? [Int])?.count == 4)
    let results = try server.events(1, "result")
    #expect(results.map { $0["line"] as? Int } == [1, 2, 3])
    #expect(results.map { ($0["value"] as? [String: Any])?["type"] as? String } == ["int", "float", "string"])
    #expect(results.map { $0["message"] as? Bool } == [nil, nil, true])
  }

  @Test("Variables and definitions last from one execute to the next")
  func state() throws {
    try server.ask(1, "execute", ["code": "def twice(a) { $a * 2 }\nlet x = 20"])
    _ = try server.answer(2, "execute", ["code": "twice $x"])
    let value = try server.events(2, "result").first?["value"] as? [String: Any]
    #expect(value?["value"] as? Int == 40)
  }

  @Test("A table has typed columns with units; what the limit leaves out is counted")
  func table() throws {
    try server.ask(1, "execute", ["code": "print a; print b; print c"])
    let params: ServeSession.Message = ["code": "history", "limit": 2, "display": ["text/plain", "text/markdown"]]
    _ = try server.answer(2, "execute", params)
    let result = try #require(try server.events(2, "result").first)
    let value = try #require(result["value"] as? [String: Any])
    #expect(value["total"] as? Int == 4)
    #expect((value["rows"] as? [[Any]])?.count == 2)
    let columns = try #require(value["columns"] as? [[String: Any]])
    let seconds = try #require(columns.first { $0["name"] as? String == "seconds" })
    #expect(seconds["type"] as? String == "float")
    #expect(seconds["unit"] as? String == "s")
    let display = try #require(result["display"] as? [String: String])
    #expect(display.keys.sorted() == ["text/markdown", "text/plain"])
    #expect(display["text/plain"]?.contains("2 of 4 rows shown") == true)
  }

  @Test("A failure tells kind, place, remedy and the diagnostic; what stood before it has run")
  func failure() throws {
    let answer = try #require(try server.answer(1, "execute", ["code": "1 + 1\nopen nowhere.ckpt as t"]))
    #expect(answer["status"] as? String == "error")
    let error = try #require(answer["error"] as? [String: Any])
    #expect(error["kind"] as? String == "missing")
    #expect(error["line"] as? Int == 2)
    #expect(error["column"] as? Int == 6)
    #expect((error["diagnostic"] as? String)?.contains("2 | open nowhere.ckpt as t\n  |      ^^^^^^^^^^^^") == true)
    #expect(try server.events(1, "result").count == 1)
  }

  @Test("What the checker finds is told before anything runs")
  func checked() throws {
    let answer = try #require(try server.answer(1, "execute", ["code": "print a\nevla x"]))
    let error = try #require(answer["error"] as? [String: Any])
    #expect(error["hint"] as? String == "did you mean `eval`?")
    #expect((answer["entries"] as? [Int])?.isEmpty == true)
  }

  @Test("Notes and progress are events of their execute")
  func events() throws {
    let file = try Fixtures.temporaryFolder() + "/x.csv"
    let code = """
      open \(template)/checkpoints/twin.ckpt as twin; open \(template)/recordings/Sim_2025-01-17 as sim
      eval twin on sim/fixrsvp | save \(file)
      """
    let answer = try server.answer(1, "execute", ["code": code])
    #expect(answer?["status"] as? String == "ok")
    #expect(try server.events(1, "note").last?["text"] as? String == "wrote \(file)")
    let progress = try server.events(1, "progress")
    #expect(progress.first?["stage"] as? String == "begun")
    #expect(progress.last?["stage"] as? String == "ended")
    #expect(progress.last?["unit"] as? String == "frames")
  }

  @Test("Completion counts code points and tells what candidates are")
  func complete() throws {
    let code = "print \"🐁e\u{301}\"; histo"
    let answer = try #require(try server.answer(1, "complete", ["code": code]))
    #expect(answer["start"] as? Int == 13)
    #expect(answer["end"] as? Int == 18)
    let candidates = try #require(answer["candidates"] as? [[String: String]])
    #expect(candidates == [["text": "history", "kind": "command"]])
    let flags = try #require(try server.answer(2, "complete", ["code": "history --fa rest", "cursor": 12]))
    #expect((flags["candidates"] as? [[String: String]])?.first == ["text": "--failed", "kind": "flag"])
  }

  @Test("Completion, inspection and history are answered while code runs, with the names known by then")
  func concurrency() throws {
    _ = try server.answer(1, "execute", ["code": "let marker_of_mine = 1"])
    try server.ask(2, "execute", ["code": "print started; \(loop)"])
    #expect(try isRunning(2))
    let answer = try #require(try server.answer(3, "complete", ["code": "print $marker"]))
    #expect((answer["candidates"] as? [[String: String]])?.first?["kind"] == "variable")
    #expect(try server.answer(4, "inspect", ["code": "history"])?["found"] as? Bool == true)
    let history = try server.answer(5, "history", ["search": "marker"])?["entries"] as? [[String: Any]]
    #expect(history?.first?["status"] as? String == "ok")
    #expect(try server.messages().contains { $0["id"] as? Int == 2 && $0["status"] != nil } == false)
  }

  @Test(
    "Inspection knows commands, flags, objects, variables and columns",
    arguments: [
      ("calibrate", 4, "calibrate", "command"), ("eval twin --split val", 14, "--split", "flag"),
      ("show kept", 6, "kept", "object"), ("print $number", 9, "$number", "variable"),
      ("history | sort seconds", 18, "seconds", "column"), ("history | where count(", 20, "count", "function"),
      ("help eval", 7, "eval", "command"),
    ])
  func inspect(code: String, cursor: Int, name: String, kind: String) throws {
    _ = try server.answer(1, "execute", ["code": "let number = 4"])
    _ = try server.answer(
      2, "execute", ["code": "open \(template)/recordings/Sim_2025-01-17 as kept"])
    let params: ServeSession.Message = ["code": code, "cursor": cursor, "display": ["text/plain", "text/html"]]
    let answer = try #require(try server.answer(3, "inspect", params))
    #expect(answer["found"] as? Bool == true)
    #expect(answer["name"] as? String == name)
    #expect(answer["kind"] as? String == kind)
    #expect((answer["display"] as? [String: String])?["text/html"]?.contains("<h1>") == true)
  }

  @Test(
    "Whether code is complete",
    arguments: [("1 + 1", "complete"), ("print (1", "incomplete"), ("ls |", "incomplete"), ("print )", "invalid")])
  func isComplete(code: String, state: String) throws {
    #expect(try server.answer(1, "is_complete", ["code": code])?["state"] as? String == state)
  }

  @Test("A check finds all problems and runs nothing")
  func check() throws {
    let answer = try #require(try server.answer(1, "check", ["code": "evla x\nshow nosuch"]))
    let problems = try #require(answer["problems"] as? [[String: Any]])
    #expect(problems.map { $0["line"] as? Int } == [1, 2])
    #expect((try server.answer(2, "history")?["entries"] as? [Any])?.isEmpty == true)
  }

  @Test("An interrupt ends a loop, drops what waits, and the session goes on")
  func interrupt() throws {
    try server.ask(1, "execute", ["code": "let kept = 41; print started; \(loop)"])
    try server.ask(2, "execute", ["code": "print never"])
    #expect(try isRunning(1))
    let answer = try #require(try server.answer(3, "interrupt"))
    #expect(answer["interrupted"] as? [Int] == [1, 2])
    #expect(try server.answer(1)?["status"] as? String == "interrupted")
    #expect(try server.answer(2)?["status"] as? String == "interrupted")
    _ = try server.answer(4, "execute", ["code": "$kept + 1"])
    #expect((try server.events(4, "result").first?["value"] as? [String: Any])?["value"] as? Int == 42)
    #expect(try server.events(2, "result").isEmpty)
  }

  @Test("An interrupt of one request leaves the others")
  func interruptOne() throws {
    try server.ask(1, "execute", ["code": "print started; \(loop)"])
    try server.ask(2, "execute", ["code": "print never"])
    try server.ask(3, "execute", ["code": "print then"])
    #expect(try isRunning(1))
    _ = try server.answer(4, "interrupt", ["request": 2])
    #expect(try server.answer(2)?["status"] as? String == "interrupted")
    _ = try server.answer(5, "interrupt", ["request": 1])
    #expect(try server.answer(3)?["status"] as? String == "ok")
  }

  @Test("SIGINT ends what runs, not the server; without anything running it does nothing")
  func signal() throws {
    _ = try server.answer(1, "execute", ["code": "print a"])
    kill(server.process.processIdentifier, SIGINT)
    usleep(50_000)
    try server.ask(2, "execute", ["code": "print started; \(loop)"])
    #expect(try isRunning(2))
    kill(server.process.processIdentifier, SIGINT)
    #expect(try server.answer(2)?["status"] as? String == "interrupted")
    #expect(try server.answer(3, "execute", ["code": "print b"])?["status"] as? String == "ok")
  }

  @Test("An interrupted evaluation and refit leave the workspace as it was", arguments: ["eval", "refit"])
  func interruptWork(which: String) throws {
    let stimulus = "gaborium"
    let open = """
      open \(template)/checkpoints/twin.ckpt as twin; open \(template)/recordings/Sim_2025-01-17 as sim
      open \(template)/recordings/Nova_2025-02-03 as nova
      """
    #expect(try server.answer(1, "execute", ["code": open])?["status"] as? String == "ok")
    let code =
      which == "eval"
      ? "eval twin on sim/\(stimulus) --split all as scores" : "refit twin readout on nova/backimage as twin-nova"
    try server.ask(2, "execute", ["code": code])
    let progress = try server.wait { $0["id"] as? Int == 2 && $0["event"] as? String == "progress" }
    #expect(progress != nil)
    try server.ask(3, "interrupt")
    let answer = try #require(try server.answer(2))
    #expect(answer["status"] as? String == "interrupted")
    _ = try server.answer(4, "execute", ["code": "ls | select name"])
    let value = try server.events(4, "result").first?["value"] as? [String: Any]
    #expect(value?["rows"] as? [[String]] == [["nova"], ["sim"], ["twin"]])
  }

  @Test("`exit` in the code ends the server after its answer")
  func exit() throws {
    let answer = try #require(try server.answer(1, "execute", ["code": "exit"]))
    #expect(answer["exit"] as? Bool == true)
    #expect(server.exitStatus() == 0)
  }

  @Test("A shutdown ends what runs and is answered last")
  func shutdown() throws {
    try server.ask(1, "execute", ["code": "print started; \(loop)"])
    #expect(try isRunning(1))
    try server.ask(2, "shutdown")
    #expect(server.exitStatus() == 0)
    #expect(try server.wait { $0["id"] as? Int == 2 } != nil)
    let messages = try server.messages()
    #expect(messages.last?["id"] as? Int == 2)
    #expect(messages.contains { $0["id"] as? Int == 1 && $0["status"] as? String == "interrupted" })
  }

  @Test("At the end of the input what was asked is done first")
  func endOfInput() throws {
    try server.ask(1, "execute", ["code": "print a"])
    server.send(Data(#"{"id": 2, "method": "execute", "params": {"code": "print b"}}"#.utf8))
    server.closeInput()
    #expect(server.exitStatus() == 0)
    #expect(try server.answer(2)?["status"] as? String == "ok")
  }

  @Test("A client that stops reading ends the server quietly, though code runs")
  func closedOutput() throws {
    let script = """
      { printf '%s\\n' '{"id": 1, "method": "execute", "params": {"code": "\(loop)"}}'; sleep 4; } \
      | { '\(Program.path)' --serve -w '\(workspace)' 2>'\(workspace)/err'; echo $? >'\(workspace)/status'; } | head -n 1
      """
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(try String(contentsOfFile: workspace + "/status", encoding: .utf8) == "141\n")
    #expect(try String(contentsOfFile: workspace + "/err", encoding: .utf8) == "")
  }
}
