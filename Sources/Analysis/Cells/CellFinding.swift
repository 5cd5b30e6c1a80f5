/// What a table of cells means, in a sentence below it.
package enum CellFinding {
  /// Bits per spike: what the order of a sum may change. A cell whose best fit is the constant rate has this, not 0.
  private static let rounding = 1e-9

  /// `3 of 16 cells lose to a constant rate`; nil where no cell has a score.
  ///
  /// - Parameter scores: bits per spike.
  package static func losing(_ scores: [Double?]) -> String? {
    count(scores, where: { $0 < -rounding }, one: "loses to a constant rate", many: "lose to a constant rate")
  }

  /// `9 of 16 cells beat a constant rate`
  package static func winning(_ scores: [Double?]) -> String? {
    count(scores, where: { $0 > rounding }, one: "beats a constant rate", many: "beat a constant rate")
  }

  /// `no cell …`, `1 of 16 cells …`, `all 16 cells …`; nil where no value is defined.
  package static func count(
    _ values: [Double?], where condition: (Double) -> Bool, one: String, many: String
  ) -> String? {
    let known = values.compactMap(\.self).filter { !$0.isNaN }
    let found = known.count(where: condition)
    switch (found, known.count) {
    case (_, 0): return nil
    case (1, 1): return "the cell \(one)"
    case (0, _): return "no cell \(one)"
    case (1, let all): return "1 of \(all) cells \(one)"
    case (let found, let all) where found == all: return "all \(all) cells \(many)"
    case (let found, let all): return "\(found) of \(all) cells \(many)"
    }
  }

  /// A note with a finding after it.
  package static func note(_ note: String, _ finding: String?) -> String { finding.map { note + "; " + $0 } ?? note }
}
