import Base
import Testing

@Suite("Tables and values")
struct TableTests {
  @Test("Loose values become the narrowest column that holds them")
  func collectsColumns() {
    #expect(Column("a", collecting: [.int(1), .null, .int(3)]).values == .int([1, nil, 3]))
    #expect(Column("a", collecting: [.int(1), .double(0.5)]).values == .double([1, 0.5]))
    #expect(Column("a", collecting: [.bool(true), .null]).values == .bool([true, nil]))
    #expect(Column("a", collecting: [.int(1), .string("x"), .null]).values == .string(["1", "x", nil]))
    #expect(Column("a", collecting: []).values == .double([]))
  }

  @Test("An undefined number is null, also where it is stored as NaN")
  func undefinedIsNull() {
    let column = Column("r", [0.5, .nan, nil] as [Double?])
    #expect((0..<3).map { column[$0] } == [.double(0.5), .null, .null])
    #expect(column.numbers == [0.5, nil, nil])
  }

  @Test("Rows are gathered in the order given, and the note stays")
  func gathersRows() {
    let table = Table([Column("cid", [1, 2, 3] as [Int?]), Column("name", ["a", "b", "c"])], note: "three cells")
    let picked = table.gathering([2, 0])
    #expect(picked["cid"]?.values == .int([3, 1]))
    #expect(picked["name"]?.values == .string(["c", "a"]))
    #expect(picked.note == "three cells")
    #expect(table.record(1) == Record([("cid", .int(2)), ("name", .string("b"))]))
  }

  @Test("A record keeps the order in which its fields were first set")
  func recordsKeepOrder() {
    var record = Record([("b", .int(1)), ("a", .int(2))])
    record["b"] = .int(3)
    record["c"] = .null
    record["a"] = nil
    #expect(record.names == ["b", "c"])
    #expect(record["b"] == .int(3))
  }
}
