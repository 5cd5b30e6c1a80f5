import Base
import Rendering
import Testing

@Suite("Text that is fitted to a terminal")
struct FittedTextTests {
  private func lines(_ value: Value, width: Int) -> [String] {
    Renderer(RenderOptions(width: width)).render(value).split(separator: "\n").map(String.init)
  }

  @Test("Where a column is narrower than its unit, one line gives all units whole")
  func units() {
    let table = Table([
      Column("stimulus", ["gaborium"]), Column("offset", [0.05], unit: "counts/bin"),
      Column("offset_se", [0.01], unit: "counts/bin"), Column("lost_to_scale", [0.1], unit: "bits/spike"),
    ])
    let wide = lines(.table(table), width: 100)
    #expect(wide[1].contains("counts/bin  counts/bin") && !wide.contains { $0.hasPrefix("units:") })
    for width in [26, 34] {
      let narrow = lines(.table(table), width: width)
      #expect(!narrow.joined().contains("…"), "\(narrow)")
      #expect(narrow.joined(separator: " ").contains("units: offset, offset_se in counts/bin"), "\(narrow)")
    }
  }

  @Test("Where columns are hidden, one with reasons stays, and one without reasons does not")
  func reasons() {
    func shown(_ reason: String?) -> [String] {
      lines(
        .table(
          Table(
            ["cid", "rate_hz", "gain", "offset"].map { Column($0, [1.25]) }
              + [Column("lost_to_scale_and_offset", [0.125]), Column("reason", [reason])])), width: 40)
    }
    let told = shown("gain at its limit 0")
    #expect(told.prefix(2).contains { $0.contains("reason") }, "\(told)")
    #expect(told.joined(separator: " ").contains("`select` the others: lost_to_scale_and_offset"))
    #expect(told.allSatisfy { DisplayWidth.of($0) <= 40 })
    #expect(shown(nil).joined(separator: " ").contains("`select` the others: reason"))
  }

  @Test("Points in time are not cut, other columns give way")
  func times() {
    let table = Table([
      Column("entry", [1, 2]), Column("started", ["2026-11-30T18:03:30Z", "2026-11-30T18:03:32Z"]),
      Column("command", ["eval twin on sim/gaborium", "print 3"]), Column("outputs", ["scores", nil]),
    ])
    let shown = lines(.table(table), width: 44)
    #expect(shown.contains { $0.contains("2026-11-30T18:03:30Z") }, "\(shown)")
  }

  @Test("Long titles and headings take several lines, beside one another, too")
  func headings() {
    let figure = Figure("")
    let name = "worst held-out stretch, 0.152 bits/bin below the mean rate"
    let report = Report(
      "eval: Scores predictions cell by cell: bits/spike, correlation, likelihood, noise ceilings",
      [.init(name, .figure(figure)), .init(name, .figure(figure))])
    for width in [60, 80, 110] {
      let shown = lines(.report(report), width: width)
      #expect(shown.allSatisfy { DisplayWidth.of($0) <= width }, "\(shown)")
    }
  }

  @Test("Names are cut where they are alike, never where they differ")
  func names() {
    func shown(_ names: [String], width: Int) -> [String] {
      let table = Table([Column("name", names.map(Optional.init)), Column("n", names.indices.map { Int?($0) })])
      return lines(.table(table), width: width).dropFirst(2).map { String($0.split(separator: " ")[0]) }
    }
    let tails = ["recordings/a-long-folder/Sim_2025-01-10", "recordings/a-long-folder/Sim_2025-01-17"]
    let cut = shown(tails, width: 24)
    #expect(Set(cut).count == 2 && cut[0].hasPrefix("rec") && cut[0].hasSuffix("10") && cut[0].contains("…"))
    let middles = ["aaaaaaaaaaaaaaaa1bbbbbbbbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaaa2bbbbbbbbbbbbbbbbbbbbb"]
    #expect(Set(shown(middles, width: 27)).count == 2)
    let heads = ["1_session_with_a_long_name_of_its_own", "2_session_with_a_long_name_of_its_own"]
    #expect(Set(shown(heads, width: 22)).count == 2)
  }

  @Test("Long names in a column with sentences take several lines, and lose nothing of where they differ")
  func brokenNames() {
    let names = [
      "convnet.layers.0.components.conv.weight", "convnet.layers.0.components.norm.weight", "heads of two sessions",
    ]
    let table = Table([Column("layer", names.map(Optional.init)), Column("n", names.indices.map { Int?($0) })])
    for width in [26, 30, 40] {
      let shown = lines(.table(table), width: width)
      #expect(shown.allSatisfy { DisplayWidth.of($0) <= width } && !shown.joined().contains("…"), "\(shown)")
      // The first column alone, its lines joined again.
      let left = shown.dropFirst(2).map { String($0.split(separator: "  ", omittingEmptySubsequences: false)[0]) }
      #expect(left.joined().contains(names[0] + names[1]), "\(left)")
    }
  }

  @Test("Nothing is broken within a word: fields, texts, tables and errors", arguments: [40, 80])
  func words(width: Int) {
    let text =
      "shifting the prediction by up to eight bins does not improve it because the receptive field peaks at the same time"
    let words = Set(text.split(separator: " ").map(String.init))
    let table = Table([Column("cause", ["latency"]), Column("evidence", [text]), Column("remedy", [String?.none])])
    for value in [Value.record(Record([("evidence", .string(text))])), .string("  a  " + text), .table(table)] {
      let shown = lines(value, width: width)
      #expect(shown.allSatisfy { DisplayWidth.of($0) <= width })
      #expect(words.isSubset(of: shown.flatMap { $0.split(separator: " ").map(String.init) }), "\(shown)")
    }
    let failure = Failure(.missing, text, hint: text)
    let shown = Diagnostic.render(failure, sourceLine: nil, colour: false, width: width).split(separator: "\n")
    #expect(shown.allSatisfy { DisplayWidth.of($0) <= width } && shown.count >= 4)
    #expect(words.isSubset(of: shown.flatMap { $0.split(separator: " ").map(String.init) }))
    #expect(shown.count { $0.hasPrefix("error:") || $0.hasPrefix("help:") } == 2)
  }

  @Test("Columns of a text keep their place where it is broken")
  func columns() {
    let shown = lines(.string("  --split WHICH   which trials are scored: training, held-out or all"), width: 44)
    #expect(
      shown.count == 2 && shown[1].hasPrefix(String(repeating: " ", count: 18)) && shown[1].dropFirst(18).first != " ")
  }
}
