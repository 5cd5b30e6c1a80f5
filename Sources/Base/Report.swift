/// What a command shows on a screen, as data. Each output mode draws it in its own way.
public struct Report: Sendable, Equatable {
  public enum Body: Sendable, Equatable {
    case fields(Record)
    case table(Table)
    case figure(Figure)
    case lines([String])
  }

  public struct Section: Sendable, Equatable {
    public var heading: String
    public var body: Body

    public init(_ heading: String, _ body: Body) {
      self.heading = heading
      self.body = body
    }
  }

  public var title: String
  public var sections: [Section]

  public init(_ title: String, _ sections: [Section]) {
    self.title = title
    self.sections = sections
  }

  /// The figures of all sections, in order.
  public var figures: [Figure] { sections.compactMap { if case .figure(let figure) = $0.body { figure } else { nil } } }
}

/// A figure as data: drawn as text in a terminal, as SVG in a file.
public struct Figure: Sendable, Equatable {
  public enum Style: String, Sendable { case line, points, bars, steps }

  public struct Series: Sendable, Equatable {
    public var name: String
    public var x: [Double]
    /// NaN makes a gap.
    public var y: [Double]
    public var style: Style
    /// An interval at each x, drawn as a band around the line.
    public var band: Band?

    public init(_ name: String, x: [Double], y: [Double], style: Style = .line) {
      precondition(x.count == y.count, "series \(name): \(x.count) x for \(y.count) y")
      self.name = name
      self.x = x
      self.y = y
      self.style = style
    }
  }

  /// The lower and the upper end at each x of a series; NaN makes a gap.
  public struct Band: Sendable, Equatable {
    public var low: [Double]
    public var high: [Double]

    public init(low: [Double], high: [Double]) {
      precondition(low.count == high.count, "band of \(low.count) lower and \(high.count) upper ends")
      self.low = low
      self.high = high
    }
  }

  /// A grid of values, row 0 at the top.
  public struct Map: Sendable, Equatable {
    public var rows: Int
    public var columns: Int
    public var values: [Double]
    /// The values at the left and right edges, and at the bottom and top edges; on a logarithmic axis their powers of
    /// ten.
    public var xRange: ClosedRange<Double>?
    public var yRange: ClosedRange<Double>?
    /// Names of the columns from the left and of the rows from the top, where they have names instead of numbers.
    public var columnNames: [String] = []
    public var rowNames: [String] = []
    /// What the values mean.
    public var label = ""
    /// A closed outline over the map in pixel coordinates (x, y), e.g. a readout's one-sigma ellipse.
    public var outline: [(x: Double, y: Double)]

    public init(rows: Int, columns: Int, values: [Double], outline: [(x: Double, y: Double)] = []) {
      precondition(values.count == rows * columns, "map of \(rows)x\(columns) with \(values.count) values")
      self.rows = rows
      self.columns = columns
      self.values = values
      self.outline = outline
    }

    public static func == (a: Map, b: Map) -> Bool {
      a.rows == b.rows && a.columns == b.columns && a.values == b.values && a.label == b.label
        && a.xRange == b.xRange && a.yRange == b.yRange && a.columnNames == b.columnNames && a.rowNames == b.rowNames
        && a.outline.elementsEqual(b.outline, by: { $0 == $1 })
    }
  }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var series: [Series]
  public var map: Map?
  /// Whether an axis is logarithmic. The series hold plain values in both cases.
  public var xIsLogarithmic = false
  public var yIsLogarithmic = false
  /// Whether both axes have the same range, with the line of equality.
  public var hasDiagonal = false
  /// Names of the bars at x = 0, 1, 2, …, where they have names instead of numbers.
  public var xNames: [String] = []
  /// One line under the figure: how much of the data it shows, and what is left out.
  public var note: String?

  public init(
    _ title: String, xLabel: String = "", yLabel: String = "", series: [Series] = [], map: Map? = nil
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.map = map
  }
}
