import Base
import Rendering
import Terminal
import Testing

@Suite("A table in the pager")
struct SheetViewTests {
  private let sheet = TableSheet(
    Table(
      [
        Column("cid", (0..<100).map { Int?($0) }),
        Column("offset", (0..<100).map { Double?(Double($0) / 8) }, unit: "counts/bin"),
        Column("path", (0..<100).map { Optional("recordings/a-long-folder-name/session-\($0)") }),
      ], note: "a note"), unicode: true)

  private func press(_ keys: [SheetView.Key], columns: Int = 40, rows: Int = 12) -> SheetView {
    var view = SheetView(sheet, columns: columns, rows: rows)
    for key in keys { view.press(key) }
    return view
  }

  @Test("The header stays while every row can be reached")
  func header() {
    #expect(sheet.header.count == 3 && sheet.rows.count == 100 && sheet.notes == ["a note"])
    var view = press([])
    var seen: Set<String> = []
    for _ in 0..<100 {
      #expect(view.lines.count == 12)
      #expect(view.lines[0].contains("cid") && view.lines[1].contains("counts/bin"))
      seen.formUnion(view.lines[3..<11])
      view.press(.pageDown)
    }
    #expect(seen.contains { $0.hasPrefix(" 99") })
    #expect(seen.count >= 101, "100 rows and the note")
    #expect(view.lines.last?.contains("rows 94-100 of 100") == true)
  }

  @Test("Sideways, the first column stays, numbers are shown whole, and a wide text can be read to its end")
  func sideways() {
    // Of the path there is room for a part beside the offset, but not on a narrower screen.
    #expect(press([]).lines[3].hasSuffix("0.00  recordings/a-long-fold…") && press([]).lines[3].hasPrefix("  0"))
    #expect(press([], columns: 32).lines[3].hasSuffix("0.00"))
    #expect(press([.right], columns: 32).lines[3].hasPrefix("  0  recordings/a-long"))
    let end = press([.right, .right, .right, .right])
    #expect(end.lines[3].hasPrefix("  0") && end.lines[3].hasSuffix("session-0"))
    let start = press([])
    #expect(press([.right]).left > start.left)
    #expect(press([.right, .left]).left == start.left && press([.left]).left == start.left)
    #expect(press([.right, .right, .right, .right, .left, .left, .left, .left]).left == start.left)
    #expect(end.lines.allSatisfy { DisplayWidth.of($0) <= 40 })
  }

  @Test("No number is cut, at any place and width", arguments: [20, 31, 40, 57, 80])
  func whole(columns: Int) {
    let values = (0..<30).map { Double($0) * 1.2345678 - 20 }
    let table = Table((1...12).map { Column("column_number_\($0)", values.map(Optional.init)) })
    let sheet = TableSheet(table, unicode: true)
    let known = Set(sheet.rows.flatMap { $0.split(separator: " ").map(String.init) })
    var view = SheetView(sheet, columns: columns, rows: 20)
    var seen: Set<String> = []
    for _ in 0..<30 {
      for line in view.lines[sheet.header.count..<19] {
        let numbers = Set(line.split(separator: " ").map(String.init))
        #expect(!numbers.isEmpty && numbers.isSubset(of: known), "\(line)")
      }
      seen.formUnion(view.lines[0].split(separator: " ").map(String.init))
      view.press(.right)
    }
    #expect(seen.count == 12, "every column's name was there")
  }

  @Test("A sentence below the table takes as many lines as it needs")
  func notes() {
    let sentence = "9 of 16 cells lose to a constant rate on the held-out trials of this recording"
    let table = Table([Column("cid", (0..<50).map { Int?($0) })], note: sentence)
    var view = SheetView(TableSheet(table, unicode: true), columns: 40, rows: 12)
    view.press(.bottom)
    let shown = view.lines.filter { !$0.isEmpty }.map { $0.split(separator: " ").joined(separator: " ") }
    #expect(shown.joined(separator: " ").contains(sentence))
    #expect(view.lines.allSatisfy { DisplayWidth.of($0) <= 40 })
  }

  @Test("Keys do not lead beyond the table, and a resized screen stays within it")
  func bounds() {
    #expect(press([.up, .pageUp]).top == 0)
    let end = press([.bottom])
    #expect(press([.bottom, .down, .pageDown]).top == end.top)
    #expect(end.resized(columns: 200, rows: 300).top == 0 && end.resized(columns: 200, rows: 300).fits)
    #expect(press([.quit]).isFinished)
    let tiny = SheetView(sheet, columns: 1, rows: 1)
    #expect(tiny.lines.count == 5)
  }

  @Test("Codes of keys are read, also where they are cut in two")
  func keys() {
    var decoder = KeyDecoder()
    #expect(
      decoder.take(Array("j \u{1b}[C\u{1b}OA\u{1b}[6~q".utf8)) == [.down, .pageDown, .right, .up, .pageDown, .quit])
    #expect(decoder.take([0x1b]).isEmpty)
    #expect(decoder.take(Array("[".utf8)).isEmpty)
    #expect(decoder.take(Array("Dx\u{1b}[99zG".utf8)) == [.left, .bottom])
    #expect(decoder.take([0x1b] + Array(repeating: UInt8(ascii: "1"), count: 40)).isEmpty)
    #expect(decoder.take(Array("q".utf8)) == [.quit])
  }
}
