import Base
import Metrics

/// Numbers in a sentence: three significant digits.
package enum ReportNumber {
  package static func text(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "an unknown number" }
    return NumberText.sentence(value)
  }

  /// `0.31 (0.2 to 0.4)`
  package static func text(_ interval: MeanInterval) -> String {
    guard let lower = interval.lower, let upper = interval.upper else { return text(interval.mean) }
    return "\(text(interval.mean)) (\(text(lower)) to \(text(upper)))"
  }

  /// `12 of 16 cells`
  package static func count(_ count: Int, of all: Int) -> String { "\(count) of \(all) cell\(all == 1 ? "" : "s")" }
}
