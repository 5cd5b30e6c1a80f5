import Base
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Exported sessions")
struct SessionExportTests {
  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test("What was done is told from what is stored: outputs, failures, files with their fingerprints")
  func told() throws {
    let shell = try Shell()
    let page = shell.folder + "/x.html"
    try shell.run("let s = eval twin on sim/gaborium; $s | where cid == 3; $s | plot rate_hz r")
    _ = try shell.failure("eval twin on sim/gaborium --head 9")
    try shell.run("$s | head 2 > \(shell.folder)/two.csv; for i in [1, 2] { print $i }; export session \(page)")
    let html = try text(page)
    for words in [
      "id=\"entry-1\"", "id=\"entry-9\"", "<svg", "r against rate_hz", "`twin` has no head 9", "two.csv</td>",
      "checkpoints/twin.ckpt", "what a block shows is not kept", "9 entries, 1 failed", "workspace ws",
    ] { #expect(html.contains(words), "\(words)") }
    #expect(!html.contains("export session"))
  }

  @Test(
    "Two exports of a session are the same to the byte, by whichever name it is called",
    arguments: ["html", "md", "ipynb"])
  func stable(_ ending: String) throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium | head 3; neuron twin 3 on sim/gaborium")
    try shell.run("export session \(shell.folder)/a.\(ending); export session \(shell.folder)/b.\(ending)")
    #expect(try text(shell.folder + "/a.\(ending)") == text(shell.folder + "/b.\(ending)"))
    let id = shell.session.workspace.session.prefix(6)
    try shell.run("export session \(shell.folder)/c.\(ending) --session \(id)")
    #expect(try text(shell.folder + "/a.\(ending)") == text(shell.folder + "/c.\(ending)"))
  }

  @Test("--entries chooses; what is missing, another ending, or flags for something else are refused")
  func chosen() throws {
    let shell = try Shell()
    let path = shell.folder + "/x.md"
    try shell.run("print one; print two; print three; export session \(path) --entries 4,6")
    let markdown = try text(path)
    #expect(markdown.contains("print one") && markdown.contains("print three") && !markdown.contains("print two"))
    #expect(try shell.failure("export session \(path) --entries 99").message == "no entry 99")
    #expect(try shell.failure("export session x.csv").hint == "use .html .md .ipynb")
    #expect(try shell.failure("export session").kind == .usage)
    #expect(
      try shell.failure("let s = ls; export $s \(shell.folder)/s.csv --entries 1").message.contains("--entries is for"))
  }

  @Test("An object that is called session is still exported by its name")
  func named() throws {
    let shell = try Shell()
    try shell.run("eval twin on sim/gaborium as session; export session \(shell.folder)/s.csv")
    #expect(try text(shell.folder + "/s.csv").hasPrefix("cid,"))
  }

  @Test("A result that is damaged is said to be, and the rest is told")
  func damaged() throws {
    let shell = try Shell(opened: false)
    try shell.run("print one; print two")
    let digest = try #require(try shell.session.workspace.entry(1).result)
    try Data("{}".utf8).write(to: URL(filePath: shell.session.workspace.objects.path(of: digest)))
    try shell.run("export session \(shell.folder)/x.md")
    let markdown = try text(shell.folder + "/x.md")
    #expect(markdown.contains("its result can't be shown") && markdown.contains("\ntwo\n"))
  }
}
