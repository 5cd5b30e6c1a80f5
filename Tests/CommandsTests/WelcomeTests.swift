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

  @Test("What there is one of is in the singular")
  func singular() throws {
    let shell = try Shell()
    try shell.run("predict twin on sim/fixrsvp as p")
    for name in ["a", "b", "c", "d", "e", "f"] { try shell.run("let \(name) = 1") }
    let lines = Welcome(shell.session).lines.joined(separator: "\n")
    #expect(lines.contains("1 set of predictions") && lines.contains("$e and 1 more variable"), "\(lines)")
    #expect(!lines.contains("variables"))
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
