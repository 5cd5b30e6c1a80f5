import Base
import Grids
import Testing

@Suite("Command lines with placeholders")
struct CommandTemplateTests {
  @Test(
    "Placeholders get their values as single words of the shell; other braces stay",
    arguments: [
      ("run {name}", "run 'a b'"), ("run ${HOME} {1..3} {{name}}", "run ${HOME} {1..3} {name}"),
      ("{name}{n}", "'a b'7"), ("awk '{print $1}'", "awk '{print $1}'"),
    ])
  func filling(_ text: String, _ expected: String) throws {
    #expect(try CommandTemplate(text).filled(["name": "a b", "n": "7"]) == expected)
  }

  @Test("A value can't break out of its word", arguments: ["'; rm -rf / #", "$(id)", "`id`", "a\\", "-x", ""])
  func quoting(_ value: String) throws {
    let filled = try CommandTemplate("{v}").filled(["v": value])
    #expect(filled == (value == "-x" ? value : "'" + value.replacing("'", with: "'\\''") + "'"))
  }

  @Test("A placeholder without a value, and text that is not one line, are refused")
  func refusals() throws {
    let unknown = #expect(throws: Failure.self) { try CommandTemplate("{nam}").filled(["name": "a"]) }
    #expect(unknown?.hint == "did you mean `name`?")
    let lines = #expect(throws: Failure.self) { try CommandTemplate("a\nb") }
    #expect(lines?.message == "a command line of a job is one line")
    let empty = #expect(throws: Failure.self) { try CommandTemplate("  ") }
    #expect(empty?.message == "the command line is empty")
    let broken = #expect(throws: Failure.self) { try CommandTemplate("{v}").filled(["v": "a\nb"]) }
    #expect(broken?.message == "a value of {v} has a line break")
  }
}
