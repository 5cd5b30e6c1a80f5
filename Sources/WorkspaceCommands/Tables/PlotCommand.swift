import Base
import Language
import Rendering
import Session

/// Draws a table's columns.
struct PlotCommand: Command {
  static let signature = Signature(
    "plot", in: "tables", "Draws columns of the piped table, on the screen or into a file"
  )
  .argument("columns", .column, "One column, or x and y", optional: true, repeating: true)
  .flag("x", .column, "Column of the horizontal axis, also written x=COLUMN")
  .flag("y", .column, "Column of the vertical axis, also written y=COLUMN; of `curves` also a metric")
  .takesMetrics(in: "y")
  .flag("z", .column, "Column that a heat map averages; without it the map counts rows")
  .flag("by", .column, "A series for each value of this column")
  .flag(
    "kind", .choice(TablePlot.Kind.allCases.map(\.rawValue)),
    "Kind of figure; by default it follows from the types of the columns"
  )
  .flag("bins", .int, "Bins of a histogram, columns of a heat map")
  .flag("log", .choice(["x", "y", "xy"]), "Logarithmic axes")
  .flag("diagonal", "Use one range for both axes, and draw the line of equality")
  .flag("title", .string, "Title of the figure")
  .flag("save", .path, "Write the same figure to an .svg, .png or .pdf file; .png and .pdf need rsvg-convert")
  .takes(.any)
  .writes("save")
  .returns(.report)
  .searchTerms(
    "figure", "graph", "chart", "histogram", "scatter", "heat", "bar", "draw", "svg", "png", "pdf", "equality",
    "identity line", "diagonal"
  )
  .details(
    """
    One column of numbers is drawn as a histogram, one column of text as a bar for each value. Two columns of numbers are \
    drawn as a scatter plot, or as lines if x rises in equal steps. Text against numbers is drawn as a bar of the mean \
    for each text. Values that are undefined, or not above 0 on a logarithmic axis, are left out; a note says how many. Of \
    more than 6 groups, plot draws the 6 largest.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium | plot bits_per_spike", "The distribution of the scores"),
    Example("neurons twin on sim/fixrsvp | plot x=rate_hz y=bits_per_spike --log x", "One column against another"),
    Example("eval twin on sim/gaborium | plot rate_hz r --save /tmp/vcsh-example.svg", "For a paper"),
    Example(
      "predict twin on sim/gaborium as raw --replace; compare raw twin on sim/gaborium --cells | plot baseline_score score --diagonal",
      "One twin against another, cell by cell: points above the line are better"),
    Example("history 50 | plot status", "A bar for each value"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    var plot = TablePlot()
    var table: Table
    if let grouped = GroupedTable(call.input) {
      table = grouped.table
      plot.by = grouped.keys.first
    } else {
      table = try call.table()
    }
    try takeColumns(call, into: &plot)
    if let y = plot.y, let own = try Self.rows(of: y, in: table, at: call.span(of: "y")) {
      table = own
      if plot.by == nil, case .string(let runs)? = own["run"]?.values, Set(runs).count > 1 { plot.by = "run" }
    }
    plot.kind = try call.optionalString("kind").flatMap(TablePlot.Kind.init)
    plot.bins = try bins(call)
    let log = try call.optionalString("log") ?? ""
    plot.xIsLogarithmic = log.contains("x")
    plot.yIsLogarithmic = log.contains("y")
    plot.hasDiagonal = call.isSet("diagonal")

    var figure: Figure
    do {
      figure = try plot.figure(of: table)
    } catch {
      throw error.failure.located(at: span(of: error.role, call))
    }
    if let title = try call.optionalString("title") { figure.title = title }
    if let file = try call.optionalString("save") {
      let path = try session.output(file)
      do {
        try FigureFile.write([figure], to: path)
      } catch let failure as Failure {
        throw failure.located(at: call.span(of: "save"))
      }
      try session.wrote(path)
    }
    return .report(Report("", [.init("", .figure(figure))]))
  }

  /// `plot y`, `plot x y`, `plot x=… y=…`, and `plot y --x …`.
  private func takeColumns(_ call: Call, into plot: inout TablePlot) throws {
    plot.x = try column("x", call)
    plot.y = try column("y", call)
    plot.z = try column("z", call)
    plot.by = try column("by", call) ?? plot.by
    var columns = call.strings("columns")
    guard columns.count <= 2, columns.isEmpty || plot.x == nil || plot.y == nil,
      columns.count < 2 || plot.x == nil && plot.y == nil
    else {
      throw Failure(
        .usage, "plot takes two columns at most", hint: "`plot X Y`, and --by COLUMN for groups",
        span: call.span(of: "columns"))
    }
    if columns.count == 2 { plot.x = columns.removeFirst() }
    guard let last = columns.first else { return }
    if plot.y == nil { plot.y = last } else { plot.x = last }
  }

  /// Of a table with one number a row, the rows of a metric, with their numbers under its name; nil where it names a column.
  private static func rows(of metric: String, in table: Table, at span: SourceSpan) throws -> Table? {
    guard table[metric] == nil, case .string(let metrics)? = table["metric"]?.values, table["value"] != nil else {
      return nil
    }
    let rows = metrics.indices.filter { metrics[$0] == metric }
    guard !rows.isEmpty else {
      let known = metrics.compactMap(\.self).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      throw Failure(
        .usage, "the table has neither a column nor a metric `\(metric.shortened)`",
        hint: Suggestion.hint(for: metric, among: known + table.names) ?? "metrics: \(known.joined(separator: ", "))",
        span: span)
    }
    let own = table.gathering(rows)
    return Table(
      own.columns.map { $0.name == "value" ? Column(metric, $0.values, unit: $0.unit) : $0 }, note: own.note)
  }

  private func column(_ name: String, _ call: Call) throws -> String? {
    let given = call.strings(name)
    guard given.count <= 1 else {
      throw Failure(
        .usage, "--\(name) takes one column", hint: "--by COLUMN makes a series for each value",
        span: call.span(of: name))
    }
    return given.first
  }

  private func bins(_ call: Call) throws -> Int? {
    guard let bins = try call.optionalInt("bins") else { return nil }
    guard (1...1000).contains(bins) else {
      throw Failure(.usage, "--bins must be between 1 and 1000", span: call.span(of: "bins"))
    }
    return bins
  }

  private func span(of role: TablePlot.Problem.Role, _ call: Call) -> SourceSpan {
    call.isGiven(role.rawValue) ? call.span(of: role.rawValue) : call.span(of: "columns")
  }
}
