import Base

/// What the rows of a comparison say, in sentences.
package enum WhatIfVerdict {
  /// A sentence for each arm.
  package static func sentences(_ rows: [WhatIfResult.Row]) -> [String] {
    let arms = rows.reduce(into: [String]()) { if !$0.contains($1.arm) { $0.append($1.arm) } }
    return arms.map { arm in
      let parts = rows.filter {
        $0.arm == arm && $0.group == "all" && $0.metric == ArmScores.Kind.bitsPerSpike.rawValue && $0.difference != nil
      }.compactMap(part)
      let caveat =
        isClaimOfOneSeed(rows, arm) ? "; these are single trainings: `--seeds 3` tells how much is chance" : ""
      return "\(arm): \(parts.joined(separator: "; "))\(caveat)"
    }
  }

  /// Whether a difference is shown by one training of each arm.
  private static func isClaimOfOneSeed(_ rows: [WhatIfResult.Row], _ arm: String) -> Bool {
    rows.contains { row in
      row.arm == arm && row.group == "all" && row.metric == ArmScores.Kind.bitsPerSpike.rawValue
        && row.seedSpread == nil && row.interval.map { $0.lower > 0 || $0.upper < 0 } == true
    }
  }

  private static func part(_ row: WhatIfResult.Row) -> String? {
    guard let difference = row.difference, let stimulus = row.stimulus else { return nil }
    let place = "\(row.role == "trained" ? "held-out" : "withheld") \(stimulus)"
    let size = text(abs(difference)) + " bits/spike"
    guard let interval = row.interval else {
      return "on \(place) the difference is \(text(difference)) bits/spike, from too few cells for an interval"
    }
    let range =
      "95 % interval \(text(interval.lower)) to \(text(interval.upper)), \(row.cells ?? 0) cells"
    if interval.lower > 0 { return "on \(place) it gains \(size) (\(range))" }
    if interval.upper < 0 { return "on \(place) it loses \(size) (\(range))" }
    return "on \(place) no difference is shown (\(range))"
  }

  private static func text(_ value: Double) -> String { NumberText.sentence(value) }
}
