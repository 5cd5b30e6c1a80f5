import Foundation
import TestSupport
import Testing

@Suite("Standard streams that are closed, full or not there")
struct StreamTests {
  let workspace: String

  init() throws { workspace = try Program.workspace() }

  func sh(_ line: String, _ environment: [String: String] = [:]) throws -> Program.Result {
    try Program.shell(line, folder: workspace, environment: environment)
  }

  /// Every file of the workspace that holds `text`.
  func files(with text: String) throws -> String { try sh("grep -rlaF -e '\(text)' . || true").output }

  @Test(
    "With closed streams nothing is printed into a file of the workspace, and the next run finds it whole",
    arguments: [("<&-", 0), (">&-", 1), ("2>&-", 0), ("<&- >&-", 1), (">&- 2>&-", 1), ("<&- >&- 2>&-", 1)]
      as [(String, Int32)]
  )
  func closed(streams: String, status: Int32) throws {
    // The rule under a table's head is printed and nowhere kept.
    let result = try sh("vcsh -c 'print 1; ls' \(streams)")
    #expect(result.status == status, "\(result.errors)")
    #expect(try files(with: "────").isEmpty)
    let history = try sh("vcsh --csv -c 'history 9 | select status'").output
    if status == 0 {
      #expect(history == "status\nok\nok\nrunning\n")
    } else {
      // What could not be printed ended the run.
      #expect(history.wholeMatch(of: /status\n(ok|interrupted)\n(interrupted\n)?running\n/) != nil, "\(history)")
    }
  }

  @Test("An error finds no other way out where standard error is closed")
  func closedErrors() throws {
    let result = try sh("vcsh -c 'show strayed-name' 2>&-; echo $?")
    #expect(result.output == "1\n")
    #expect(try sh("vcsh -c 'print whole'").output == "whole\n")
  }

  @Test(
    "A full disk under standard output is an error, for help and for results",
    arguments: ["--help", "-c 'ls'", "--version"])
  func full(arguments: String) throws {
    let result = try sh("vcsh \(arguments) >/dev/full")
    #expect(result.status == 1)
    #expect(result.errors.contains("standard output: No space left on device"))
  }

  @Test("Lines of the help's table are whole in 80 columns")
  func helpWidth() throws {
    let help = try sh("vcsh --help", ["COLUMNS": "80"]).output
    #expect(help.contains("the prompt, in DIR or the nearest workspace\n"))
    #expect(help.contains("the same for any file; - is standard input\n"))
  }

  @Test("`vcsh help COMMAND` and `vcsh COMMAND --help` show the command's page")
  func commandHelp() throws {
    for line in ["vcsh help eval", "vcsh eval --help", "vcsh eval -h"] {
      let result = try sh(line)
      #expect(result.status == 0 && result.output.hasPrefix("eval: "), "\(line): \(result.output.prefix(80))")
      #expect(result.output.contains("--metrics"))
    }
    #expect(try sh("vcsh help quantile").output.contains("quantile"))
    #expect(try sh("vcsh help demo").output.contains("Make a demo workspace"))
    let unknown = try sh("vcsh help evall")
    #expect(unknown.status != 0 && unknown.errors.contains("did you mean `eval`?"), "\(unknown.errors)")
  }

  @Test("A limit on the size of files is an error of one command, and the entry says so")
  func fileSizeLimit() throws {
    let text = "print before; for i in range(9000) { print \"a line that is long enough to fill it ${$i}\" }"
    let result = try sh("ulimit -f 600; vcsh -c '\(text)' > big.txt; echo $? >&2")
    #expect(result.errors.contains("File too large"))
    #expect(result.errors.hasSuffix("1\n"))
    #expect(try sh("vcsh --csv -c 'history 2 | select status'").output == "status\ninterrupted\nrunning\n")
  }

  @Test("Few file descriptors are an error in words, and never end the program with a signal", arguments: 6...16)
  func fewDescriptors(_ count: Int) throws {
    let line = "let t = [{a: 1}]; print $t; $t | plot a --save few.svg"
    let result = try sh("ulimit -n \(count); exec vcsh -c '\(line)'")
    #expect(result.status == 0 || result.status == 1, "\(result)")
    #expect(result.status == 0 || result.errors.contains("open"), "\(result)")
    #expect(count > 10 || result.status == 1)
  }

  @Test("A small limit on the address space is told, and OpenBLAS does not wait for memory for ever")
  func addressSpace() throws {
    #expect(try sh("ulimit -v 262144; timeout 20 vcsh -c 'print 1'").output == "1\n")
    let result = try sh("ulimit -v 160000; timeout 20 vcsh -c 'print 1'")
    #expect(result.status == 1 && result.errors.contains("the limit on address space (ulimit -v) is too small"))
  }

  @Test("A reader that goes away ends the run with 141, and no further entry runs")
  func readerGone() throws {
    let result = try sh(
      "(vcsh -c 'for i in range(1, 3000) { print $i }; print after; let x = 1'; echo $? >&2) | head -n 1")
    #expect(result.output == "1\n")
    #expect(result.errors == "141\n")
    #expect(
      try sh("vcsh --csv -c 'history 3 | select status command'").output.hasPrefix(
        "status,command\ninterrupted,\"for i in range(1, 3000) { print $i }\"\n"))
  }

  @Test("Without a terminal, a home or an environment it runs the same")
  func bare() throws {
    #expect(try sh("env -i setsid -w \"$(command -v vcsh)\" -c 'print (1 + 1)' </dev/null").output == "2\n")
    let missing = try sh("env -i HOME= \"$(command -v vcsh)\" -c 'open ~/nosuch'")
    #expect(missing.status == 1)
    #expect(missing.errors.contains("no such file"))
  }

  @Test(
    "No colour with NO_COLOR, on a dumb terminal or without TERM",
    arguments: [["NO_COLOR": "1"], ["TERM": "dumb"], ["TERM": ""]])
  func noColour(environment: [String: String]) throws {
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", workspace, "-c", "print shown; show nosuch"], environment: environment, folder: workspace)
    #expect(terminal.waitForExit() == 1)
    #expect(terminal.screenText.contains("error: no object named"))
    #expect(!terminal.transcript.contains(0x1b))
  }

  @Test("In batch a terminal that shows ASCII alone gets ASCII; files are UTF-8 all the same")
  func asciiTerminal() throws {
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", workspace, "-c", "history 3 | select command | save \(workspace)/é.md"],
      environment: ["LC_ALL": "C"], folder: workspace)
    #expect(terminal.waitForExit() == 0)
    #expect(terminal.screenText.contains("-------"))
    #expect(!terminal.screenText.contains("─"))
    #expect(try String(contentsOfFile: workspace + "/é.md", encoding: .utf8).contains("é.md"))
  }

  @Test("With --json what goes wrong around the entries is an object, too")
  func jsonAround() throws {
    for (line, status) in [
      ("vcsh --json -f nowhere.vc", 1), ("vcsh --json -w nowhere -c ls", 1),
      ("printf 'param n: int = 1\\nprint $n' | vcsh --json -f - --n many", 2),
    ] as [(String, Int32)] {
      let result = try sh(line)
      #expect(result.status == status)
      let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      #expect(object?["entry"] as? Int == 0)
      #expect(object?["status"] as? String == "failed")
    }
  }
}
