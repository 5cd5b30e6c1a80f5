import Base
import Rendering
import Testing

@Suite struct RendererTests {
  private let scores = Table(
    [
      Column("cid", [17, 3, 105]), Column("rate_hz", [12.4123, 0.5321, nil], unit: "Hz"),
      Column("bits_per_spike", [0.37123, -0.0123, Double.nan]), Column("reason", [nil, nil, "no spikes in val"]),
    ], note: "scored on val")

  private func text(_ value: Value, _ options: RenderOptions = .batch()) -> String { Renderer(options).render(value) }

  @Test("A table is aligned, with numbers on the right")
  func aTableIsAlignedWithNumbersToTheRight() {
    #expect(
      text(.table(scores)) == """
        cid  rate_hz  bits_per_spike  reason
        ───  ───────  ──────────────  ────────────────
         17    12.41          0.3712  -
          3     0.53         -0.0123  -
        105        -               -  no spikes in val
        scored on val

        """)
  }

  @Test("A table in ASCII uses only ASCII")
  func aTableInASCIIUsesASCIIAlone() {
    let options = RenderOptions(width: 30, unicode: false, maximumRows: 1)
    let shown = text(.table(scores), options)
    #expect(shown.contains("cid") && shown.utf8.allSatisfy { $0 < 0x80 })
  }

  @Test("On a terminal, the number of shown rows is given")
  func aTerminalSaysHowManyRowsAreShown() {
    let table = Table([Column("cid", (0..<512).map { Int?($0) })])
    let lines = text(.table(table), RenderOptions(width: 80, maximumRows: 40)).split(separator: "\n")
    #expect(lines.count == 43)
    #expect(lines.last == "40 of 512 rows shown")
  }

  @Test("Batch output shows all rows")
  func batchShowsAllRows() {
    let table = Table([Column("cid", (0..<512).map { Int?($0) })])
    #expect(text(.table(table)).split(separator: "\n").count == 514)
  }

  @Test("Columns that do not fit are named")
  func columnsThatDoNotFitAreNamed() {
    let table = Table((1...6).map { Column("column_\($0)", [1.5, 2.5]) })
    #expect(
      text(.table(table), RenderOptions(width: 30)) == """
        column_1  column_2  column_3
        ────────  ────────  ────────
           1.500     1.500     1.500
           2.500     2.500     2.500
        3 of 6 columns shown; `select`
        the others: column_4,
        column_5, column_6

        """)
  }

  @Test("Long names are broken before text is cut or columns are hidden")
  func longNamesAreBrokenBeforeAnythingGoes() {
    let table = Table([
      Column("cid", [17]), Column("bits_per_spike_calibrated", [0.51234]), Column("reason", [String?.none]),
    ])
    #expect(
      text(.table(table), RenderOptions(width: 24)) == """
               bits_per_
                  spike_
        cid   calibrated  reason
        ───  ───────────  ──────
         17       0.5123  -

        """)
  }

  @Test("Long text is broken or cut before columns are hidden")
  func longTextGivesWayBeforeColumnsGo() {
    let table = Table([
      Column("name", ["a session with a name that is long"]), Column("path", ["recordings"]), Column("n", [1]),
    ])
    #expect(
      text(.table(table), RenderOptions(width: 36)) == """
        name                   path        n
        ─────────────────────  ──────────  ─
        a session with a name  recordings  1
        that is long

        """)
  }

  @Test("Sentences that would take more than four lines beside the numbers stand below their rows")
  func sentencesBelow() {
    let sentence = "gain 0.2178, offset 2.475 Hz: -0.83 to 0.29 held-out bits/spike"
    let table = Table([
      Column("cid", [0, 1, 2]), Column("strength", [3.8, 1, 2]), Column("evidence", [sentence, nil, "few spikes"]),
      Column("expected_gain", [1.1, 0.6, 0.2]),
    ])
    #expect(
      text(.table(table), RenderOptions(width: 40)) == """
        cid  strength  expected_gain
             evidence
        ───  ────────  ─────────────
          0     3.800          1.100
             gain 0.2178, offset 2.475 Hz: -0.83
             to 0.29 held-out bits/spike
          1     1.000          0.600
          2     2.000          0.200
             few spikes

        """)
    #expect(!text(.table(table), RenderOptions(width: 70)).contains("\n     evidence"))
  }

  @Test("In a long table, text is cut so that every row has one line; too long names are cut in any table")
  func longTablesAreCut() {
    let rows = 40
    let table = Table([
      Column("name", [String?](repeating: "a session with a name that is long", count: rows)),
      Column("path", [String?](repeating: "recordings", count: rows)), Column("n", Array(1...rows)),
    ])
    let lines = text(.table(table), RenderOptions(width: 36)).split(separator: "\n")
    #expect(lines.count == rows + 2)
    #expect(lines[2].hasPrefix("a session with a na…"))
    let word = Table([Column("file", [String(repeating: "x", count: 60)]), Column("n", [1])])
    #expect(text(.table(word), RenderOptions(width: 30)).contains("xx…xx"))
  }

  @Test("Wide characters take two columns")
  func wideCharactersTakeTwoColumns() {
    let table = Table([Column("名前", ["日本", "ab"]), Column("n", [1, 2])])
    #expect(text(.table(table)) == "名前  n\n────  ─\n日本  1\nab    2\n")
  }

  @Test("A table without rows says so")
  func aTableWithoutRowsSaysSo() {
    #expect(text(.table(Table([Column("cid", [Int?]())]))) == "cid\n───\nno rows\n")
    #expect(text(.table(Table())) == "empty table\n")
  }

  @Test("Control characters in data do not reach the terminal")
  func controlCharactersInDataDoNotReachTheTerminal() {
    let hostile = "a\u{1b}[2Jb\nc"
    let table = text(.table(Table([Column("x\u{7}", [hostile])])))
    #expect(table == "x\\u{7}\n" + String(repeating: "─", count: 14) + "\na\\u{1b}[2Jb\\nc\n")
    let report = Value.report(Report(hostile, [.init(hostile, .lines([hostile]))]))
    for shown in [text(.string(hostile)), text(report)] {
      #expect(shown.contains("\\u{1b}[2Jb") && !shown.contains("\u{1b}"), "\(shown)")
    }
  }

  @Test("Single values are written on a line")
  func scalarsStandAlone() {
    #expect(text(.null) == "")
    #expect(text(.int(12)) == "12\n")
    #expect(text(.bool(true)) == "true\n")
    #expect(text(.double(1.0 / 3)) == "0.3333\n")
    #expect(text(.string("two\nlines\n")) == "two\nlines\n")
    #expect(text(.list([.int(1), .string("a")])) == "1\na\n")
    #expect(text(.list([])) == "[]\n")
  }

  @Test("A list of records is a table")
  func aListOfRecordsIsATable() {
    let list = Value.list([.record(Record([("a", .int(1))])), .record(Record([("b", .string("x"))]))])
    #expect(text(list) == "a  b\n─  ─\n1  -\n-  x\n")
  }

  @Test("A report has a title, headings and aligned fields")
  func aReportHasTitleHeadingsAndAlignedFields() {
    let report = Report(
      "neuron twin 17",
      [
        .init("Numbers", .fields(Record([("rate", .string("12.41 Hz")), ("bits/spike", .double(0.37123))]))),
        .init("Notes", .lines(["fitted on half A"])),
        .init("Cells", .table(Table([Column("cid", [17])]))),
      ])
    #expect(
      text(.report(report)) == """
        neuron twin 17

        Numbers
          rate        12.41 Hz
          bits/spike  0.3712

        Notes
          fitted on half A

        Cells
          cid
          ───
           17

        """)
  }

  @Test("There is colour only where it is asked for")
  func colourIsOnlyWhereItIsAskedFor() {
    #expect(!text(.table(scores)).contains("\u{1b}"))
    let coloured = text(.table(scores), RenderOptions(colour: true))
    #expect(coloured.contains("\u{1b}[1mcid\u{1b}[0m"))
    #expect(Escape.stripped(coloured) == text(.table(scores)))
  }

  @Test("Every mode ends with a newline", arguments: AllOutputModes.all)
  func everyModeEndsWithANewline(_ mode: OutputMode) {
    let report = Report("r", [.init("f", .figure(Figure("f", series: [.init("a", x: [0, 1], y: [1, 2])])))])
    for value in [Value.table(scores), .int(1), .record(Record([("a", .int(1))])), .report(report)] {
      #expect(Renderer(.batch(mode)).render(value).hasSuffix("\n"))
    }
  }
}
