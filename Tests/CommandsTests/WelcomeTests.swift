import Shell
import Testing

@Suite("What the prompt says at its start")
struct WelcomeTests {
  @Test("The command to try names a twin and a recording that fit, and it runs")
  func advice() throws {
    let shell = try Shell()
    // `nova` is a session that the twin has no head for.
    let line = try #require(Welcome(shell.session).lines.last)
    #expect(line.hasPrefix("try `eval twin on sim/"))
    let command = line.split(separator: "`")[1]
    #expect(try shell.table(String(command)).rowCount == 16)
  }

  @Test("Without a pair that fits, it leads to an object and to what is missing; without objects, to open")
  func nothingFits() throws {
    let empty = try Shell(opened: false)
    #expect(Welcome(empty.session).lines.last?.hasPrefix("`open PATH as NAME` reads") == true)
    try empty.run("open \(Shell.template)/checkpoints/twin.ckpt as twin")
    try empty.run("open \(Shell.template)/recordings/Nova_2025-02-03 as nova")
    #expect(Welcome(empty.session).lines.last?.hasPrefix("try `show nova`") == true)
  }
}
