import Foundation
import TestSupport
import Testing

@Suite("The prompt: welcome, init.vc, history, keys typed ahead", .serialized)
struct PromptTests {
  let workspace: String

  init() throws { workspace = try Program.workspace() }

  func start(_ environment: [String: String] = [:]) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", workspace], environment: environment, folder: workspace, columns: 100, rows: 40)
    #expect(terminal.waitFor("vcsh>"))
    return terminal
  }

  func write(_ text: String, _ folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder + "/vcsh", withIntermediateDirectories: true)
    try text.write(toFile: folder + "/vcsh/init.vc", atomically: true, encoding: .utf8)
  }

  @Test("The welcome tells version, workspace, content and what to try, in at most six lines")
  func welcome() throws {
    _ = try Program.run(["-w", workspace, "-c", "let fit = 3"])
    let recording = Program.project + "/workspace-template/recordings/Sim_2025-01-17"
    var screen = ""
    var terminal = try start()
    _ = terminal.waitUntil {
      screen = $0
      return $0.contains("vcsh>")
    }
    #expect(screen.contains("workspace \(workspace)"))
    #expect(screen.contains("the workspace is empty, but for $fit") && screen.contains("`open PATH as NAME` reads"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
    _ = try Program.run(["-w", workspace, "-c", "open \(recording) as sim"])
    terminal = try start()
    _ = terminal.waitUntil {
      screen = $0
      return $0.contains("vcsh>")
    }
    #expect(screen.contains("1 recording, $fit") && screen.contains("try `show sim`"))
    let lines = screen.split(separator: "\n").prefix { !$0.hasPrefix("vcsh>") }
    #expect(lines.count <= 6)
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  @Test("init.vc gives the prompt aliases and definitions; batch does not read it")
  func initFile() throws {
    let config = workspace + "/config"
    try write("# mine\nalias hi = print hello\ndef twice(x) { $x * 2 }\n", config)
    let environment = ["XDG_CONFIG_HOME": config]
    let terminal = try start(environment)
    terminal.send("hi you\r")
    #expect(terminal.waitFor("\nhello you"))
    terminal.send("print ${twice(21)}\r")
    #expect(terminal.waitFor("\n42"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
    let batch = try Program.run(["-w", workspace, "-c", "hi you"], environment: environment)
    #expect(batch.status == 2)
    let history = try Program.run(["-w", workspace, "--csv", "-c", "history | select command | head 1"])
    #expect(history.output.contains("print hello you"))
  }

  @Test("An error in init.vc is one line with its place, and the prompt comes all the same")
  func badInitFile() throws {
    let config = workspace + "/config"
    for (text, place, words) in [
      ("\nprint 1\n", "init.vc:2:1", "only aliases and definitions"),
      ("alias ls = print 1\n", "init.vc:1:1", "already"),
      ("alias x = nosuch\n", "init.vc:1:1", "no command `nosuch`"), ("def f(x) { $x\n", "init.vc:1:10", "not closed"),
    ] {
      try write(text, config)
      let terminal = try start(["XDG_CONFIG_HOME": config])
      var screen = ""
      _ = terminal.waitUntil {
        screen = $0
        return $0.contains("vcsh>")
      }
      // Where the terminal breaks a line depends on the folder's length: spaces don't count.
      let letters = screen.filter { !$0.isWhitespace }
      #expect(letters.contains(place) && letters.contains(words.filter { !$0.isWhitespace }), "\(screen)")
      terminal.send("print alive\r")
      #expect(terminal.waitFor("\nalive"))
      terminal.send("exit\r")
      #expect(terminal.waitForExit() == 0)
    }
  }

  @Test("Each error in init.vc is told, and an alias may begin with one above it")
  func errorsInInitFile() throws {
    let config = workspace + "/config"
    try write("alias p = print\nalias best = ls\nprint 2\nalias hi = p hello\nalias rec = rec\n", config)
    let terminal = try start(["XDG_CONFIG_HOME": config])
    var screen = ""
    _ = terminal.waitUntil {
      screen = $0
      return $0.contains("vcsh>")
    }
    let letters = screen.filter { !$0.isWhitespace }
    for words in ["`best` is already a command", "only aliases and definitions", "no command `rec`"] {
      #expect(letters.contains(words.filter { !$0.isWhitespace }), "\(screen)")
    }
    terminal.send("hi you\r")
    #expect(terminal.waitFor("\nhello you"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  @Test("Definitions before and after an error in init.vc work")
  func partOfInitFile() throws {
    let config = workspace + "/config"
    try write("def twice(x) { $x * 2 }\ndef broken(x) { $x\ndef thrice(x) { $x * 3 }\n", config)
    let terminal = try start(["XDG_CONFIG_HOME": config])
    terminal.send("print ${twice(21)} ${thrice(5)}\r")
    #expect(terminal.waitFor("\n42 15"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  @Test("Up goes through the entries that begin with what is typed")
  func prefixSearch() throws {
    let terminal = try start()
    for word in ["print one", "ls", "print two", "help let"] {
      terminal.send(word + "\r")
      #expect(terminal.waitUntil { $0.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("vcsh>") })
    }
    terminal.send("print\u{1b}[A\u{1b}[A")
    #expect(terminal.waitUntil { $0.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("vcsh> print one") })
    terminal.send("\u{1b}[B")
    #expect(terminal.waitUntil { $0.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("vcsh> print two") })
    terminal.send("\u{05}\u{15}exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  @Test("What is typed while a command runs is the next entry, and no pager takes it")
  func typeAhead() throws {
    let terminal = try start(["PAGER": "sh -c 'cat > /dev/null; echo paged'"])
    let rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 60) SELECT x FROM c"
    terminal.send("sql \"\(rows)\"\r")
    #expect(terminal.waitFor("\npaged"))
    terminal.send("for i in range(30000) { let x = $i }; sql \"\(rows)\"\r")
    terminal.send("print typed-ahead")
    #expect(terminal.waitFor("40 of 60 rows shown"))
    #expect(
      terminal.waitUntil { $0.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("vcsh> print typed-ahead") })
    terminal.send("\r")
    #expect(terminal.waitFor("\ntyped-ahead"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
  }
}
