import Base
import Foundation
import TestSupport
import Testing

@Suite("Recording")
struct RecordSessionTests {
  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test("What succeeds between begin and end is in the recipe, after every entry")
  func recorded() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/r.vc"
    try shell.run("let before = 1; record \(path); let n = 3; print $n")
    #expect(try text(path).hasSuffix("\n\nlet n = 3\nprint $n\n"))
    _ = try shell.failure("assert $n == 4")
    try shell.run("history 1\nif $n > 2 {\n  print \"yes\"\n}\nrecord --stop; print after")
    let recipe = try text(path)
    #expect(recipe.hasPrefix("vcsh 1\n# Recorded in the vcsh session "))
    #expect(recipe.hasSuffix("\n\nlet n = 3\nprint $n\nif $n > 2 {\n  print \"yes\"\n}\n"))
  }

  @Test("What was undone is taken out again")
  func undone() throws {
    let shell = try Shell()
    let path = shell.folder + "/r.vc"
    try shell.run("record \(path); rename nova other; undo; rename nova another")
    #expect(try text(path).hasSuffix("\n\nrename nova another\n"))
  }

  @Test("A file that is there stays, one recipe is recorded at a time, and there must be one to stop")
  func refused() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/r.vc"
    #expect(try shell.failure("record --stop").message == "no recording is running")
    try Data("mine".utf8).write(to: URL(filePath: path))
    #expect(try shell.failure("record \(path)").kind == .conflict)
    #expect(try text(path) == "mine")
    try shell.run("record \(path) --replace")
    #expect(try shell.failure("record \(shell.folder)/s.vc").kind == .conflict)
    #expect(try shell.run("record") == .string("recording to \(path)"))
    #expect(try shell.failure("record /nowhere/at/all.vc").kind == .conflict)
  }
}
