import Base
import Foundation

/// Computes what a plot of columns shows: kind, bins, groups, and the note on rows that are left out.
struct PlotDrawing {
  private let plot: TablePlot
  private let x: Column?
  private let y: Column
  private let z: Column?
  private let by: Column?
  private let rowCount: Int
  /// A column's label on an axis.
  var label: (Column) -> String = { $0.name }
  /// Parts of the note below the figure.
  private var notes: [String] = []

  init(_ plot: TablePlot, x: Column?, y: Column, z: Column?, by: Column?, rowCount: Int) {
    self.plot = plot
    self.x = x
    self.y = y
    self.z = z
    self.by = by
    self.rowCount = rowCount
  }

  func figure() throws(TablePlot.Problem) -> Figure {
    var copy = self
    var figure =
      switch try kind() {
      case .hist: try copy.histogram()
      case .line: try copy.points(.line)
      case .scatter: try copy.points(.points)
      case .bar: try copy.bars()
      case .heat: try copy.heat()
      }
    figure.note = copy.notes.joined(separator: "; ")
    return figure
  }

  /// The kind that was asked for, or the one that fits the types of the columns.
  private func kind() throws(TablePlot.Problem) -> TablePlot.Kind {
    let suggested: TablePlot.Kind =
      if z != nil {
        .heat
      } else if let x {
        if x.numbers == nil || y.numbers == nil {
          x.numbers == nil && y.numbers == nil ? .heat : .bar
        } else {
          isSequence(x) ? .line : .scatter
        }
      } else {
        y.numbers == nil ? .bar : .hist
      }
    let kind = plot.kind ?? suggested
    if kind == .heat, x == nil {
      throw problem(.kind, "a heat map needs x and y", "write `plot x=COLUMN y=COLUMN --kind heat`")
    }
    if kind == .hist, x != nil {
      throw problem(.kind, "a histogram takes one column", "leave out x; --by COLUMN makes one for each group")
    }
    if z != nil, kind != .heat { throw problem(.z, "only heat maps have z", "add --kind heat, or leave z out") }
    if kind == .heat, by != nil { throw problem(.by, "a heat map has no groups", "leave out --by") }
    if plot.hasDiagonal {
      guard kind == .scatter || kind == .line, x != nil else {
        throw problem(.diagonal, "the line of equality needs x and y", "write `plot x=COLUMN y=COLUMN --diagonal`")
      }
      guard plot.xIsLogarithmic == plot.yIsLogarithmic else {
        throw problem(.diagonal, "the line of equality needs the same scale on both axes", "write --log xy")
      }
    }
    if plot.xIsLogarithmic, kind == .bar {
      throw problem(.log, "an axis of names can't be logarithmic", "write --log y")
    }
    return kind
  }

  /// Whether numbers rise in equal steps within each group and measure something, such as frames, lags, frequencies or epochs,
  /// rather than number cells.
  private func isSequence(_ column: Column) -> Bool {
    guard !TablePlot.identifiers.contains(column.name), let values = column.numbers else { return false }
    let names = by.map(Self.names)
    var runs: [String: [Double?]] = [:]
    for row in 0..<rowCount { runs[names?[row] ?? "", default: []].append(values[row]) }
    return !runs.isEmpty && runs.values.allSatisfy(Self.risesEvenly)
  }

  private static func risesEvenly(_ values: [Double?]) -> Bool {
    guard values.count > 2, let first = values[0], let second = values[1], second - first > 0 else { return false }
    let step = second - first
    return zip(values, values.dropFirst()).allSatisfy { a, b in
      guard let a, let b, a.isFinite, b.isFinite else { return false }
      // Frequencies are computed, so that their steps differ in the last digits.
      return abs(b - a - step) <= 1e-6 * step
    }
  }

  private func problem(_ role: TablePlot.Problem.Role, _ message: String, _ hint: String) -> TablePlot.Problem {
    TablePlot.Problem(role: role, failure: Failure(.usage, message, hint: hint))
  }

  // MARK: Numbers and groups

  private func numbers(_ column: Column, _ role: TablePlot.Problem.Role) throws(TablePlot.Problem) -> [Double] {
    guard let numbers = column.numbers else {
      throw problem(
        role, "`\(column.name)` holds \(column.typeName == "bool" ? "true and false" : "text"), not numbers",
        "`plot \(column.name)` counts its values; `plot x=\(column.name) y=COLUMN` uses them as names")
    }
    return numbers.map { $0 ?? .nan }
  }

  /// A column's values as names; a missing value is `-`.
  private static func names(_ column: Column) -> [String] {
    switch column.values {
    case .string(let values): values.map { $0 ?? CellText.null }
    default: (0..<column.count).map { CellText.of(column[$0]) }
    }
  }

  /// The distinct values of a column as names, and the index of each row's name. Text is in the order of first mention, numbers
  /// ascend.
  private static func places(_ column: Column) -> (names: [String], of: [Int]) {
    var index: [String: Int] = [:]
    var names: [String] = []
    let rows = Self.names(column).map { name -> Int in
      if let place = index[name] { return place }
      index[name] = names.count
      names.append(name)
      return names.count - 1
    }
    guard column.numbers != nil else { return (names, rows) }
    let order = names.indices.sorted { (Double(names[$0]) ?? .infinity) < (Double(names[$1]) ?? .infinity) }
    var rank = Array(repeating: 0, count: names.count)
    for (place, old) in order.enumerated() { rank[old] = place }
    return (order.map { names[$0] }, rows.map { rank[$0] })
  }

  /// The rows of each group; of too many groups only the largest ones, in their own order.
  private mutating func groups(_ rows: [Int]) -> [(name: String, rows: [Int])] {
    guard let by else { return [(label(y), rows)] }
    let places = Self.places(by)
    var members = Array(repeating: [Int](), count: places.names.count)
    for row in rows { members[places.of[row]].append(row) }
    let filled = members.indices.filter { !members[$0].isEmpty }
    let kept = Set(filled.sorted { (members[$1].count, $0) < (members[$0].count, $1) }.prefix(TablePlot.groupLimit))
    if kept.count < filled.count {
      notes.append("the \(kept.count) largest of \(filled.count) groups by \(by.name) are shown")
    }
    return filled.filter(kept.contains).map { (places.names[$0], members[$0]) }
  }

  /// The rows whose numbers have a position on the axes; the note counts the others.
  private mutating func usable(_ columns: [(values: [Double], isLogarithmic: Bool)]) throws(TablePlot.Problem) -> [Int]
  {
    var rows: [Int] = []
    rows.reserveCapacity(rowCount)
    var undefined = 0
    var notPositive = 0
    for row in 0..<rowCount {
      if columns.contains(where: { !$0.values[row].isFinite }) {
        undefined += 1
      } else if columns.contains(where: { $0.isLogarithmic && $0.values[row] <= 0 }) {
        notPositive += 1
      } else {
        rows.append(row)
      }
    }
    notes.insert("\(rows.count) \(rows.count == 1 ? "row" : "rows")", at: 0)
    if undefined > 0 { notes.append("\(undefined) skipped: undefined") }
    if notPositive > 0 { notes.append("\(notPositive) skipped: not above 0 on a logarithmic axis") }
    return rows
  }

  private var title: String {
    let what = x.map { "\(y.name) against \($0.name)" } ?? y.name
    return what + (by.map { " by \($0.name)" } ?? "")
  }

  // MARK: Kinds

  private mutating func points(_ style: Figure.Style) throws(TablePlot.Problem) -> Figure {
    let ys = try numbers(y, .y)
    let xs =
      try x.map { column throws(TablePlot.Problem) in try numbers(column, .x) } ?? (0..<rowCount).map { Double($0 + 1) }
    let rows = try usable([(xs, plot.xIsLogarithmic), (ys, plot.yIsLogarithmic)])
    let series = groups(rows).map { group in
      Figure.Series(group.name, x: group.rows.map { xs[$0] }, y: group.rows.map { ys[$0] }, style: style)
    }
    if plot.hasDiagonal {
      notes.append("\(rows.count { ys[$0] > xs[$0] }) above the diagonal, \(rows.count { ys[$0] < xs[$0] }) below")
    }
    var figure = Figure(title, xLabel: x.map(label) ?? "row", yLabel: label(y), series: series)
    figure.hasDiagonal = plot.hasDiagonal
    figure.xIsLogarithmic = plot.xIsLogarithmic
    figure.yIsLogarithmic = plot.yIsLogarithmic
    return figure
  }

  private mutating func histogram() throws(TablePlot.Problem) -> Figure {
    let values = try numbers(y, .y)
    let rows = try usable([(values, plot.xIsLogarithmic)])
    let isWhole = if case .int = y.values { !plot.xIsLogarithmic } else { false }
    let shown = plot.xIsLogarithmic ? values.map { log10($0) } : values
    let bins = PlotBins(rows.map { shown[$0] }, count: plot.bins, isWhole: isWhole)
    let all = groups(rows)
    let isGrouped = by != nil && all.count > 1
    let series = all.map { group in
      var counts = Array(repeating: 0.0, count: bins.count)
      for row in group.rows { counts[bins.index(shown[row])] += 1 }
      // Overlaid groups are drawn as steps, which begin at the left edge of a bin; bars are centred on it.
      let places = (0..<bins.count).map { bins.low + (Double($0) + (isGrouped ? 0 : 0.5)) * bins.width }
      return Figure.Series(
        group.name, x: plot.xIsLogarithmic ? places.map { pow(10, $0) } : places, y: counts,
        style: isGrouped ? .steps : .bars)
    }
    var figure = Figure(title, xLabel: label(y), yLabel: "rows", series: rows.isEmpty ? [] : series)
    figure.xIsLogarithmic = plot.xIsLogarithmic
    figure.yIsLogarithmic = plot.yIsLogarithmic
    return figure
  }

  /// One bar for each name: its number of rows, or the mean of y over them.
  private mutating func bars() throws(TablePlot.Problem) -> Figure {
    // Of two columns, the one without numbers gives the names.
    let (named, measured) = x.map { x in y.numbers == nil && x.numbers != nil ? (y, x) : (x, y) } ?? (y, nil)
    let values = try measured.map { column throws(TablePlot.Problem) in try numbers(column, .y) }
    let rows = try usable(values.map { [($0, plot.yIsLogarithmic)] } ?? [])
    let places = Self.places(named)
    var all = groups(rows)
    if by == nil { all[0].name = label(measured ?? named) }
    var sums = Array(repeating: Array(repeating: (sum: 0.0, count: 0), count: places.names.count), count: all.count)
    for (index, group) in all.enumerated() {
      for row in group.rows {
        sums[index][places.of[row]].sum += values?[row] ?? 1
        sums[index][places.of[row]].count += 1
      }
    }
    let total = places.names.indices.map { place in sums.reduce(0) { $0 + $1[place].count } }
    let used = places.names.indices.filter { total[$0] > 0 }
    let kept =
      used.count <= TablePlot.nameLimit
      ? used : used.sorted { (total[$1], $0) < (total[$0], $1) }.prefix(TablePlot.nameLimit).sorted()
    if kept.count < used.count { notes.append("the \(kept.count) most frequent of \(used.count) values are shown") }
    let isMean = measured != nil && total.contains { $0 > 1 }
    let series = zip(all, sums).map { group, sums in
      let filled = kept.enumerated().filter { sums[$0.element].count > 0 }
      return Figure.Series(
        group.name, x: filled.map { Double($0.offset) },
        y: filled.map {
          measured == nil ? sums[$0.element].sum : sums[$0.element].sum / Double(sums[$0.element].count)
        },
        style: .bars)
    }
    let yLabel = measured.map { (isMean ? "mean " : "") + label($0) } ?? "rows"
    var figure = Figure(title, xLabel: label(named), yLabel: yLabel, series: kept.isEmpty ? [] : series)
    figure.xNames = kept.map { places.names[$0] }
    figure.yIsLogarithmic = plot.yIsLogarithmic
    return figure
  }

  private mutating func heat() throws(TablePlot.Problem) -> Figure {
    guard let x else { throw problem(.kind, "a heat map needs x and y", "write `plot x=COLUMN y=COLUMN --kind heat`") }
    let values = try z.map { column throws(TablePlot.Problem) in try numbers(column, .z) }
    let horizontal = x.numbers.map { $0.map { $0 ?? .nan } }
    let vertical = y.numbers.map { $0.map { $0 ?? .nan } }
    let rows = try usable(
      [
        horizontal.map { ($0, plot.xIsLogarithmic) }, vertical.map { ($0, plot.yIsLogarithmic) },
        values.map { ($0, false) },
      ]
      .compactMap(\.self))
    let across = HeatAxis(
      x, horizontal, rows, count: plot.bins ?? 32, isLogarithmic: plot.xIsLogarithmic, names: Self.places)
    let down = HeatAxis(
      y, vertical, rows, count: plot.bins.map { max(1, $0 / 2) } ?? 16, isLogarithmic: plot.yIsLogarithmic,
      names: Self.places)
    for axis in [across, down] { if let note = axis.note { notes.append(note) } }
    var figure = Figure(title, xLabel: label(x), yLabel: label(y))
    guard !rows.isEmpty else { return figure }
    var sums = Array(repeating: 0.0, count: across.count * down.count)
    var counts = sums
    for row in rows {
      guard let column = across.index(row), let line = down.index(row) else { continue }
      // Numbers increase upwards; names are read down the page.
      let place = (down.range == nil ? line : down.count - 1 - line) * across.count + column
      sums[place] += values?[row] ?? 1
      counts[place] += 1
    }
    let shown = zip(sums, counts).map { $1 == 0 ? .nan : values == nil ? $0 : $0 / $1 }
    var map = Figure.Map(rows: down.count, columns: across.count, values: shown)
    map.xRange = across.range
    map.yRange = down.range
    map.columnNames = across.names
    map.rowNames = down.names
    map.label = z.map { "mean " + label($0) } ?? "rows"
    figure.map = map
    figure.xIsLogarithmic = plot.xIsLogarithmic
    figure.yIsLogarithmic = plot.yIsLogarithmic
    if let z { figure.title = "\(z.name) over \(x.name) and \(y.name)" }
    return figure
  }
}
