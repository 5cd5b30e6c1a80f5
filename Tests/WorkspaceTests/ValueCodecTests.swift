import Base
import Testing
import Workspace

@Suite("Stored values")
struct ValueCodecTests {
  static let values: [Value] = [
    .null, .bool(true), .int(-3), .double(0.1), .double(.infinity), .string("ä\n\"x\""), .list([.int(1), .null]),
    .record(Record([("b", .int(1)), ("a", .list([]))])),
    .table(
      Table(
        [
          Column("cid", [1, nil] as [Int?]), Column("rate_hz", [0.5, nil] as [Double?], unit: "Hz"),
          Column("reason", [nil, "no spikes"]), Column("converged", [true, nil] as [Bool?]),
        ], note: "two cells")),
    .report(
      Report(
        "cell 1",
        [
          .init("fields", .fields(Record([("cid", .int(1))]))), .init("lines", .lines(["a", "b"])),
          .init("table", .table(Table([Column("x", [1] as [Int?])]))),
          .init(
            "figure",
            .figure(
              Figure(
                "f", xLabel: "s", yLabel: "Hz", series: [.init("observed", x: [0, 1], y: [1, 2], style: .bars)],
                map: .init(rows: 1, columns: 2, values: [0, 1], outline: [(x: 0.5, y: 0.25)])))),
        ])),
  ]

  @Test("Every kind of value comes back as it was", arguments: values)
  func roundTrip(value: Value) throws {
    #expect(try ValueCodec.decode(ValueCodec.encode(value)) == value)
  }

  @Test("The same value is the same bytes: results are kept by content", arguments: values)
  func stableBytes(value: Value) throws {
    #expect(try ValueCodec.encode(value) == ValueCodec.encode(value))
  }

  @Test(
    "The stored form names the kind: its bytes are those of every version of vcsh",
    arguments: [
      (Value.null, #"{"null":{}}"#), (.bool(true), #"{"bool":{"_0":true}}"#), (.int(-3), #"{"int":{"_0":-3}}"#),
      (.double(0.1), #"{"double":{"_0":0.1}}"#), (.double(.infinity), #"{"double":{"_0":"inf"}}"#),
      (.string("ä/"), #"{"string":{"_0":"ä/"}}"#),
      (.list([.int(1), .null]), #"{"list":{"_0":[{"int":{"_0":1}},{"null":{}}]}}"#),
      (
        .record(Record([("b", .int(1)), ("a", .list([]))])),
        #"{"record":{"_0":[{"name":"b","value":{"int":{"_0":1}}},{"name":"a","value":{"list":{"_0":[]}}}]}}"#
      ),
      (
        .table(Table([Column("x", [1, nil] as [Int?])])),
        #"{"table":{"columns":[{"int":[1,null],"name":"x"}]}}"#
      ),
      (
        .table(Table([Column("x", [0.5] as [Double?], unit: "Hz")], note: "n")),
        #"{"table":{"columns":[{"double":[0.5],"name":"x","unit":"Hz"}],"note":"n"}}"#
      ),
      (
        .report(Report("t", [.init("h", .lines(["a"]))])),
        #"{"report":{"sections":[{"heading":"h","lines":["a"]}],"title":"t"}}"#
      ),
    ])
  func storedForm(value: Value, form: String) throws {
    #expect(try String(decoding: ValueCodec.encode(value), as: UTF8.self) == form)
  }

  @Test("A figure's axes, names, map and note come back")
  func figureAxes() throws {
    var map = Figure.Map(rows: 1, columns: 2, values: [1, .infinity])
    map.xRange = 0...2
    map.yRange = -1...1
    map.columnNames = ["a", "b"]
    map.rowNames = ["c"]
    map.label = "rows"
    var figure = Figure("t", series: [.init("s", x: [0], y: [1], style: .bars)], map: map)
    figure.xIsLogarithmic = true
    figure.yIsLogarithmic = true
    figure.hasDiagonal = true
    figure.xNames = ["only"]
    figure.note = "2 rows"
    let value = Value.report(Report("", [.init("", .figure(figure))]))
    #expect(try ValueCodec.decode(ValueCodec.encode(value)) == value)
  }
}
