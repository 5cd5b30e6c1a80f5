import Foundation
import TestSupport
import Testing

@Suite("The prompt on a pseudo-terminal", .serialized)
struct InteractiveTests {
  let workspace: String

  init() throws { workspace = try Program.workspace() }

  func start() throws -> PseudoTerminal {
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", workspace], environment: ["TERM": "xterm"], folder: workspace, columns: 100, rows: 120)
    #expect(terminal.waitFor("vcsh>"))
    return terminal
  }

  @Test("Typing, completing, and leaving with Ctrl-D")
  func session() throws {
    let terminal = try start()
    terminal.send("prin\t(1 + 1)\r")
    #expect(terminal.waitFor("\n2"))
    terminal.send("hel\tcal\t\r")
    #expect(terminal.waitFor("calibrate TWIN"))
    // Keys that arrive before the prompt is back belong to the terminal's own line discipline.
    #expect(terminal.waitUntil { $0.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("vcsh>") })
    terminal.send("q\u{4}")
    terminal.send("\u{15}\u{4}")
    #expect(terminal.waitForExit() == 0)
  }

  @Test("An error shows the place with a caret and one suggestion, and the prompt returns")
  func errors() throws {
    let terminal = try start()
    terminal.send("evla twin\r")
    #expect(terminal.waitFor("did you mean `eval`?"))
    terminal.send("print back\r")
    #expect(terminal.waitFor("\nback"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  @Test("Ctrl-C at the prompt clears the line; in a loop it ends the loop")
  func interrupts() throws {
    let terminal = try start()
    terminal.send("print nothing\u{3}")
    #expect(terminal.waitUntil { $0.components(separatedBy: "vcsh>").count > 2 })
    terminal.send("print still-here\r")
    #expect(terminal.waitFor("\nstill-here"))
    terminal.send("for i in range(100000) { for j in range(100000) { let x = $j } }\r")
    Thread.sleep(forTimeInterval: 0.5)
    terminal.send("\u{3}")
    #expect(terminal.waitFor("\ninterrupted"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  @Test("History reaches over sessions, a multi-line entry comes back whole")
  func history() throws {
    var terminal = try start()
    terminal.send("print (1 +\r")
    #expect(terminal.waitFor("..."))
    terminal.send("2)\r")
    #expect(terminal.waitFor("\n3"))
    terminal.send("exit\r")
    _ = terminal.waitForExit()
    terminal = try start()
    terminal.send("\u{1b}[A\u{1b}[A\r")
    #expect(terminal.waitFor("\n3"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  /// Waits until the prompt is back: keys that come earlier belong to the terminal's own line discipline.
  private func atPrompt(_ terminal: PseudoTerminal) -> Bool {
    terminal.waitUntil { $0.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("vcsh>") }
  }

  @Test("Up goes through this session's entries first, then older ones; Ctrl-R finds any")
  func upAndSearch() throws {
    var terminal = try start()
    terminal.send("print (10 + 1)\r")
    #expect(terminal.waitFor("\n11") && atPrompt(terminal))
    terminal.send("print [1,\r")
    #expect(terminal.waitFor("..."))
    terminal.send("77]\r")
    #expect(terminal.waitFor("77") && atPrompt(terminal))
    terminal.send("exit\r")
    _ = terminal.waitForExit()
    terminal = try start()
    terminal.send("print (20 + 2)\r")
    #expect(terminal.waitFor("\n22") && atPrompt(terminal))
    let shown = [
      "print (20 + 2)", "exit", "print [1,\n77]", "print (10 + 1)",
    ]
    for entry in shown {
      terminal.send("\u{1b}[A")
      #expect(terminal.waitUntil { $0.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("vcsh> " + entry) })
    }
    terminal.send("\u{3}")
    #expect(atPrompt(terminal))
    terminal.send("\u{12}77")
    #expect(terminal.waitUntil { $0.contains("print [1,\n77]") })
    terminal.send("\r")
    #expect(atPrompt(terminal))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  @Test("in N --edit offers an old entry for editing")
  func editAgain() throws {
    let terminal = try start()
    terminal.send("print (40 + 1)\r")
    #expect(terminal.waitFor("\n41") && atPrompt(terminal))
    terminal.send("in 1 --edit\r")
    #expect(terminal.waitUntil { $0.hasSuffix("vcsh> print (40 + 1)") })
    terminal.send("\u{7f}\u{7f}2)\r")
    #expect(terminal.waitFor("\n42") && atPrompt(terminal))
    terminal.send("history 1 --search 40 | select command\r")
    #expect(terminal.waitFor("print (40 + 2)"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  /// Shows a figure in a terminal that answers the question for pictures with `reply`, or keeps silent.
  func plotted(reply: String?, environment: [String: String] = [:]) throws -> (transcript: String, screen: String) {
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", workspace], environment: ["TERM": "xterm"].merging(environment) { $1 }, folder: workspace,
      columns: 100, rows: 40)
    #expect(terminal.waitFor("vcsh>"))
    func transcript() -> String { String(decoding: terminal.transcript, as: UTF8.self) }
    terminal.send("history 5 | plot status\r")
    if reply != nil || environment.isEmpty {
      #expect(terminal.waitUntil { _ in transcript().contains("\u{1b}[c") })
      terminal.send(reply ?? "")
    }
    #expect(
      terminal.waitUntil {
        $0.contains("rows") || transcript().contains("\u{1b}_Ga") || transcript().contains("\u{1b}P")
      })
    terminal.send("print done-now\r")
    #expect(terminal.waitFor("\ndone-now"))
    terminal.send("exit\r")
    #expect(terminal.waitForExit() == 0)
    return (transcript(), terminal.screenText)
  }

  @Test("A figure is a picture where the terminal answers for kitty's or sixel's, once for a session")
  func pictures() throws {
    let kitty = try plotted(reply: "\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[?62;c").transcript
    #expect(kitty.contains("\u{1b}_Ga=T,f=100,c=100,q=2,m="))
    #expect(kitty.components(separatedBy: "\u{1b}[c").count == 2)
    let sixel = try plotted(reply: "\u{1b}[?62;4;22c").transcript
    #expect(sixel.contains("\u{1b}Pq") && !sixel.contains("\u{1b}_Ga=T"))
  }

  @Test("A figure is text where the terminal says no, says nothing, or must not be asked")
  func noPictures() throws {
    for (reply, environment) in [
      ("\u{1b}[?62;22c", [:]), (nil, [:]), (nil, ["TMUX": "x"]), (nil, ["VCSH_IMAGES": "none"]),
      (nil, ["TERM": "dumb"]),
    ] as [(String?, [String: String])] {
      let shown = try plotted(reply: reply, environment: environment)
      #expect(shown.screen.contains("│█"), "\(environment)")
      #expect(!shown.transcript.contains("\u{1b}_Ga=T") && !shown.transcript.contains("\u{1b}Pq"))
      #expect(shown.transcript.contains("\u{1b}[c") == environment.isEmpty, "\(environment)")
    }
    #expect(try plotted(reply: nil, environment: ["VCSH_IMAGES": "kitty"]).transcript.contains("\u{1b}_Ga=T"))
  }
}
