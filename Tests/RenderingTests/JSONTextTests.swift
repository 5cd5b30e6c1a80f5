import Base
import Foundation
import Rendering
import Testing

@Suite struct JSONTextTests {
  private func parsed(_ value: Value) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(JSONText.encode(value).utf8), options: .fragmentsAllowed)
  }

  @Test("A table is a list of records on one line")
  func aTableIsAListOfRecordsOnOneLine() {
    let table = Table([Column("cid", [1, 2]), Column("r", [0.5, Double.nan]), Column("reason", [nil, "constant"])])
    #expect(
      JSONText.encode(.table(table))
        == #"[{"cid": 1, "r": 0.5, "reason": null}, {"cid": 2, "r": null, "reason": "constant"}]"#)
  }

  @Test("Undefined numbers are null")
  func undefinedNumbersAreNull() {
    #expect(JSONText.encode(.list([.double(.nan), .double(.infinity), .double(-.infinity)])) == "[null, null, null]")
  }

  @Test(
    "Floats read back the same",
    arguments: [0.1, 1e-5, 1e16, .leastNonzeroMagnitude, 1.7976931348623157e308, -2.5, 1.0 / 3, 123_456_789.125])
  func floatsReadBackTheSame(_ value: Double) throws {
    #expect(Double(JSONText.encode(.double(value))) == value)
    #expect(try #require(try parsed(.list([.double(value)])) as? [Double]) == [value])
  }

  @Test(
    "Strings read back the same",
    arguments: ["plain", "quote \" back \\ slash /", "line\nfeed\ttab\r\u{0}\u{1f}", "naïve 日本 👩‍🔬", "\u{2028}", ""])
  func stringsReadBackTheSame(_ text: String) throws {
    #expect(try #require(try parsed(.record(Record([(text, .string(text))]))) as? [String: String]) == [text: text])
    #expect(!JSONText.encode(.string(text)).contains("\n"))
  }

  @Test("Nested values read back the same")
  func nestedValuesReadBackTheSame() throws {
    let value = Value.record(
      Record([("a", .list([.int(1), .bool(true), .null])), ("b", .record(Record([("c", .double(2.5))])))]))
    let object = try #require(try parsed(value) as? NSDictionary)
    #expect(object == ["a": [1, true, NSNull()], "b": ["c": 2.5]] as NSDictionary)
  }

  @Test("A report keeps its sections")
  func aReportKeepsItsSections() throws {
    let figure = Figure(
      "f", xLabel: "time", yLabel: "Hz", series: [.init("obs", x: [0, 1], y: [2, .nan], style: .steps)],
      map: .init(rows: 1, columns: 2, values: [0, 1], outline: [(x: 0.5, y: 0)]))
    let report = Report(
      "r",
      [
        .init("one", .fields(Record([("a", .int(1))]))), .init("two", .table(Table([Column("x", [1])]))),
        .init("three", .lines(["l"])), .init("four", .figure(figure)),
      ])
    #expect(
      JSONText.encode(.report(report))
        == #"{"title": "r", "sections": [{"heading": "one", "fields": {"a": 1}}, "#
        + #"{"heading": "two", "table": [{"x": 1}]}, {"heading": "three", "lines": ["l"]}, "#
        + #"{"heading": "four", "figure": {"title": "f", "x_label": "time", "y_label": "Hz", "#
        + #""series": [{"name": "obs", "style": "steps", "x": [0.0, 1.0], "y": [2.0, null]}], "#
        + #""map": {"rows": 1, "columns": 2, "values": [0.0, 1.0], "outline": [[0.5, 0.0]]}}}]}"#)
    #expect(try parsed(.report(report)) is NSDictionary)
  }

  @Test("JSON lines have one record per line")
  func linesOfJSONAreOneARecord() {
    let renderer = Renderer(.batch(.jsonl))
    #expect(renderer.render(.table(Table([Column("a", [1, 2])]))) == "{\"a\": 1}\n{\"a\": 2}\n")
    #expect(renderer.render(.null) == "")
  }

  @Test("A successful entry contains its result")
  func anEntryThatWorkedCarriesItsResult() {
    #expect(
      JSONEntry.ok(entry: 3, command: "show \"x\"", result: .int(1))
        == #"{"entry": 3, "command": "show \"x\"", "status": "ok", "result": 1}"# + "\n")
  }

  @Test("A failed entry contains its error")
  func anEntryThatFailedCarriesItsError() {
    let failure = Failure(
      .missing, "no cell 7", hint: "`neurons` lists them", span: SourceSpan(source: "a.vc", line: 2, column: 5))
    #expect(
      JSONEntry.failed(entry: 4, command: "neuron twin 7", failure: failure)
        == #"{"entry": 4, "command": "neuron twin 7", "status": "failed", "error": {"kind": "missing", "#
        + #""message": "no cell 7", "line": 2, "column": 5, "hint": "`neurons` lists them"}}"# + "\n")
    #expect(JSONEntry.failed(entry: 1, command: "", failure: Failure(.system, "m")).contains(#""line": null"#))
  }
}
