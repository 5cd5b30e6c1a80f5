import Base
import Foundation
import Language
import Testing

@Suite struct SourceTests {
  let host = FakeHost()

  private func parse(_ text: String, name: String = "main.vc", _ files: [String: String]) throws -> Program {
    try Parser.parse(SourceText(text, name: name), signatures: host.signatures, files: SourceFiles(files))
  }

  private func failure(_ text: String, name: String = "main.vc", _ files: [String: String]) -> Failure? {
    do {
      return Checker(signatures: host.signatures).check(try parse(text, name: name, files)).first
    } catch {
      return error as? Failure
    }
  }

  private func run(_ program: Program) throws -> [Value] {
    let interpreter = Interpreter(host: host)
    return try program.statements.map { try interpreter.run($0) }.filter { $0 != .null }
  }

  @Test("The definitions, variables and parameters of a sourced file exist")
  func definitionsVariablesAndParametersOfAFileAreThere() throws {
    let lib = "vcsh 1\nparam n: int = 2 \"How many\"\nlet who = 'nova'\ndef top() { cells | head $n }\n"
    let program = try parse("source lib.vc\ntop | where session == $who", ["lib.vc": lib])
    #expect(Checker(signatures: host.signatures).check(program).isEmpty)
    #expect(program.parameters.map(\.name) == ["n"])
    guard case .table(let table)? = try run(program).last else { throw Failure(.mismatch, "no table") }
    #expect(table.rowCount == 2)
  }

  @Test("Paths are relative to the file that sources them")
  func pathsAreRelativeToTheFileThatSources() throws {
    let program = try parse(
      "source lib/a.vc\n$b", name: "recipes/main.vc",
      ["recipes/lib/a.vc": "source b.vc", "recipes/lib/b.vc": "let b = 3"])
    #expect(try run(program) == [.int(3)])
  }

  @Test("A file that several files source is read once")
  func aFileThatSeveralFilesSourceIsReadOnce() throws {
    let program = try parse(
      "source a.vc\nsource b.vc\n$n",
      ["a.vc": "source c.vc", "b.vc": "source ./c.vc\nlet n = $n + 1", "c.vc": "param x = 3\nlet n = 1"])
    #expect(Checker(signatures: host.signatures).check(program).isEmpty)
    #expect(try run(program) == [.int(2)])
  }

  @Test("Files that source themselves are refused")
  func circlesAreRefused() {
    let own = failure("source main.vc", ["main.vc": ""])
    #expect(own?.message == "main.vc sources itself")
    let circle = failure("source a.vc", ["a.vc": "\nsource b.vc", "b.vc": "let x = 1\n source a.vc"])
    #expect(circle?.message == "a.vc sources itself, through b.vc")
    #expect(circle?.span?.description == "b.vc:2:9")
  }

  @Test("Failures have their place in the sourced file")
  func failuresHaveTheirPlaceInTheFile() {
    #expect(failure("source a.vc", ["a.vc": "let x = 1\nlet y = (2"])?.span?.description == "a.vc:2:9")
    #expect(failure("source a.vc", ["a.vc": "\n  cells | sort bts"])?.span?.description == "a.vc:2:16")
    #expect(failure("let z = 1\nsource nosuch.vc", [:])?.span?.description == "main.vc:2:8")
    #expect(
      failure("source a.vc", ["a.vc": "vcsh 2"])?.description == """
        a.vc:1:1: unknown language version 2 (this vcsh supports version 1)
        """)
  }

  @Test("Failures in a definition have their place in its file")
  func failuresWhileADefinitionRunsHaveTheirPlaceInItsFile() throws {
    let program = try parse("source a.vc\nbroken", ["a.vc": "def broken() {\n  fail\n}"])
    do {
      _ = try run(program)
      Issue.record("no failure")
    } catch let failure as Failure {
      #expect(failure.span?.description == "a.vc:2:3")
    }
  }

  @Test("Results of a sourced file are shown in order")
  func whatAFileShowsComesInOrder() throws {
    let program = try parse("source a.vc", ["a.vc": "echo 1\nfor i in [2] { echo $i }\necho 3"])
    let interpreter = Interpreter(host: host)
    var shown: [Value] = []
    interpreter.onBlockValue = { value, _ in if value != .null { shown.append(value) } }
    _ = try interpreter.run(program.statements[0])
    #expect(shown == [.int(1), .int(2), .int(3)])
  }

  @Test("Long chains of files that source each other are a failure")
  func longChainsOfFilesAreAFailure() {
    var files: [String: String] = [:]
    for number in 0..<100 { files["\(number).vc"] = "source \(number + 1).vc" }
    #expect(failure("source 0.vc", files)?.message.contains("levels deep") == true)
  }

  @Test("Files are read from disk; what is not UTF-8 text, a folder and a device are refused")
  func filesOfTheDiskAreRead() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("let x = 4\r\n".utf8).write(to: folder.appending(path: "a b.vc"))
    try Data([0xff, 0xfe, 0x41]).write(to: folder.appending(path: "binary.vc"))
    func parse(_ text: String) throws -> Program {
      let main = SourceText(text, name: folder.path + "/main.vc")
      return try Parser.parse(main, signatures: host.signatures, files: SourceFiles())
    }
    #expect(try run(parse("source 'a b.vc'\n$x")) == [.int(4)])
    let binary = #expect(throws: Failure.self) { try parse("source binary.vc") }
    #expect(binary?.message.hasSuffix("/binary.vc is not UTF-8 text") == true, "\(binary?.message ?? "")")
    let parent = #expect(throws: Failure.self) { try parse("source .") }
    #expect(parent?.message.hasSuffix(": a file is needed, not a folder") == true, "\(parent?.message ?? "")")
    let device = #expect(throws: Failure.self) { try parse("source /dev/zero") }
    #expect(device?.message == "/dev/zero: a file is needed, not a device")
  }
}
