import Foundation
import TestSupport
import Testing

@Suite("The program in batch")
struct BatchTests {
  let workspace: String

  init() throws { workspace = try Program.workspace() }

  func vcsh(_ arguments: String..., input: String = "") throws -> Program.Result {
    try Program.run(["-w", workspace] + arguments, input: input)
  }

  var recording: String { Program.project + "/workspace-template/recordings/Sim_2025-01-17" }

  @Test("Results go to standard output, all else to standard error; no escape codes in a pipe")
  func streams() throws {
    let good = try vcsh("-c", "open \(recording) as sim")
    #expect(good.status == 0)
    #expect(good.output.contains("Sim_2025-01-17"))
    #expect(good.errors.isEmpty)
    let bad = try vcsh("-c", "show nosuch")
    #expect(bad.status == 1)
    #expect(bad.output.isEmpty)
    #expect(bad.errors.contains("<command>:1:6"))
    #expect(!(good.output + bad.errors).contains("\u{1b}"))
  }

  @Test(
    "Exit codes: done, failed, usage, assertion",
    arguments: [
      ("print 1", 0), ("show nosuch", 1), ("evla x", 2), ("print (", 2), ("assert 1 == 2 \"no\"", 3),
    ] as [(String, Int32)])
  func exitCodes(command: String, status: Int32) throws {
    #expect(try vcsh("-c", command).status == status)
  }

  @Test("A name of the workspace that is typed as a command is told as such after -c, as with --check")
  func nameAsCommand() throws {
    #expect(try vcsh("-c", "open \(recording) as sim").status == 0)
    for arguments in [["-c", "sim"], ["--check", "-c", "sim"]] {
      let result = try Program.run(["-w", workspace] + arguments)
      #expect(result.status == 2 && result.errors.contains("it is the name of a recording: `show sim` shows it"))
    }
  }

  @Test(
    "Usual options, which are read without the parser of arguments, mean the same in every form",
    arguments: [["-c", "print 1", "--json"], ["--json", "--command=print 1"], ["--command", "print 1", "--json"]])
  func usualOptions(arguments: [String]) throws {
    let result = try Program.run(["-w", workspace] + arguments)
    let object = #"{"entry": 1, "command": "print 1", "status": "ok", "result": "1"}"#
    #expect(result.status == 0 && result.output == object + "\n")
    #expect(try Program.run(arguments + ["--workspace", workspace]).output == result.output)
    let twice = try Program.run(["-w", workspace, "-w", workspace] + arguments)
    #expect(twice.errors.contains("-w (--workspace) is given twice"))
    let both = try Program.run(["-w", workspace, "-f", "x.vc"] + arguments)
    #expect(both.errors.contains("-f and -c exclude each other"))
  }

  @Test("A session is exported twice in one line from a shell in which nothing else was done")
  func exportedTwice() throws {
    #expect(try vcsh("-c", "print 17").status == 0)
    let result = try vcsh("-c", "export session \(workspace)/a.md; export session \(workspace)/b.md")
    #expect(result.status == 0, "\(result)")
    let texts = try ["a", "b"].map { try String(contentsOfFile: "\(workspace)/\($0).md", encoding: .utf8) }
    #expect(texts[0].contains("print 17") && texts[1].contains("print 17"))
  }

  @Test("--check finds what is wrong and runs nothing")
  func check() throws {
    let result = try vcsh("--check", "-c", "open \(recording) as sim\neval sim --splt val")
    #expect(result.status == 2)
    #expect(result.errors.contains("did you mean `--split`?"))
    #expect(try vcsh("-c", "ls --").status != 0)
    #expect(
      try vcsh("--csv", "-c", "history | select command").output == "command\nhistory | select command\n")
    #expect(try vcsh("--check", "-c", "print 1").status == 0)
  }

  @Test("With --json every entry is one object, a failure too")
  func json() throws {
    let text = "open \(recording) as sim; ls; show nosuch"
    let result = try vcsh("--json", "-c", text)
    #expect(result.status == 1)
    let objects = try result.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["status"] as? String } == ["ok", "ok", "failed"])
    #expect(objects.map { $0["entry"] as? Int } == [1, 2, 3])
    #expect((objects[1]["result"] as? [[String: Any]])?.first?["name"] as? String == "sim")
    let error = try #require(objects[2]["error"] as? [String: Any])
    #expect(error["kind"] as? String == "missing")
    #expect(error["line"] as? Int == 1 && error["column"] as? Int == text.count - "nosuch".count + 1)
  }

  @Test("A failed check prints its table, stops the run and ends in 3; let takes the table")
  func failedCheck() throws {
    let twin = Program.project + "/workspace-template/checkpoints/twin.ckpt"
    _ = try vcsh("-c", "open \(twin) as twin")
    let result = try vcsh("--csv", "-c", "check twin --input 5x25x25 | select severity layer; print after")
    #expect(result.status == 3)
    #expect(result.output.hasPrefix("severity,layer\nerror,frontend.temporal_conv.conv\n"))
    #expect(!result.output.contains("after"))
    #expect(result.errors.contains("can't run on input 1x5x25x25"))
    let json = try vcsh("--json", "-c", "check twin --input 5x25x25")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["status"] as? String == "failed")
    #expect((object["error"] as? [String: Any])?["kind"] as? String == "assertion")
    #expect((object["result"] as? [[String: Any]])?.first?["severity"] as? String == "error")
    #expect(try vcsh("-c", "let found = check twin --input 5x25x25; print done").output == "done\n")
    let block = try vcsh("--csv", "-c", "if 1 == 1 { check twin --input 5x25x25 | select severity; print after }")
    #expect(block.status == 3)
    #expect(block.output.hasPrefix("severity\nerror\n") && !block.output.contains("after"))
    #expect(try vcsh("-c", "if 1 == 1 { let found = check twin --input 5x25x25; print done }").output == "done\n")
  }

  @Test("Tables as CSV and markdown")
  func forms() throws {
    _ = try vcsh("-c", "open \(recording) as sim")
    #expect(try vcsh("--csv", "-c", "ls | select name kind").output == "name,kind\nsim,recording\n")
    #expect(
      try vcsh("--markdown", "-c", "ls | select name kind").output
        == "| name | kind |\n| --- | --- |\n| sim | recording |\n")
    #expect(try vcsh("--csv", "--json", "-c", "ls").status == 2)
  }

  @Test("Commands come from standard input, and from a file named -")
  func standardInput() throws {
    #expect(try vcsh(input: "print 1 + 1\nprint (1 + 1)\n").output == "1 + 1\n2\n")
    #expect(try vcsh("-f", "-", input: "print hello\n").output == "hello\n")
  }

  @Test("A recipe's parameters are flags; --help lists them")
  func recipeParameters() throws {
    let recipe = workspace + "/p.vc"
    try Data("vcsh 1\nparam cid: int = 3 \"the cell\"\nprint $cid\n".utf8).write(to: URL(filePath: recipe))
    #expect(try vcsh("-f", recipe).output == "3\n")
    #expect(try vcsh("-f", recipe, "--cid", "7").output == "7\n")
    #expect(try vcsh("-f", recipe, "--cid=8").output == "8\n")
    #expect(try vcsh("-f", recipe, "--cid", "x").status == 2)
    #expect(try vcsh("-f", recipe, "--nosuch", "1").status == 2)
    #expect(try vcsh("-f", workspace + "/missing.vc").status == 1)
  }

  @Test("Without a workspace the error names the way to one")
  func noWorkspace() throws {
    let folder = try Fixtures.temporaryFolder()
    let result = try Program.run(["-c", "ls"], folder: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("vcsh init"))
    #expect(try Program.run(["init", workspace]).status == 1)
  }

  @Test("The same recipe twice gives the same bytes")
  func byteStable() throws {
    let text = "open \(recording) as sim\nshow sim\nls\n"
    let first = try vcsh("-c", text)
    let second = try Program.run(["-w", try Program.workspace(), "-c", text])
    #expect(first.output == second.output)
  }

  @Test("A reader that goes away ends the run quietly")
  func closedPipe() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c",
      "'\(Program.path)' -w '\(workspace)' -c 'for i in range(1, 3000) { print $i }' 2>'\(workspace)/err' | head -n 1",
    ]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try String(contentsOfFile: workspace + "/err", encoding: .utf8).isEmpty)
  }

  @Test("kill -9 loses at most the running entry, which is marked interrupted")
  func killed() throws {
    _ = try vcsh("-c", "open \(recording) as sim")
    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments = ["-w", workspace, "-c", "for i in range(1, 100000) { print $i }"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    // What is printed says that the entry runs.
    _ = try output.fileHandleForReading.read(upToCount: 1)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let history = try vcsh("--csv", "-c", "history 2 | select status command").output
    #expect(history.contains("interrupted,\"for i in range") || history.contains("interrupted,for i in range"))
    #expect(try vcsh("-c", "show sim").status == 0)
  }

  @Test("Two shells on one workspace at once")
  func twoShells() throws {
    let other = Process()
    other.executableURL = URL(filePath: Program.path)
    other.arguments = ["-w", workspace, "-c", "for i in range(1, 400) { let x = $i }; open \(recording) as a"]
    other.standardOutput = FileHandle.nullDevice
    try other.run()
    #expect(try vcsh("-c", "open \(recording) as b").status == 0)
    other.waitUntilExit()
    #expect(other.terminationStatus == 0)
    #expect(try vcsh("--csv", "-c", "ls | select name").output == "name\na\nb\n")
  }

  @Test("vcsh demo tells its story with no other data")
  func demo() throws {
    let folder = try Fixtures.temporaryFolder() + "/demo"
    let result = try Program.run(["demo", folder])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("Correlation with the counts: 0.1"))
    #expect(result.output.contains("Mean held-out bits/spike: -1.0"))
    #expect(
      try Program.run(["-w", folder, "--csv", "-c", "ls twin | select name"]).output == "name\ntwin\ntwin-nova\n")
  }
}
