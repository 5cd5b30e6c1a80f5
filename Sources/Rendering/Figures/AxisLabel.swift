import Base

/// A column's label on an axis, in words, with the unit in brackets: `firing rate (Hz)` for `rate_hz`.
enum AxisLabel {
  /// Words of a column's name that say more than the name does.
  private static let words = [
    "rate": "firing rate", "r": "correlation r", "nll": "negative log-likelihood", "spikes": "spikes",
  ]

  /// What a column measures that is named like its unit.
  private static let quantities = ["ms": "time", "s": "time", "hz": "frequency"]

  static func of(_ column: Column) -> String {
    guard let unit = column.unit, !unit.isEmpty else { return inWords(column.name) }
    let folded = unit.lowercased().replacing("/", with: "_per_")
    var name = column.name
    // The unit stands in the brackets, so that the name need not say it, too.
    if name == folded { return quantities[folded].map { "\($0) (\(unit))" } ?? unit }
    if name.hasPrefix(folded + "_") {
      return "\(unit), \(inWords(String(name.dropFirst(folded.count + 1))))"
    }
    if name.hasSuffix("_" + folded) {
      name.removeLast(folded.count + 1)
    } else if name.contains("_\(folded)_") {
      name.replace("_\(folded)_", with: "_")
    }
    return "\(inWords(name)) (\(unit))"
  }

  private static func inWords(_ name: String) -> String { words[name] ?? name.replacing("_", with: " ") }
}
