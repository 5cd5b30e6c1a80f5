import Base

/// The operations behind the table commands.
public enum TableOperations {
  /// The rows for which the predicate is true; null counts as false.
  public static func filter(_ table: Table, where predicate: RowExpression) throws -> Table {
    let values = try predicate.values(in: table)
    var kept: [Int] = []
    for (row, value) in values.enumerated() {
      switch value {
      case .bool(let holds): if holds { kept.append(row) }
      case .null: break
      default:
        throw Failure(
          .usage, "`\(predicate.text)` must be true or false, not \(value.phrase)",
          hint: "compare it: `\(predicate.text) > 0`", span: predicate.span)
      }
    }
    var result = table.gathering(kept)
    if let lost = undefined(in: table, kept, predicate) {
      result.note = [table.note, lost].compactMap { $0 }.joined(separator: "; ")
    }
    return result
  }

  /// The note on rows that are left out because a compared column has no value in them.
  private static func undefined(in table: Table, _ kept: [Int], _ predicate: RowExpression) -> String? {
    let columns = predicate.comparedColumns.sorted().compactMap { table[$0] }
    guard !columns.isEmpty else { return nil }
    let isKept = Set(kept)
    var names: [String] = []
    var count = 0
    for row in 0..<table.rowCount where !isKept.contains(row) {
      let missing = columns.filter { $0[row] == .null }
      guard !missing.isEmpty else { continue }
      count += 1
      for column in missing where !names.contains(column.name) { names.append(column.name) }
    }
    guard count > 0 else { return nil }
    return
      "\(count) of the \(table.rowCount - kept.count) rows left out \(count == 1 ? "has" : "have") no value of \(names.joined(separator: " or "))"
  }

  /// The rows ordered by these columns, the first column first. Stable; nulls are last in both directions.
  public static func sort(_ table: Table, by names: [String], descending: Bool = false) throws -> Table {
    let columns = try names.map { try column($0, of: table) }
    let keys = columns.map { column in (0..<column.count).map { column[$0] } }
    let order = (0..<table.rowCount).sorted { a, b in
      for key in keys {
        if key[a] == .null || key[b] == .null {
          if key[a] != key[b] { return key[b] == .null }
          continue
        }
        let order = Ordering.compare(key[a], key[b]) ?? 0
        if order != 0 { return descending ? order > 0 : order < 0 }
      }
      return a < b
    }
    return table.gathering(order)
  }

  /// Only these columns, in this order.
  public static func select(_ table: Table, _ names: [String]) throws -> Table {
    var seen = Set<String>()
    let columns = try names.map { name in
      guard seen.insert(name).inserted else { throw Failure(.usage, "the column `\(name)` is named twice") }
      return try column(name, of: table)
    }
    return Table(columns, note: table.note)
  }

  public static func head(_ table: Table, _ count: Int) throws -> Table {
    table.gathering(Array(0..<min(try rowCount(count), table.rowCount)))
  }

  public static func tail(_ table: Table, _ count: Int) throws -> Table {
    let kept = min(try rowCount(count), table.rowCount)
    return table.gathering(Array(table.rowCount - kept..<table.rowCount))
  }

  /// Renames columns, given pairs of old and new names.
  public static func rename(_ table: Table, _ pairs: [(old: String, new: String)]) throws -> Table {
    var columns = table.columns
    for (old, new) in pairs {
      guard let index = columns.firstIndex(where: { $0.name == old }) else { throw unknown(old, in: table) }
      columns[index].name = new
    }
    var seen = Set<String>()
    for column in columns where !seen.insert(column.name).inserted {
      throw Failure(.conflict, "two columns would be called `\(column.name)`", hint: "rename the other one as well")
    }
    return Table(columns, note: table.note)
  }

  /// The first of all rows with equal values in these columns; in all columns where none is named.
  public static func unique(_ table: Table, by names: [String] = []) throws -> Table {
    table.gathering(try groups(table, by: names.isEmpty ? table.names : names).map { $0.rows[0] })
  }

  /// How often each combination of values of these columns occurs, in the order of first occurrence.
  public static func count(_ table: Table, by names: [String]) throws -> Table {
    let groups = try groups(table, by: names)
    let keys = try select(table, names).gathering(groups.map { $0.rows[0] })
    let name = free("count", among: names)
    return Table(keys.columns + [Column(name, groups.map { $0.rows.count })])
  }

  /// A table from a list of records: columns in the order of first occurrence, null where a record lacks a field. Nil for other
  /// values.
  public static func table(from value: Value) -> Table? {
    switch value {
    case .table(let table): return table
    case .list(let elements):
      var names: [String] = []
      var seen = Set<String>()
      var records: [Record] = []
      for element in elements {
        guard case .record(let record) = element else { return nil }
        records.append(record)
        for name in record.names where seen.insert(name).inserted { names.append(name) }
      }
      guard !records.isEmpty else { return nil }
      return Table(names.map { name in Column(name, collecting: records.map { $0[name] ?? .null }) })
    default: return nil
    }
  }

  // MARK: Shared by the operations

  static func column(_ name: String, of table: Table) throws -> Column {
    guard let column = table[name] else { throw unknown(name, in: table) }
    return column
  }

  private static func unknown(_ name: String, in table: Table) -> Failure {
    Evaluator.unknownColumn(name, known: table.names, at: nil, written: false)
  }

  /// Groups of rows with equal values in these columns, in the order of first occurrence.
  static func groups(_ table: Table, by names: [String]) throws -> [(key: [ValueKey], rows: [Int])] {
    let columns = try names.map { try column($0, of: table) }
    var groups: [(key: [ValueKey], rows: [Int])] = []
    var places: [[ValueKey]: Int] = [:]
    for row in 0..<table.rowCount {
      let key = columns.map { ValueKey($0[row]) }
      if let place = places[key] {
        groups[place].rows.append(row)
      } else {
        places[key] = groups.count
        groups.append((key, [row]))
      }
    }
    return groups
  }

  /// The name, followed by a number if it is taken.
  static func free(_ name: String, among taken: some Collection<String>) -> String {
    guard taken.contains(name) else { return name }
    var number = 2
    while taken.contains("\(name)_\(number)") { number += 1 }
    return "\(name)_\(number)"
  }

  private static func rowCount(_ count: Int) throws -> Int {
    guard count >= 0 else { throw Failure(.usage, "the number of rows can't be \(count)") }
    return count
  }
}
