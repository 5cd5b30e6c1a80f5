import Foundation
import TestSupport
import Testing

/// Escape sequences in every name, cell, note and text that a file or a user brings: on a terminal none arrives as such.
@Suite("Planted escape sequences")
struct PlantedEscapeTests {
  /// Sets the title, rings the bell, and paints in colours that vcsh has no use for.
  static let planted = "\u{1b}]0;PWNED\u{7}\u{1b}[95;41m"
  static let runs =
    ["table", "line", "csv", "tsv", "jsonl", "markdown"].map { ($0, "all.vc") }
    + ["f1.vc", "f2.vc", "f3.vc", "f4.vc", "r\(planted).vc"].map { ("table", $0) }

  let folder: String

  init() throws {
    folder = try Fixtures.temporaryFolder()
    let evil = Self.planted
    func write(_ text: String, _ name: String) throws {
      let url = URL(filePath: folder + "/" + name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    try write("a\(evil),b\nx\(evil)y,1\n\"z\(evil)\nq\",2\n", "t.csv")
    try write("a,b\n1,2\n", "d\(evil)/t.csv")
    try write("epoch,step,val_loss\(evil)\n0,9,0.5\n", "run\(evil)/metrics.csv")
    try write("sessions: [\"s\\e]0;PWNED\\a\\e[95;41m\"]\nsession_dir: s\nnote: \"\\e]0;PWNED\\a\"\n", "evil.yaml")
    try write("[{\"k\\u001b]0;PWNED\\u0007\": \"v\\u001b[95;41m\"}]", "j.json")
    try write("# comment \(evil)\nprint \"a\(evil)\"\nprint $nope\(evil)\n", "r\(evil).vc")
    let entries = """
      open t.csv as t
      show t
      let s = "v\(evil)"
      let r = {"k\(evil)": "x\(evil)"}
      let l = ["\(evil)", {a: "\(evil)"}]
      print $s
      print $r
      print $l
      snapshot s1 --note "n\(evil)"
      snapshots
      ls
      history
      lineage t
      status
      open j.json as j
      show j
      inspect j.json
      inspect evil.yaml
      def f(a) { print "\(evil)" }
      help f
      sql "SELECT '\(evil)' AS a, command FROM entries"
      open "d\(evil)/t.csv" as q
      lineage q
      open "run\(evil)" as runs
      show runs
      """
    try write(entries, "all.vc")
    // Each fails.
    try write("open evil.yaml as ev\n", "f1.vc")
    try write("open \"none\(evil)\"\n", "f2.vc")
    try write("print $s\(evil)\n", "f3.vc")
    try write("inspect t.csv\n", "f4.vc")
    try #require(try Program.run(["init", folder + "/w"]).status == 0)
  }

  private func check(_ transcript: [UInt8], _ what: String) {
    let text = String(decoding: transcript, as: UTF8.self)
    let isClean = ["\u{1b}]0", "PWNED\u{7}", "\u{1b}[95;41m"].allSatisfy { !text.contains($0) }
    #expect(isClean, "\(what): \(text.debugDescription)")
  }

  @Test("No output mode and no message lets one through", arguments: runs)
  func output(_ mode: String, _ recipe: String) throws {
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", folder + "/w", "--output", mode, "-f", recipe], folder: folder)
    let status = terminal.waitForExit()
    #expect((status == 0) == (recipe == "all.vc"), "\(terminal.screenText)")
    #expect(recipe != "all.vc" || terminal.screenText.contains("PWNED"), "\(terminal.screenText)")
    check(terminal.transcript, "\(mode) \(recipe)")
  }

  @Test("Completion, the history of lines and search at the prompt let none through")
  func prompt() throws {
    let terminal = try PseudoTerminal.spawn(
      Program.path, ["-w", folder + "/w"], environment: ["TERM": "xterm"], folder: folder)
    #expect(terminal.waitFor("vcsh>"))
    terminal.send("open d\t")
    #expect(terminal.waitFor("open 'd"))
    terminal.send("\u{15}inspect r\t\t")
    #expect(terminal.waitFor("PWNED"))
    terminal.send("\u{15}print \"\u{16}\u{1b}]0;PWNED\u{16}\u{7}\"\r")
    terminal.send("\u{1b}[A\u{15}\u{12}PWN\u{7}exit\r")
    _ = terminal.waitForExit()
    check(terminal.transcript, "prompt")
  }
}
