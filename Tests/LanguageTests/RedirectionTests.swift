import Base
import Language
import Testing

@Suite("Results in files")
struct RedirectionTests {
  private let host = FakeHost()

  private func parse(_ text: String) throws -> Program {
    try Parser.parse(SourceText(text, name: "r.vc"), signatures: host.signatures)
  }

  @discardableResult
  private func run(_ text: String) throws -> Value {
    let interpreter = Interpreter(host: host)
    var value = Value.null
    for statement in try parse(text).statements { value = try interpreter.run(statement) }
    return value
  }

  private func failure(_ text: String) -> Failure? { #expect(throws: Failure.self) { try run(text) } }

  @Test(
    "A command line's result goes to the file, and nothing is shown", arguments: ["> x.csv", ">x.csv", "> 'x.csv'"])
  func written(_ target: String) throws {
    #expect(try run("echo 3 \(target)") == .null)
    #expect(host.written == ["x.csv": .int(3)])
  }

  @Test("The whole command line's result goes to the file, also inside blocks, and its name can contain variables")
  func lines() throws {
    try run("let n = 'a'\nfor i in [1, 2] { cells | where bits > 0.1 | head $i > \"${n}_$i.csv\" }")
    #expect(host.written.keys.sorted() == ["a_1.csv", "a_2.csv"])
    #expect(host.written["a_2.csv"] != host.written["a_1.csv"])
  }

  @Test("After where, and in brackets, `>` compares")
  func compares() throws {
    guard case .table(let table) = try run("cells | where bits > 0.1") else {
      Issue.record("no table")
      return
    }
    #expect(table.rowCount == 2)
    #expect(try run("if (echo 4) > 3 { echo yes > y.txt }") == .null)
    #expect(host.written["y.txt"] == .string("yes"))
    #expect(try run("(echo 4) > 3") == .bool(true))
  }

  @Test("`> FILE` is possible where a result would be shown, and nowhere else")
  func refused() throws {
    for text in ["let x = echo 3 > f", "if echo 3 > 2 { }", "echo (echo 3 > f)", "assert echo 3 > 2"] {
      let failure = failure(text)
      #expect(failure?.kind == .usage && failure?.message.contains("`>`") == true, "\(text)")
      #expect(failure?.hint?.contains("> FILE") == true, "\(text)")
    }
    #expect(failure("echo 3 >")?.message.contains("where a file is expected after `>`") == true)
    #expect(failure("echo 3 > a b")?.kind == .usage)
  }

  @Test("If the file can't be written, nothing runs")
  func nowhere() throws {
    let failure = failure("echo 3 > nowhere")
    #expect(failure?.message == "no such place" && failure?.span?.column == 10)
    #expect(host.calls.isEmpty)
  }

  @Test("The printer writes `> FILE` unchanged")
  func printed() throws {
    let program = try parse("cells | head 2 > \"a b.csv\"\necho 3 > ${n}.csv")
    #expect(Printer.print(program).hasPrefix("cells | head 2 > \"a b.csv\"\n"))
    #expect(try parse(Printer.print(program)) == program)
  }

  @Test("After `>`, completion expects a file")
  func completed() throws {
    for text in ["cells | head 2 > sc", "echo 3 > sc"] {
      let context = CursorContext.at(text, cursor: text.count, signatures: host.signatures)
      let isPath = if case .value(.path, _, _) = context.expectation { true } else { false }
      #expect(isPath, "\(text): \(context.expectation)")
      #expect(context.prefix == "sc")
    }
  }
}
