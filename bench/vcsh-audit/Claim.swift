/// One promise that vcsh's numbers make, and what simulations of the truth measured.
struct Claim: Sendable {
  var name: String
  var promised: String
  var measured: String
  var holds: Bool

  /// A rate of something wrong that must not exceed `limit`: the largest of several set-ups.
  ///
  /// A rate from n simulations has a standard error; the promise counts as broken where the rate lies more than 2.6 of them
  /// above the limit, which chance does once in 200 times.
  static func rate(_ name: String, atMost limit: Double, _ counts: [(wrong: Int, of: Int)]) -> Claim {
    let rates = counts.filter { $0.of > 0 }.map { Double($0.wrong) / Double($0.of) }
    let holds = counts.allSatisfy { count in
      let rate = Double(count.wrong) / Double(max(1, count.of))
      return rate <= limit + 2.6 * (limit * (1 - limit) / Double(max(1, count.of))).squareRoot()
    }
    let all = counts.reduce(0) { $0 + $1.of }
    let mean = Double(counts.reduce(0) { $0 + $1.wrong }) / Double(max(1, all))
    let spread = rates.count > 1 ? ", at most \(percent(rates.max() ?? 0))" : ""
    return Claim(
      name: name, promised: "at most \(percent(limit))", measured: "\(percent(mean))\(spread) of \(all)",
      holds: holds && all > 0)
  }

  /// A rate of something right that must reach `limit`.
  ///
  /// - Parameter detail: how large it was, in words.
  static func rate(
    _ name: String, atLeast limit: Double, _ count: (right: Int, of: Int), detail: String? = nil
  ) -> Claim {
    let rate = Double(count.right) / Double(max(1, count.of))
    return Claim(
      name: name, promised: "at least \(percent(limit))",
      measured: "\(percent(rate)) of \(count.of)" + (detail.map { "; \($0)" } ?? ""),
      holds: rate >= limit && count.of > 0)
  }

  /// The coverage of intervals, which must lie in `range` in every set-up.
  static func coverage(_ name: String, in range: ClosedRange<Double>, _ counts: [(inside: Int, of: Int)]) -> Claim {
    let known = counts.filter { $0.of > 0 }
    let rates = known.map { Double($0.inside) / Double($0.of) }
    let holds = known.allSatisfy { count in
      let rate = Double(count.inside) / Double(count.of)
      func error(_ p: Double) -> Double { 2.6 * (p * (1 - p) / Double(count.of)).squareRoot() }
      return rate >= range.lowerBound - error(range.lowerBound) && rate <= range.upperBound + error(range.upperBound)
    }
    let all = known.reduce(0) { $0 + $1.of }
    return Claim(
      name: name, promised: "\(percent(range.lowerBound)) to \(percent(range.upperBound))",
      measured: "\(percent(rates.min() ?? 0)) to \(percent(rates.max() ?? 0)) of \(all)",
      holds: holds && !known.isEmpty && known.count == counts.count)
  }

  static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return (tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)) + " %"
  }
}
