import Base
import Foundation

/// Stores values as JSON. Column types, units and undefined entries are kept.
public enum ValueCodec {
  /// Whether the stored value would take more than `limit` bytes, told without storing it: each element of a list takes at
  /// least 16. False where only storing it can tell.
  public static func exceeds(_ limit: Int, _ value: Value) -> Bool {
    guard case .list(let elements) = value else { return false }
    return elements.count > limit / 16
  }

  /// - Throws: `interrupted` once the work is cancelled.
  public static func encode(_ value: Value) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(StoredValue(value))
  }

  public static func decode(_ data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(StoredValue.self, from: data).value
    } catch {
      throw Failure(.format, "a stored result can't be read", hint: "was it written by a newer vcsh?")
    }
  }
}

/// The stored form of a value: one key, which names the kind.
private indirect enum StoredValue: Codable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case list([Element])
  case record([Field])
  case table(columns: [StoredColumn], note: String?)
  /// Reports, in a JSON form of their own.
  case report(title: String, sections: [StoredSection])

  /// An element of a list, stored as the value itself. Ctrl-C ends the storing of a long list.
  struct Element: Codable {
    var value: StoredValue

    init(_ value: Value) { self.value = StoredValue(value) }

    init(from decoder: any Decoder) throws { value = try StoredValue(from: decoder) }

    func encode(to encoder: any Encoder) throws {
      try Cancellation.current?.check()
      try value.encode(to: encoder)
    }
  }

  struct Field: Codable {
    var name: String
    var value: StoredValue
  }

  init(_ value: Value) {
    switch value {
    case .null: self = .null
    case .bool(let v): self = .bool(v)
    case .int(let v): self = .int(v)
    case .double(let v): self = .double(v)
    case .string(let v): self = .string(v)
    case .list(let v): self = .list(v.map(Element.init))
    case .record(let v): self = .record(v.fields.map { Field(name: $0.name, value: StoredValue($0.value)) })
    case .table(let v): self = .table(columns: v.columns.map(StoredColumn.init), note: v.note)
    case .report(let v): self = .report(title: v.title, sections: v.sections.map(StoredSection.init))
    }
  }

  var value: Value {
    switch self {
    case .null: .null
    case .bool(let v): .bool(v)
    case .int(let v): .int(v)
    case .double(let v): .double(v)
    case .string(let v): .string(v)
    case .list(let v): .list(v.map(\.value.value))
    case .record(let v): .record(Record(v.map { ($0.name, $0.value.value) }))
    case .table(let columns, let note): .table(Table(columns.map(\.column), note: note))
    case .report(let title, let sections): .report(Report(title, sections.map(\.section)))
    }
  }
}

extension StoredValue {
  /// The keys of all kinds, in one type: of the types that Swift would make for them, each takes the program a search through
  /// all its conformances at the first value that it stores.
  private enum Key: String, CodingKey {
    case null, bool, int, double, string, list, record, table, report
    case value = "_0"
    case columns, note, title, sections
  }

  func encode(to encoder: any Encoder) throws {
    var kinds = encoder.container(keyedBy: Key.self)
    func keep(_ kind: Key, _ parts: (inout KeyedEncodingContainer<Key>) throws -> Void) rethrows {
      var container = kinds.nestedContainer(keyedBy: Key.self, forKey: kind)
      try parts(&container)
    }
    switch self {
    case .null: keep(.null) { _ in }
    case .bool(let value): try keep(.bool) { try $0.encode(value, forKey: .value) }
    case .int(let value): try keep(.int) { try $0.encode(value, forKey: .value) }
    case .double(let value): try keep(.double) { try $0.encode(value, forKey: .value) }
    case .string(let value): try keep(.string) { try $0.encode(value, forKey: .value) }
    case .list(let value): try keep(.list) { try $0.encode(value, forKey: .value) }
    case .record(let value): try keep(.record) { try $0.encode(value, forKey: .value) }
    case .table(let columns, let note):
      try keep(.table) {
        try $0.encode(columns, forKey: .columns)
        try $0.encodeIfPresent(note, forKey: .note)
      }
    case .report(let title, let sections):
      try keep(.report) {
        try $0.encode(title, forKey: .title)
        try $0.encode(sections, forKey: .sections)
      }
    }
  }
}

private struct StoredColumn: Codable {
  var name: String
  var unit: String?
  var int: [Int?]?
  var double: [Double?]?
  var string: [String?]?
  var bool: [Bool?]?

  init(_ column: Column) {
    name = column.name
    unit = column.unit
    switch column.values {
    case .int(let v): int = v
    case .double(let v): double = v
    case .string(let v): string = v
    case .bool(let v): bool = v
    }
  }

  var column: Column {
    if let int { return Column(name, .int(int), unit: unit) }
    if let double { return Column(name, .double(double), unit: unit) }
    if let bool { return Column(name, .bool(bool), unit: unit) }
    return Column(name, .string(string ?? []), unit: unit)
  }
}

private struct StoredSection: Codable {
  var heading: String
  var fields: StoredValue?
  var table: StoredValue?
  var lines: [String]?
  var figure: StoredFigure?

  init(_ section: Report.Section) {
    heading = section.heading
    switch section.body {
    case .fields(let record): fields = StoredValue(.record(record))
    case .table(let v): table = StoredValue(.table(v))
    case .lines(let v): lines = v
    case .figure(let v): figure = StoredFigure(v)
    }
  }

  var section: Report.Section {
    if case .record(let record)? = fields?.value { return .init(heading, .fields(record)) }
    if case .table(let v)? = table?.value { return .init(heading, .table(v)) }
    if let figure { return .init(heading, .figure(figure.figure)) }
    return .init(heading, .lines(lines ?? []))
  }
}

private struct StoredFigure: Codable {
  struct Series: Codable {
    var name: String
    var x: [Double]
    var y: [Double]
    var style: String
    var low: [Double]?
    var high: [Double]?

    init(_ series: Figure.Series) {
      (name, x, y, style) = (series.name, series.x, series.y, series.style.rawValue)
      (low, high) = (series.band?.low, series.band?.high)
    }

    var series: Figure.Series {
      var series = Figure.Series(name, x: x, y: y, style: Figure.Style(rawValue: style) ?? .line)
      if let low, let high, low.count == x.count, high.count == x.count { series.band = .init(low: low, high: high) }
      return series
    }
  }

  struct Map: Codable {
    var rows: Int
    var columns: Int
    var values: [Double]
    var outline: [[Double]]
    var xRange: [Double]?
    var yRange: [Double]?
    var columnNames: [String]?
    var rowNames: [String]?
    var label: String?

    var map: Figure.Map {
      var map = Figure.Map(
        rows: rows, columns: columns, values: values,
        outline: outline.compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil })
      map.xRange = Self.range(xRange)
      map.yRange = Self.range(yRange)
      map.columnNames = columnNames ?? []
      map.rowNames = rowNames ?? []
      map.label = label ?? ""
      return map
    }

    private static func range(_ ends: [Double]?) -> ClosedRange<Double>? {
      guard let ends, ends.count == 2, ends[0] <= ends[1] else { return nil }
      return ends[0]...ends[1]
    }
  }

  var title: String
  var xLabel: String
  var yLabel: String
  var series: [Series]
  var map: Map?
  /// Names of the logarithmic axes: x, y.
  var logarithmic: [String]?
  var hasDiagonal: Bool?
  var xNames: [String]?
  var note: String?

  init(_ figure: Figure) {
    title = figure.title
    xLabel = figure.xLabel
    yLabel = figure.yLabel
    series = figure.series.map(Series.init)
    map = figure.map.map {
      Map(
        rows: $0.rows, columns: $0.columns, values: $0.values, outline: $0.outline.map { [$0.x, $0.y] },
        xRange: $0.xRange.map { [$0.lowerBound, $0.upperBound] },
        yRange: $0.yRange.map { [$0.lowerBound, $0.upperBound] },
        columnNames: $0.columnNames.isEmpty ? nil : $0.columnNames,
        rowNames: $0.rowNames.isEmpty ? nil : $0.rowNames, label: $0.label.isEmpty ? nil : $0.label)
    }
    let axes = (figure.xIsLogarithmic ? ["x"] : []) + (figure.yIsLogarithmic ? ["y"] : [])
    logarithmic = axes.isEmpty ? nil : axes
    hasDiagonal = figure.hasDiagonal ? true : nil
    xNames = figure.xNames.isEmpty ? nil : figure.xNames
    note = figure.note
  }

  var figure: Figure {
    var figure = Figure(
      title, xLabel: xLabel, yLabel: yLabel,
      series: series.map(\.series),
      map: map?.map)
    figure.xIsLogarithmic = logarithmic?.contains("x") == true
    figure.yIsLogarithmic = logarithmic?.contains("y") == true
    figure.hasDiagonal = hasDiagonal == true
    figure.xNames = xNames ?? []
    figure.note = note
    return figure
  }
}
