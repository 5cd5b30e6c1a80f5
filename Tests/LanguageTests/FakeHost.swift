import Base
import Language

/// A few commands that need no workspace.
final class FakeHost: CommandHost {
  static let cells = Table([
    Column("cid", [1, 2, 3, 4]),
    Column("session", ["nova", "nova", "sim", "sim"]),
    Column("bits", [0.5, nil, 0.05, 0.25] as [Double?], unit: "bits/spike"),
    Column("reason", [nil, "no_spikes", nil, nil]),
  ])

  let signatures = SignatureTable([
    Signature("cells", in: "tests", "A table of four cells").flag("split", .choice(["train", "val", "all"]), "Split")
      .returns(
        .table([
          ColumnSignature("cid", "int"), ColumnSignature("session", "string"),
          ColumnSignature("bits", "float", unit: "bits/spike"),
          ColumnSignature("reason", "string"),
        ])),
    Signature("eval", in: "tests", "Takes a keyword")
      .argument("twin", .object(kinds: ["twin"]), "Twin").argument("on", .stimulus, "Stimulus", keyword: "on")
      .flag("split", .choice(["train", "val", "all"]), default: .string("val"), "Split")
      .flag("in-sample", "All of it").flag("l2", .float, "Penalty").flag("starts", .int, "Starts"),
    Signature("echo", in: "tests", "Gives back its values").argument("values", .value, "Values", repeating: true)
      .takes(.any).returns(.any),
    Signature("where", in: "tests", "Rows that hold").argument("predicate", .rowExpression, "Predicate")
      .takes(.table).returns(.input),
    Signature("summarize", in: "tests", "Over rows")
      .argument("expressions", .rowExpression, "What", repeating: true)
      .argument("by", .column, "Groups", keyword: "by", optional: true, repeating: true).takes(.any)
      .returns(.summary(of: "expressions", by: "by")),
    Signature("sort", in: "tests", "In order").argument("columns", .column, "Columns", repeating: true)
      .flag("reverse", "Largest first").takes(.table).returns(.input),
    Signature("select", in: "tests", "Columns").argument("columns", .column, "Columns", repeating: true)
      .takes(.table).returns(.selected(by: "columns")),
    Signature("head", in: "tests", "First rows").argument("count", .int, "Rows", optional: true)
      .takes(.table).returns(.input),
    Signature("open", in: "tests", "A file").argument("path", .path, "File")
      .argument("as", .newName, "Name", keyword: "as", optional: true).names("as", always: true),
    Signature("drop", in: "tests", "Takes names away").argument("names", .object(kinds: []), "Names", repeating: true)
      .removesNames("names"),
    Signature("move", in: "tests", "Another name").argument("from", .object(kinds: []), "Old")
      .argument("to", .newName, "New").removesNames("from"),
    Signature("renamed", in: "tests", "A column under another name").argument("from", .object(kinds: []), "Old")
      .argument("to", .newName, "New", keyword: "to").takes(.any).returns(.renamed(from: "from", to: "to")),
    Signature("group", in: "tests", "Marks groups").argument("columns", .column, "Columns", repeating: true)
      .takes(.table).returns(.grouped(by: "columns")),
    Signature("count", in: "tests", "Counts").argument("columns", .column, "Columns", optional: true, repeating: true)
      .takes(.table).returns(.counted(by: "columns")),
    Signature("join", in: "tests", "Side by side").argument("table", .value, "Other")
      .argument("on", .column, "Keys", keyword: "on", repeating: true).takes(.table)
      .returns(.joined(with: "table", on: "on")),
    Signature("say", in: "tests", "A message").argument("values", .value, "Values", repeating: true).returns(.value)
      .returnsMessage(),
    Signature("watch", in: "tests", "Flags that belong to others").flag("fast", .string, "One")
      .flag("every", of: "fast", written: "every", .int, default: .int(3), "Of one").flag("slow", .string, "Other")
      .flag("slow-every", of: "slow", written: "every", .int, default: .int(12), "Of the other")
      .flag("minutes", .float, "Time"),
    Signature("sql", in: "tests", "A query").argument("query", .raw, "Query"),
    Signature("fail", in: "tests", "Fails"),
  ])

  /// The calls so far.
  private(set) var calls: [Call] = []
  /// What went to files, by path.
  private(set) var written: [String: Value] = [:]

  func write(
    to path: String, of type: ResultType.Shape?, at span: SourceSpan, _ value: () throws -> Value
  ) throws {
    guard path != "nowhere" else { throw Failure(.missing, "no such place", span: span) }
    written[path] = try value()
  }

  func run(_ call: Call) throws -> Value {
    calls.append(call)
    switch call.signature.name {
    case "cells": return .table(Self.cells)
    case "echo", "say":
      guard case .list(let values)? = call.value("values") else { return call.input ?? .null }
      return values.count == 1 ? values[0] : .list(values)
    case "where": return .table(try TableOperations.filter(call.table(), where: call.rows("predicate")))
    case "sort":
      return .table(
        try TableOperations.sort(call.table(), by: call.strings("columns"), descending: call.isSet("reverse")))
    case "select": return .table(try TableOperations.select(call.table(), call.strings("columns")))
    case "summarize":
      return .table(
        try TableOperations.summarize(call.table(), call.rowExpressions("expressions"), by: call.strings("by")))
    case "head": return .table(try TableOperations.head(call.table(), call.optionalInt("count") ?? 10))
    case "open", "sql": return .string(try call.string(call.signature.name == "open" ? "path" : "query"))
    case "fail": throw Failure(.missing, "nothing here")
    default: return .null
    }
  }
}

/// A program run from its text; what its statements and blocks yielded, without nulls.
struct Run {
  let host = FakeHost()
  let interpreter: Interpreter

  init() { interpreter = Interpreter(host: host) }

  func parse(_ text: String) throws -> Program {
    try Parser.parse(SourceText(text, name: "test.vc"), signatures: interpreter.signatures)
  }

  @discardableResult
  func callAsFunction(_ text: String) throws -> [Value] {
    var results: [Value] = []
    interpreter.onBlockValue = { value, _ in if value != .null { results.append(value) } }
    for statement in try parse(text).statements {
      let value = try interpreter.run(statement)
      if value != .null { results.append(value) }
    }
    return results
  }

  /// The value of one expression.
  func value(_ text: String) throws -> Value { try self("(\(text))").first ?? .null }

  func check(_ text: String, known: Set<String> = []) throws -> [Failure] {
    Checker(signatures: host.signatures).check(try parse(text), knownVariables: known)
  }

  /// The failure of parsing or running.
  func failure(_ text: String) -> Failure? {
    do {
      try self(text)
      return nil
    } catch {
      return error as? Failure
    }
  }
}

/// The text with `^` under the failure's span.
func marked(_ text: String, _ failure: Failure?) -> String {
  guard let span = failure?.span else { return text + "\nno span" }
  let line = SourceText(text, name: "").line(span.line) ?? ""
  return line + "\n" + String(repeating: " ", count: span.column - 1) + String(repeating: "^", count: span.length)
}
