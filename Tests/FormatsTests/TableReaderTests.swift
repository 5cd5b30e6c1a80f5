import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Tables in files")
struct TableReaderTests {
  private func csv(_ text: String, isTabbed: Bool = false) throws -> Table {
    try SeparatedTableReader.table(text: text, name: "t.csv", isTabbed: isTabbed)
  }

  @Test("Columns get the narrowest type that holds their entries; empty entries are undefined")
  func types() throws {
    let table = try csv("cid,r,ok,area\n1,0.5,true,V1\n2,,false,\"V2, deep\"\n3,nan,,\"\"\n")
    #expect(table["cid"] == Column("cid", [1, 2, 3]))
    #expect(table["r"] == Column("r", [0.5, nil, nil]))
    #expect(table["ok"] == Column("ok", [true, false, nil]))
    #expect(table["area"] == Column("area", ["V1", "V2, deep", ""]))
  }

  @Test("Infinite numbers are undefined, and the note counts them")
  func infinite() throws {
    let table = try csv("a,b,c\ninf,1,-inf\n1e400,2,inf x\n0.5,3,\n")
    #expect(table["a"] == Column("a", [nil, nil, 0.5]))
    #expect(table["c"] == Column("c", ["-inf", "inf x", nil]))
    #expect(table.note == "2 infinite numbers became null")
    let records = try #require(try json("[{\"a\": 1.5}, {\"a\": -Infinity}, {\"a\": NaN}]"))
    #expect(records["a"] == Column("a", [1.5, nil, nil]))
    #expect(records.note == "1 infinite number became null")
  }

  @Test("Windows line ends, a byte order mark, semicolons and a missing last line end are read")
  func dialects() throws {
    let plain = try csv("a,b\n1,x\n2,y\n")
    #expect(try csv("\u{feff}a,b\r\n1,x\r\n2,y") == plain)
    #expect(try csv("a;b\n1;x\n2;y\n") == plain)
    #expect(try csv("a\tb\n1\tx\n2\ty\n", isTabbed: true) == plain)
    #expect(try csv("a,b\n1,\"x\"\n\n2,y\n\n") == plain)
  }

  @Test("Line ends of the old Mac, Excel's first line, and another separator than the ending tells are read")
  func otherDialects() throws {
    let plain = try csv("a,b\n1,x\n2,y\n")
    #expect(try csv("a,b\r1,x\r2,y\r") == plain)
    #expect(try csv("sep=;\r\na;b\r\n1;x\r\n2;y\r\n").columns == plain.columns)
    let tabs = try csv("a\tb\n1\tx\n2\ty\n")
    #expect(tabs.columns == plain.columns && tabs.note == "read as separated by tabs, as its header is")
    let commas = try csv("a,b\n1,x\n2,y\n", isTabbed: true)
    #expect(commas.columns == plain.columns && commas.note == "read as separated by commas, as its header is")
    // A separator inside a quoted name is none, and one line of a file is counted as its first.
    #expect(try csv("\"a;b\"\n1\n").names == ["a;b"])
    let failure = #expect(throws: Failure.self) { try csv("sep=;\na;b\n1;2\n3\n") }
    #expect(failure?.message.hasPrefix("t.csv:4: ") == true)
  }

  @Test("Decimal commas stay text, with a note; other text has none")
  func decimalCommas() throws {
    let table = try csv("cid;r;x\n1;0,5;a,5\n2;-1,25;b\n")
    #expect(table["r"] == Column("r", ["0,5", "-1,25"]))
    #expect(table.note == "`r`: numbers with decimal commas stay text; write them with points")
    #expect(try csv("cid,r\n1,\"1,000\"\n").note == nil)
  }

  @Test("Quotes hold commas, quotes and line breaks; tab-separated text has escapes")
  func quotes() throws {
    #expect(try csv("a,b\n\"x \"\"y\"\",\nz\",1\n")["a"] == Column("a", ["x \"y\",\nz"]))
    #expect(try csv("a\tb\nx\\ty\\\\z\t1\n", isTabbed: true)["a"] == Column("a", ["x\ty\\z"]))
  }

  @Test("An index without a name, as pandas writes it, is a column `index`")
  func index() throws { #expect(try csv(",r\n0,1\n").names == ["index", "r"]) }

  @Test("Odd rows, repeated names and open quotes are refused at their line")
  func refusals() throws {
    func message(_ text: String) throws -> String { try #require(throws: Failure.self) { try csv(text) }.message }
    #expect(try message("a,b\n1,2\n3\n") == "t.csv:3: 1 entry, but the header has 2 columns")
    #expect(try message("a,a\n1,2\n") == "t.csv: two columns are named `a`")
    #expect(try message("a,b\n\"1,2\n") == "t.csv:2: a quote is not closed")
    #expect(try message("") == "t.csv: the table is empty")
  }

  private func json(_ text: String) throws -> Table? {
    try JSONTableReader.table(bytes: Array(text.utf8), name: "t.json")
  }

  @Test("A list of records is a table, whose columns keep their order")
  func records() throws {
    let table = try #require(
      try json("[{\"cid\": 1, \"r\": 0.5}, {\"cid\": 2, \"r\": null, \"why\": \"no \\\"spikes\\\"\"}]"))
    #expect(table.names == ["cid", "r", "why"])
    #expect(table["cid"] == Column("cid", [1, 2]))
    #expect(table["r"] == Column("r", [0.5, nil]))
    #expect(table["why"] == Column("why", [nil, "no \"spikes\""]))
    #expect(try json("{\"a\": 1}\n{\"a\": 2}\n")?["a"] == Column("a", [1, 2]))
  }

  @Test("A record of columns is a table: lists, or records by row as pandas writes them")
  func columns() throws {
    for text in [
      "{\"cid\": [1, 2], \"r\": [0.5, null]}",
      "{\"cid\": {\"0\": 1, \"1\": 2}, \"r\": {\"0\": 0.5, \"1\": null}}\n",
    ] {
      let table = try #require(try json(text))
      #expect(table.names == ["cid", "r"])
      #expect(table["cid"] == Column("cid", [1, 2]) && table["r"] == Column("r", [0.5, nil]))
    }
    for other in [
      "{\"a\": [1, 2], \"b\": [1]}", "{\"a\": {\"x\": 1}}", "{\"a\": [1], \"b\": 2}", "{\"a\": [[1]]}", "{}",
      "{\"a\": [1]", "{\"a\": [1], \"a\": [2]}",
    ] {
      #expect(try json(other) == nil, "\(other)")
    }
  }

  @Test("JSON of another form is not a table, and damaged JSON is refused at its line")
  func notTables() throws {
    #expect(try json("{\"a\": 1}") == nil)
    #expect(try json("[1, 2]") == nil)
    #expect(try json("[{\"a\": [1]}]") == nil)
    let failure = #expect(throws: Failure.self) { try json("[{\"a\": 1},\n{\"a\": x}]") }
    #expect(failure?.message == "t.json:2: not readable JSON: `x` is not a JSON value")
  }

  @Test("Text and truth values are read from a .npz as they were written")
  func numpyText() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/t.npz"
    try NpzWriter.write(
      [
        NamedArray("why", shape: [2], values: .text(["größe", ""])),
        NamedArray("ok", shape: [2], values: .bool([true, false])),
      ], to: path)
    let archive = try NpzArchive(path: path)
    #expect(try archive.labels("why") == [.string("größe"), .string("")])
    #expect(archive.info("ok") == ArrayInfo(shape: [2], scalar: .bool))
    #expect(try archive.integers("ok") == [1, 0])
  }
}
