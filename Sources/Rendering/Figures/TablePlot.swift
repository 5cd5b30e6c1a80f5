import Base
import Foundation

/// A figure from a table's columns, drawn in the way that their types suggest unless one is named.
public struct TablePlot {
  public enum Kind: String, Sendable, CaseIterable {
    case line, scatter, hist, heat, bar
  }

  /// Which column is wrong is told by the role it was given.
  public struct Problem: Error {
    public enum Role: String, Sendable { case x, y, z, by, kind, log, diagonal, columns }

    public var role: Role
    public var failure: Failure
  }

  public var x: String?
  public var y: String?
  /// Mean of this column in the places of a heat map.
  public var z: String?
  /// A series for each value of this column.
  public var by: String?
  public var kind: Kind?
  /// Bins of a histogram, or columns of a heat map; nil: as the data ask for.
  public var bins: Int?
  public var xIsLogarithmic = false
  public var yIsLogarithmic = false
  /// Both axes of one range, with the line of equality.
  public var hasDiagonal = false

  /// Groups that can still be told apart.
  static let groupLimit = 6
  /// Names that fit on an axis.
  static let nameLimit = 40

  public init() {}

  /// - Throws: `Problem` where the columns can't be drawn so.
  public func figure(of table: Table) throws(Problem) -> Figure {
    var plot = self
    if plot.x == nil, plot.y == nil { try plot.chooseColumns(of: table) }
    // One column alone is what is counted, or what is drawn row by row.
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
    drawing.label = { ColumnHeading.of($0) }
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

  /// Names of columns that number things rather than measure them.
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
      // A number for each name is a bar for each name.
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
            ? "the table has nothing to plot" : "which columns? The table has \(numbers.count) with numbers",
          hint: numbers.isEmpty
            ? "plot needs a column with values" : "`plot COLUMN` or `plot x=COLUMN y=COLUMN`; numbers: \(names)"))
    }
  }
}
