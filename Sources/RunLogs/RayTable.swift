import Base
import Foundation

/// The rows of a Ray trial's `progress.csv`.
struct RayTable: GrowingLog {
  private(set) var csv = CSVLog()
  private(set) var rows = 0
  /// Of the metric that ranks the run, where only that one is read.
  private(set) var values: [Double] = []
  /// Of all that the trial reported, otherwise.
  private var reported: [MetricCurve] = []
  /// Of the row that was read last, where all that the trial reported is read.
  private var lastStep: Int?
  /// The time stamp of the first row.
  private(set) var started: Double?
  /// The last row and its fields.
  private var last: (bytes: [UInt8], fields: [Range<Int>]) = ([], [])
  /// Where it has what is read; nil before that.
  private(set) var columns: RayTableColumns?
  private let headers: RayTableHeaders?
  private let own: Set<String>
  private let isBrief: Bool

  /// - Parameters:
  ///   - own: columns that Ray adds.
  ///   - isBrief: whether only the metric that ranks the run is read.
  init(_ headers: RayTableHeaders?, own: Set<String>, isBrief: Bool) {
    (self.headers, self.own, self.isBrief) = (headers, own, isBrief)
  }

  var consumed: Int { csv.consumed }
  var pointCount: Int { reported.reduce(values.count) { $0 + $1.values.count } }

  /// Those that have a value.
  var curves: [MetricCurve] { reported.filter { !$0.values.isEmpty } }

  /// The values of the metric that ranks the run.
  var ranked: [Double] {
    isBrief ? values : reported.first { $0.name == columns?.metric?.name }?.values ?? []
  }

  /// The curve of the metric that ranks the run, its points numbered.
  var rankedCurve: [MetricCurve] {
    let values = ranked
    guard let metric = columns?.metric, !values.isEmpty else { return [] }
    var curve = MetricCurve(metric.name)
    curve.steps = Array(1...values.count)
    curve.epochs = Array(repeating: nil, count: values.count)
    curve.values = values
    return [curve]
  }

  /// Whether the trial was restored from an earlier report: the table holds more rows than it counts.
  var isRestored: Bool { number(columns?.iteration).map { $0 < Double(rows) } ?? false }

  /// What the last row says of a column.
  subscript(name: String) -> String? { self[csv.column(name)] }

  subscript(column: Int?) -> String? {
    guard let column, last.fields.indices.contains(column) else { return nil }
    return CSVLog.text(last.bytes[last.fields[column]])
  }

  /// The number that the last row has in a column.
  func number(_ column: Int?) -> Double? {
    guard let column, last.fields.indices.contains(column) else { return nil }
    return last.bytes.withUnsafeBufferPointer { NumberField.value($0[last.fields[column]]) }
  }

  mutating func take(_ file: RegularFile) throws {
    let bytes = try [UInt8](unsafeUninitializedCapacity: file.size - consumed) { buffer, count in
      try file.read(consumed..<file.size, into: UnsafeMutableRawBufferPointer(buffer))
      count = file.size - consumed
    }
    try bytes.withUnsafeBufferPointer { try take($0, path: file.path) }
  }

  /// - Parameter bytes: what the file has beyond `consumed`.
  mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, path: @autoclosure () -> String) throws {
    let known = headers?.last
    let start = try csv.readHeader(bytes, path: path(), known: known?.header)
    let columns = columns(known)
    let isFirst = rows == 0
    guard let ends = isBrief ? takeRanking(bytes, start, columns) : takeReported(bytes, start, columns) else { return }
    // The first row tells when it began.
    if isFirst, let stamp = columns.stamp {
      started = csv.field(stamp, ofRow: ends.first, in: bytes).flatMap { NumberField.value(bytes[$0]) }
    }
    let row = Array(bytes[ends.last])
    last = (row, row.withUnsafeBufferPointer { csv.fields(ofRow: row.indices, in: $0) })
  }

  private mutating func takeRanking(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ columns: RayTableColumns
  ) -> CSVLog.Ends? {
    let isRanked = columns.ranking != nil
    var (values, rows) = (self.values, self.rows)
    self.values = []
    // Rows are seldom shorter.
    values.reserveCapacity(values.count + (bytes.count - start) / 64)
    defer { (self.values, self.rows) = (values, rows) }
    return csv.forEachField(of: columns.ranking ?? 0, bytes, from: start) { field in
      rows += 1
      if isRanked, let value = NumberField.value(bytes[field]) { values.append(value) }
    }
  }

  private mutating func takeReported(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ columns: RayTableColumns
  ) -> CSVLog.Ends? {
    let wanted = csv.names.indices.filter {
      !own.contains(csv.names[$0]) && !csv.names[$0].hasPrefix(RayTableColumns.settingPrefix)
    }
    if reported.isEmpty { reported = wanted.map { MetricCurve(csv.names[$0]) } }
    var (curves, rows, lastStep) = (reported, self.rows, self.lastStep)
    reported = []
    defer { (reported, self.rows, self.lastStep) = (curves, rows, lastStep) }
    return csv.forEachRow(bytes, from: start) { bytes, fields in
      func number(_ column: Int?) -> Double? { column.flatMap { NumberField.value(bytes[fields[$0]]) } }
      rows += 1
      let step = number(columns.iteration).flatMap(LogCount.of) ?? rows
      let epoch = number(columns.epoch).flatMap(LogCount.of)
      // A trial that was restored reports anew from there on; what it had reported before has no successor.
      if let last = lastStep, step <= last { for index in curves.indices { curves[index].drop(from: step) } }
      lastStep = step
      for (index, column) in wanted.enumerated() where !fields[column].isEmpty {
        if let value = NumberField.value(bytes[fields[column]]) {
          curves[index].append(step: step, epoch: epoch, value)
        }
      }
    }
  }

  private mutating func columns(_ known: RayTableColumns?) -> RayTableColumns {
    if let columns { return columns }
    let found: RayTableColumns
    if let known, known.header.names == csv.names {
      found = known
    } else {
      found = RayTableColumns(csv.header)
      headers?.keep(found)
    }
    columns = found
    return found
  }
}

/// The same with the metric that ranks the run alone: a memory keeps both apart.
struct BriefRayTable: GrowingLog {
  private(set) var table: RayTable

  init(_ headers: RayTableHeaders?, own: Set<String>) { table = RayTable(headers, own: own, isBrief: true) }

  var consumed: Int { table.consumed }
  var pointCount: Int { table.pointCount }
  mutating func take(_ file: RegularFile) throws { try table.take(file) }
}
