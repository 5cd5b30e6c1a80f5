import Base
import Help
import Testing

@Suite("Snapshot files of what examples print")
struct ExampleSnapshotTests {
  @Test("A file is read back as it was written, whatever the output looks like")
  func roundTrip() throws {
    let snapshot = ExampleSnapshot([
      .init(command: "ls", output: "name  kind\n\n  indented\n> like a command\n… 3 more lines"),
      .init(command: "drop a", output: ""),
      .init(command: "drop b", output: ""),
      .init(command: "let x = (\n  1 + 2)\n$x", output: "\nafter an empty line\n\u{301}mark"),
    ])
    #expect(try ExampleSnapshot(reading: snapshot.text, name: "x") == snapshot)
    #expect(try ExampleSnapshot(reading: "", name: "x") == ExampleSnapshot([]))
  }

  @Test("It reads like a session")
  func form() {
    let snapshot = ExampleSnapshot([
      .init(command: "count twin", output: "n\n\n3"), .init(command: "drop a", output: ""),
    ])
    #expect(snapshot.text == "> count twin\n  n\n\n  3\n\n> drop a\n")
    #expect(snapshot.output(of: "drop a")?.isEmpty == true)
    #expect(snapshot.output(of: "drop b") == nil)
  }

  @Test("A line that is neither command nor output is named", arguments: [("> ls\nname\n", 2), ("\n  name\n", 2)])
  func damage(text: String, line: Int) {
    let failure = #expect(throws: Failure.self) { try ExampleSnapshot(reading: text, name: "docs/examples/ls.txt") }
    #expect(failure?.kind == .format)
    #expect(failure?.message.hasPrefix("docs/examples/ls.txt:\(line): ") == true)
  }
}
