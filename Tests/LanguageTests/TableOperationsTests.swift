import Base
import Language
import Testing

@Suite struct TableOperationsTests {
  let table = Table([
    Column("cid", [1, 2, 3, 4]),
    Column("session", ["b", "a", nil, "b"]),
    Column("bits", [0.5, nil, 0.05, 0.25] as [Double?], unit: "bits/spike"),
  ])

  private func rows(_ text: String, _ variables: [String: Value] = [:]) throws -> RowExpression {
    RowExpression(
      try Parser.parseRowExpression(SourceText(text, name: "test")), variables: variables, text: text)
  }

  private func cids(_ table: Table) -> [Value] { (0..<table.rowCount).map { table[row: $0, column: 0] } }

  @Test(
    "Where keeps the rows for which the condition is true",
    arguments: [
      ("bits < 0.3", [3, 4]), ("bits == null", [2]), ("bits != null and session == 'b'", [1, 4]),
      ("not (bits < 0.3)", [1, 2]),
      ("bits > mean(bits)", [1]), ("bits == max(bits)", [1]), ("max(bits, cid) >= 4", [4]),
      ("session in [a, b]", [1, 2, 4]),
      ("cid % 2 == 0 and cid > $least", [4]), ("starts_with(session, 'b')", [1, 4]), ("cid == count()", [4]),
      ("bits - mean(bits - min(bits)) > 0", [1, 4]), ("cid in [1, (1 + 1)]", [1, 2]),
    ])
  func whereKeepsRowsThatHold(_ predicate: String, _ expected: [Int]) throws {
    let kept = try TableOperations.filter(table, where: rows(predicate, ["least": .int(2)]))
    #expect(cids(kept) == expected.map(Value.int))
    #expect(kept.columns[2].unit == "bits/spike")
  }

  @Test("Where needs a truth value, and columns that exist even without rows")
  func whereNeedsATruthValue() throws {
    let number = #expect(throws: Failure.self) { try TableOperations.filter(table, where: rows("cid")) }
    #expect(number?.message == "`cid` must be true or false, not the int 1")
    let column = #expect(throws: Failure.self) {
      try TableOperations.filter(table.gathering([]), where: rows("nothing > 1"))
    }
    #expect(column?.message == "the table has no column `nothing`")
  }

  @Test("Sort puts nulls last in both directions")
  func sortPutsNullsLastEitherWay() throws {
    #expect(cids(try TableOperations.sort(table, by: ["bits"])) == [.int(3), .int(4), .int(1), .int(2)])
    #expect(
      cids(try TableOperations.sort(table, by: ["bits"], descending: true)) == [.int(1), .int(4), .int(3), .int(2)])
  }

  @Test("Sort is stable and orders by one column after the other")
  func sortIsStableAndGoesColumnByColumn() throws {
    #expect(cids(try TableOperations.sort(table, by: ["session"])) == [.int(2), .int(1), .int(4), .int(3)])
    #expect(
      cids(try TableOperations.sort(table, by: ["session"], descending: true)) == [.int(1), .int(4), .int(2), .int(3)])
    #expect(cids(try TableOperations.sort(table, by: ["session", "bits"])) == [.int(2), .int(4), .int(1), .int(3)])
  }

  @Test("Head and tail return at most all rows, and refuse a negative number")
  func headAndTailTakeNoMoreThanThereIs() throws {
    #expect(cids(try TableOperations.head(table, 2)) == [.int(1), .int(2)])
    #expect(cids(try TableOperations.tail(table, 1)) == [.int(4)])
    #expect(try TableOperations.head(table, 99).rowCount == 4)
    let negative = #expect(throws: Failure.self) { try TableOperations.tail(table, -1) }
    #expect(negative?.message == "the number of rows can't be -1")
  }

  @Test("Select and rename check names")
  func selectAndRenameCheckNames() throws {
    #expect(try TableOperations.select(table, ["bits", "cid"]).names == ["bits", "cid"])
    #expect(try TableOperations.rename(table, [("bits", "b")]).names == ["cid", "session", "b"])
    #expect(throws: Failure(.missing, "the table has no column `bit`", hint: "did you mean `bits`?")) {
      try TableOperations.select(table, ["bit"])
    }
    let twice = #expect(throws: Failure.self) { try TableOperations.select(table, ["cid", "cid"]) }
    #expect(twice?.message == "the column `cid` is named twice")
    let taken = #expect(throws: Failure.self) { try TableOperations.rename(table, [("bits", "cid")]) }
    #expect(taken?.message == "two columns would be called `cid`")
  }

  @Test("Summarize leaves out nulls and names its columns")
  func summarizeLeavesNullsOutAndNamesColumns() throws {
    let expressions = try [rows("mean(bits)"), rows("count()"), rows("count(bits)"), rows("max(bits) - min(bits)")]
    let summary = try TableOperations.summarize(table, expressions)
    #expect(summary.names == ["mean_bits", "count", "count_bits", "max_bits_min_bits"])
    #expect(abs((summary[row: 0, column: 0].number ?? 0) - 0.8 / 3) < 1e-15)
    #expect(summary[row: 0, column: 1] == .int(4) && summary[row: 0, column: 2] == .int(3))
    #expect(summary.columns[0].unit == "bits/spike")
  }

  @Test("Summarize keeps groups in the order of first occurrence")
  func summarizeByGroupsInTheOrderInWhichTheyCome() throws {
    let summary = try TableOperations.summarize(table, [rows("sum(cid)")], by: ["session"])
    #expect(summary == Table([Column("session", ["b", "a", nil]), Column("sum_cid", [5, 2, 3])]))
  }

  @Test("Summarize refuses columns outside of functions")
  func summarizeRefusesColumnsOutsideFunctions() throws {
    for text in ["bits + 1", "unique(session)"] {
      let failure = #expect(throws: Failure.self) { try TableOperations.summarize(table, [rows(text)]) }
      #expect(
        failure?.message.hasSuffix("has one value for each row; a single value is needed here") == true,
        "\(failure?.message ?? "")")
    }
  }

  @Test("Join matches keys and renames other columns that both tables have")
  func joinMatchesKeysAndRenamesClashes() throws {
    let right = Table([
      Column("cid", [4, 1, 1, 9]), Column("bits", [9.0, 8.0, 7.0, 6.0]), Column("gain", [1, 2, 3, 4]),
    ])
    let joined = try TableOperations.join(table, right, on: ["cid"])
    #expect(joined.names == ["cid", "session", "bits", "bits_2", "gain"])
    #expect(cids(joined) == [.int(1), .int(1), .int(4)])
    #expect(joined["gain"] == Column("gain", [2, 3, 1]))
    let left = try TableOperations.join(table, right, on: ["cid"], keepsLeft: true)
    #expect(left["gain"] == Column("gain", [2, 3, nil, nil, 1]))
  }

  @Test("Join never matches null")
  func joinNeverMatchesNull() throws {
    let joined = try TableOperations.join(table, table, on: ["session"])
    #expect(!cids(joined).contains(.int(3)))
    #expect(joined.rowCount == 5)
  }

  @Test("Unique keeps the first of equal rows, count counts them, and describe summarises columns")
  func uniqueCountAndDescribe() throws {
    #expect(cids(try TableOperations.unique(table, by: ["session"])) == [.int(1), .int(2), .int(3)])
    #expect(
      try TableOperations.count(table, by: ["session"])
        == Table([Column("session", ["b", "a", nil]), Column("count", [2, 1, 1])]))
    let described = TableOperations.describe(table)
    #expect(described["defined"] == Column("defined", [4, 3, 3]))
    #expect(described["median"] == Column("median", [2.5, nil, 0.25] as [Double?]))
  }
}
