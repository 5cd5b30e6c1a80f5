import Base
import Foundation

/// The rows of a Ray trial's `progress.csv`.
struct RayTable: GrowingLog {
  private(set) var csv = CSVLog()
  private(set) var curves: [MetricCurve] = []
  private(set) var rows = 0
  /// The time stamp of the first row.
  private(set) var started: Double?
  /// The last row and its fields.
  private var last: (bytes: [UInt8], fields: [Range<Int>]) = ([], [])
  /// Where it has what is read; nil before that.
  private(set) var columns: RayTableColumns?
  private let headers: RayTableHeaders?
  private let own: Set<String>
  /// Whether only the metric that ranks the run is read.
  private let isBrief: Bool

  /// - Parameter own: columns that Ray adds.
  init(_ headers: RayTableHeaders?, own: Set<String>, isBrief: Bool) {
    (self.headers, self.own, self.isBrief) = (headers, own, isBrief)
  }

  var consumed: Int { csv.consumed }
  var pointCount: Int { curves.reduce(0) { $0 + $1.values.count } }

  /// What the last row says of a column.
  subscript(name: String) -> String? { self[csv.column(name)] }

  subscript(column: Int?) -> String? {
    guard let column, last.fields.indices.contains(column) else { return nil }
    return CSVLog.text(last.bytes[last.fields[column]])
  }

  /// The number that the last row has in a column.
  func number(_ column: Int?) -> Double? {
    guard let column, last.fields.indices.contains(column) else { return nil }
    return Self.number(last.bytes, last.fields[column])
  }

  private static func number(_ bytes: [UInt8], _ field: Range<Int>) -> Double? {
    bytes.withUnsafeBufferPointer { NumberField.value($0[field]) }
  }

  mutating func take(_ file: RegularFile) throws {
    let bytes = try [UInt8](unsafeUninitializedCapacity: file.size - consumed) { buffer, count in
      try file.read(consumed..<file.size, into: UnsafeMutableRawBufferPointer(buffer))
      count = file.size - consumed
    }
    let known = headers?.last
    let start = try csv.readHeader(bytes, path: file.path, known: known?.header)
    let columns = columns(known)
    let wanted = isBrief ? columns.ranking.map { [$0] } ?? [] : columns.reported
    if curves.isEmpty { curves = wanted.map { MetricCurve(csv.names[$0]) } }
    var (curves, rows) = (self.curves, self.rows)
    self.curves = []
    let (iteration, epoch, isBrief) = (columns.iteration, columns.epoch, isBrief)
    let needed = isBrief ? (columns.ranking ?? 0) + 1 : .max
    var first: Int?
    let end = csv.forEachRow(bytes, from: start, needed: needed) { bytes, fields in
      func number(_ column: Int?) -> Double? { column.flatMap { NumberField.value(bytes[fields[$0]]) } }
      rows += 1
      if rows == 1 { first = fields.first?.lowerBound }
      let step = isBrief ? rows : number(iteration).flatMap(LogCount.of) ?? rows
      let atEpoch = isBrief ? nil : number(epoch).flatMap(LogCount.of)
      for (index, column) in wanted.enumerated() where !fields[column].isEmpty {
        if let value = NumberField.value(bytes[fields[column]]) {
          curves[index].append(step: step, epoch: atEpoch, value)
        }
      }
    }
    (self.curves, self.rows) = (curves, rows)
    // The first row tells when it began.
    if let first, let stamp = columns.stamp {
      let fields = CSVLog.fields(ofRowAt: first, in: bytes)
      started = fields.indices.contains(stamp) ? Self.number(bytes, fields[stamp]) : nil
    }
    if let end {
      let row = Array(bytes[end])
      last = (row, CSVLog.fields(ofRowAt: 0, in: row))
    }
  }

  private mutating func columns(_ known: RayTableColumns?) -> RayTableColumns {
    if let columns { return columns }
    let found: RayTableColumns
    if let known, known.header.names == csv.names {
      found = known
    } else {
      found = RayTableColumns(csv.header, own: own)
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
