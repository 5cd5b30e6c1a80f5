import Foundation
import TestSupport
import Testing

@Suite("Signals to a run in batch")
struct SignalTests {
  let workspace: String

  init() throws { workspace = try Program.workspace() }

  /// Starts vcsh in the background, waits for its first line, sends it a signal, and tells its status and what it left.
  func signalled(_ signal: String, _ commands: String, prefix: String = "") throws -> Program.Result {
    try Program.shell(
      """
      : > out; \(prefix) vcsh -c 'print ready; \(commands)' > out & p=$!
      while ! grep -q ready out; do sleep 0.02; done; sleep 0.2
      kill -\(signal) $p; wait $p; echo $?; vcsh --csv -c 'history 2 | select status command'
      """, folder: workspace)
  }

  static let loop = "for i in range(20) { for j in range(100000) { let x = $j } }"

  @Test(
    "SIGTERM and SIGHUP cancel the running command, whose entry says so, and are the status",
    arguments: [("TERM", 143), ("HUP", 129)])
  func end(signal: String, status: Int) throws {
    let result = try signalled(signal, Self.loop)
    #expect(result.output.hasPrefix("\(status)\nstatus,command\ninterrupted,for i in range(20)"))
    #expect(result.errors.hasPrefix("interrupted\n"))
  }

  @Test("A signal that the run was started to ignore stays ignored")
  func ignored() throws {
    for (signal, prefix) in [("HUP", "trap '' HUP;"), ("INT", "")] {
      // sh starts background jobs with SIGINT ignored.
      let result = try signalled(signal, "for i in range(100000) { let x = $i }; print done", prefix: prefix)
      #expect(result.output.hasPrefix("0\nstatus,command\nok,print done\n"), "\(signal): \(result.output)")
    }
  }

  @Test("Ctrl-C ends the wait for standard input")
  func waiting() throws {
    let terminal = try PseudoTerminal.spawn(Program.path, ["-w", workspace, "-f", "-"], folder: workspace)
    terminal.send("print 1\r")
    #expect(terminal.waitFor("print 1"))
    Thread.sleep(forTimeInterval: 0.3)
    terminal.send("\u{3}")
    #expect(terminal.waitForExit(timeout: 5) == 130)
  }

  @Test("SIGTERM at the prompt ends the session at once, in a command after it has stopped")
  func prompt() throws {
    for command in ["", Self.loop + "\r"] {
      let terminal = try PseudoTerminal.spawn(Program.path, ["-w", workspace], folder: workspace)
      #expect(terminal.waitFor("vcsh>"))
      terminal.send(command)
      Thread.sleep(forTimeInterval: 0.5)
      kill(terminal.processID, SIGTERM)
      #expect(terminal.waitForExit(timeout: 5) == 143)
    }
    let history = try Program.shell("vcsh --csv -c 'history 2 | select status'", folder: workspace)
    #expect(history.output == "status\ninterrupted\nrunning\n")
  }
}
