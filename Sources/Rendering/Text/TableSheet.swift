import Base

/// A whole table as text, for a pager: every row, every column at its natural width, and the header apart from the rows.
public struct TableSheet: Sendable {
  /// Names, units and the rule below them.
  public let header: [String]
  public let rows: [String]
  /// What stands below the table.
  public let notes: [String]
  /// Where each column of the table lies, in columns of the screen.
  public let columns: [Range<Int>]
  /// Which of them hold words, of which a part can be read.
  package let areWords: [Bool]
  /// What stands at the end of a text that is cut.
  package let mark: String

  public init(_ table: Table, unicode: Bool) {
    // So wide that nothing is broken, cut or hidden.
    let lines = TextTable(RenderOptions(width: 1_000_000, unicode: unicode)).lines(table)
    let bar: Character = unicode ? "─" : "-"
    let rule = lines.firstIndex { !$0.isEmpty && $0.allSatisfy { $0 == bar || $0 == " " } } ?? -1
    header = Array(lines.prefix(rule + 1))
    rows = Array(lines.dropFirst(rule + 1).prefix(table.rowCount))
    notes = Array(lines.dropFirst(rule + 1 + rows.count))
    columns = lines.indices.contains(rule) ? Self.runs(of: bar, in: lines[rule]) : []
    areWords = table.columns.map { !["int", "float"].contains($0.typeName) }
    mark = unicode ? "…" : "~"
  }

  /// Columns on the screen that the whole table takes.
  public var width: Int { columns.last?.upperBound ?? 0 }

  /// The runs of a character in the rule below the header: one for each column.
  private static func runs(of bar: Character, in rule: String) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for (place, character) in rule.enumerated() where character == bar {
      if let last = runs.last, last.upperBound == place {
        runs[runs.count - 1] = last.lowerBound..<place + 1
      } else {
        runs.append(place..<place + 1)
      }
    }
    return runs
  }
}
