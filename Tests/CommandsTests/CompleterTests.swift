import Commands
import Testing

@Suite("Completion")
struct CompleterTests {
  let shell: Shell

  init() throws { shell = try Shell() }

  func complete(_ line: String) -> [String] {
    Completer(session: shell.session).complete(line, cursor: line.count).candidates
  }

  @Test(
    "Commands, flags, names, stimuli, choices and variables, by position",
    arguments: [
      ("cali", "calibrate"), ("eval tw", "twin"), ("eval twin on sim/ga", "sim/gaborium"),
      ("eval twin on sim/gaborium --sp", "--split"),
      ("eval twin on sim/gaborium --split tr", "train"), ("help ev", "eval"), ("freeze twin co", "core"),
      ("eval twin on sim/gaborium | wh", "where"), ("eval twin on sim/gaborium | where bits", "bits_per_spike"),
    ])
  func byPosition(line: String, wanted: String) {
    #expect(complete(line).contains(wanted))
  }

  @Test("Objects of the wrong kind are not offered")
  func kinds() {
    #expect(complete("eval ").contains("twin"))
    #expect(!complete("eval ").contains("sim"))
    #expect(complete("show ").contains("sim"))
  }

  @Test("Paths are offered where a path stands")
  func paths() {
    #expect(complete("open \(Shell.template)/check") == ["\(Shell.template)/checkpoints/"])
  }

  @Test("Variables are offered after a dollar sign")
  func variables() throws {
    try shell.run("let scores = [1, 2]")
    #expect(complete("print $sc") == ["scores"])
  }
}
