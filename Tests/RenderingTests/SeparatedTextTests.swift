import Base
import Rendering
import Testing

@Suite struct SeparatedTextTests {
  @Test("Commas, quotes and line breaks are quoted")
  func commasQuotesAndLineBreaksAreQuoted() {
    let table = Table([Column("a,b", ["x,y", "say \"hi\"", "two\nlines", "plain"])])
    #expect(SeparatedText.csv(.table(table)) == "\"a,b\"\n\"x,y\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\nplain\n")
  }

  @Test("Undefined entries are empty, and empty text is quoted")
  func undefinedEntriesAreEmptyAndEmptyTextIsNot() {
    let table = Table([Column("a", [nil, ""]), Column("b", [Double.nan, 0.1 + 0.2])])
    #expect(SeparatedText.csv(.table(table)) == "a,b\n,\n\"\",0.30000000000000004\n")
  }

  @Test("Tabs inside text are escaped in TSV")
  func tabsInsideTextAreEscapedInTSV() {
    let table = Table([Column("a", ["x\ty", "back\\slash"]), Column("b", [1, 2])])
    #expect(SeparatedText.tsv(.table(table)) == "a\tb\nx\\ty\t1\nback\\\\slash\t2\n")
  }

  @Test("A record is one row")
  func aRecordIsOneRow() {
    #expect(SeparatedText.csv(.record(Record([("a", .int(1)), ("b", .string("x"))]))) == "a,b\n1,x\n")
  }

  @Test("A report has one row per value")
  func aReportIsInLongForm() {
    let report = Report(
      "r",
      [
        .init("Numbers", .fields(Record([("rate", .double(2)), ("r", .double(.nan))]))),
        .init("Cells", .table(Table([Column("cid", [7])]))),
      ])
    #expect(
      SeparatedText.csv(.report(report))
        == "section,row,name,value\nNumbers,,rate,2.0\nNumbers,,r,\nCells,1,cid,7\n")
  }

  @Test("Null gives empty text")
  func nothingIsNoText() { #expect(SeparatedText.csv(.null) == "") }
}
