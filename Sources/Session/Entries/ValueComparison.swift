import Base

/// Whether two results are the same, numbers exactly or within a tolerance.
package struct ValueComparison {
  /// `a` and `b` are the same where `|a - b| <= tolerance * max(1, |a|, |b|)`.
  package var tolerance: Double

  /// The first difference in words; nil where there is none.
  package func difference(_ a: Value, _ b: Value) -> String? {
    switch (a, b) {
    case (.table(let a), .table(let b)): return difference(a, b)
    case (.record(let a), .record(let b)):
      guard a.names == b.names else { return "fields \(b.names.joined(separator: ", "))" }
      return first(zip(a.fields, b.fields).map { ($0.name, $0.value, $1.value) })
    case (.list(let a), .list(let b)):
      guard a.count == b.count else { return "\(b.count) elements, not \(a.count)" }
      return first(zip(a, b).enumerated().map { ("element \($0)", $1.0, $1.1) })
    case (.report(let a), .report(let b)): return difference(a, b)
    default:
      if let x = a.number, let y = b.number { return difference(of: [(x, y)]) }
      return a == b ? nil : "`\(b.plainText.prefix(40))`, not `\(a.plainText.prefix(40))`"
    }
  }

  /// Of pairs of numbers: how many differ, and by how much at most.
  package func difference(of pairs: [(Double, Double)]) -> String? {
    var count = 0
    var most = 0.0
    for (a, b) in pairs where !isSame(a, b) {
      count += 1
      let distance = abs(a - b)
      most = max(most, distance.isNaN ? .infinity : distance)
    }
    guard count > 0 else { return nil }
    guard pairs.count > 1 else { return "\(pairs[0].1), not \(pairs[0].0)" }
    return "\(count) of \(pairs.count) numbers differ, by \(most) at most"
  }

  private func isSame(_ a: Double, _ b: Double) -> Bool {
    if a == b || (a.isNaN && b.isNaN) { return true }
    return abs(a - b) <= tolerance * max(1, abs(a), abs(b))
  }

  private func difference(_ a: Table, _ b: Table) -> String? {
    guard a.names == b.names else { return "columns \(b.names.joined(separator: ", "))" }
    guard a.rowCount == b.rowCount else { return "\(b.rowCount.counted("row")), not \(a.rowCount)" }
    for (old, new) in zip(a.columns, b.columns) {
      if let x = old.numbers, let y = new.numbers {
        // A number that is undefined on one side alone differs by as much as can be.
        if let difference = difference(of: zip(x, y).map { ($0 ?? .nan, $1 ?? .nan) }) {
          return "\(old.name): \(difference)"
        }
      } else {
        let rows = (0..<a.rowCount).count { old[$0] != new[$0] }
        if rows > 0 { return "\(old.name): \(rows) of \(a.rowCount) rows differ" }
      }
    }
    return a.note == b.note ? nil : "another note: \(b.note ?? "none")"
  }

  private func difference(_ a: Report, _ b: Report) -> String? {
    guard a.title == b.title, a.sections.map(\.heading) == b.sections.map(\.heading) else { return "other sections" }
    for (old, new) in zip(a.sections, b.sections) {
      let found: String? =
        switch (old.body, new.body) {
        case (.fields(let x), .fields(let y)): difference(.record(x), .record(y))
        case (.table(let x), .table(let y)): difference(x, y)
        case (.figure(let x), .figure(let y)): difference(x, y)
        default: old.body == new.body ? nil : "it reads differently"
        }
      if let found { return "\(old.heading): \(found)" }
    }
    return nil
  }

  private func difference(_ a: Figure, _ b: Figure) -> String? {
    let shape = { (figure: Figure) in
      figure.series.map { "\($0.name) \($0.x.count)" } + ["\(figure.map?.values.count ?? 0)"]
    }
    guard shape(a) == shape(b) else { return "other series" }
    for (old, new) in zip(a.series, b.series) {
      if let found = difference(of: Array(zip(old.x + old.y, new.x + new.y))) { return "\(old.name): \(found)" }
    }
    if let found = difference(of: Array(zip(a.map?.values ?? [], b.map?.values ?? []))) { return found }
    return (a.title, a.xLabel, a.yLabel) == (b.title, b.xLabel, b.yLabel) ? nil : "another title"
  }

  private func first(_ parts: [(name: String, Value, Value)]) -> String? {
    for (name, a, b) in parts {
      if let difference = difference(a, b) { return "\(name): \(difference)" }
    }
    return nil
  }
}
