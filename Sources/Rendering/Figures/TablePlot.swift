import Base
import Foundation

/// A figure of a table's columns. The columns' types determine the kind, unless one is given.
public struct TablePlot {
  public enum Kind: String, Sendable, CaseIterable {
    case line, scatter, hist, heat, bar
  }

  /// A plot that can't be drawn; the role tells the caller which argument is wrong.
  public struct Problem: Error {
    public enum Role: String, Sendable { case x, y, z, by, kind, log, diagonal, columns }

    public var role: Role
    public var failure: Failure
  }

  public var x: String?
  public var y: String?
  /// The column whose mean a heat map shows.
  public var z: String?
  /// The column by whose values rows are split into series.
  public var by: String?
  public var kind: Kind?
  /// Number of bins of a histogram or heat map; nil chooses it from the data.
  public var bins: Int?
  public var xIsLogarithmic = false
  public var yIsLogarithmic = false
  /// Whether both axes have the same range, with the line of equality.
  public var hasDiagonal = false

  /// Most groups that can still be distinguished.
  static let groupLimit = 6
  /// Most names that fit on an axis.
  static let nameLimit = 40

  public init() {}

  /// - Throws: `Problem` where the columns can't be drawn like this.
  public func figure(of table: Table) throws(Problem) -> Figure {
    var plot = self
    if plot.x == nil, plot.y == nil { try plot.chooseColumns(of: table) }
    // A single column is counted, or drawn row by row.
    if plot.y == nil {
      plot.y = plot.x
      plot.x = nil
    }
    guard let y = try plot.column(plot.y, .y, in: table) else {
      throw Problem(role: .columns, failure: Failure(.usage, "plot needs a column"))
    }
    let x = try plot.column(plot.x, .x, in: table)
    let z = try plot.column(plot.z, .z, in: table)
    let by = try plot.column(plot.by, .by, in: table)
    var drawing = PlotDrawing(plot, x: x, y: y, z: z, by: by, rowCount: table.rowCount)
    drawing.label = AxisLabel.of
    return try drawing.figure()
  }

  private func column(_ name: String?, _ role: Problem.Role, in table: Table) throws(Problem) -> Column? {
    guard let name else { return nil }
    guard let column = table[name] else {
      throw Problem(
        role: role,
        failure: Failure(
          .usage, "the table has no column `\(name)`",
          hint: Suggestion.hint(for: name, among: table.names) ?? "columns: \(table.names.joined(separator: ", "))"))
    }
    return column
  }

  /// Names of columns that number things instead of measuring them.
  static let identifiers: Set<String> = [
    "cid", "entry", "version", "row", "rank", "head", "trial", "parent", "metric_version",
  ]

  private mutating func chooseColumns(of table: Table) throws(Problem) {
    let numbers = table.columns.filter {
      guard !Self.identifiers.contains($0.name), $0.name != by, let values = $0.numbers else { return false }
      return values.contains { $0?.isFinite == true }
    }
    let words = table.columns.filter { $0.numbers == nil && $0.name != by }
    switch (numbers.count, words.count) {
    case (1, _):
      y = numbers[0].name
      // One number for each name is drawn as one bar for each name.
      if let name = words.first, table.rowCount <= Self.nameLimit, kind == nil || kind == .bar,
        Set((0..<name.count).map { name[$0].plainText }).count == name.count
      {
        x = name.name
      }
    case (2, _):
      x = numbers[0].name
      y = numbers[1].name
    case (0, 1...): y = words[0].name
    default:
      let names = numbers.map(\.name).joined(separator: ", ")
      throw Problem(
        role: .columns,
        failure: Failure(
          .usage,
          numbers.isEmpty
            ? "the table has nothing to plot" : "choose columns: the table has \(numbers.count) with numbers",
          hint: numbers.isEmpty
            ? "plot needs a column with values"
            : "`plot COLUMN` or `plot x=COLUMN y=COLUMN`; numeric columns: \(names)"))
    }
  }
}
