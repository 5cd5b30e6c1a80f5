import Metrics

/// How much later a twin responds than the recorded cells do, before and after a training.
package struct LatencyResult: Sendable {
  /// The name of the number in the table.
  package static let measure = "late_ms"

  /// What the fields were measured on.
  package var stimulus: String
  /// Peak lag of each recorded cell's receptive field; nil where it is not clear.
  package var recordedMs: [Double?]
  /// Of the twin without the edit, before the first step.
  package var startMs: [Double?]
  /// `[seed][arm][cell]`, control first.
  package var endMs: [[[Double?]]]

  package init(stimulus: String, recordedMs: [Double?], startMs: [Double?], endMs: [[[Double?]]]) {
    self.stimulus = stimulus
    self.recordedMs = recordedMs
    self.startMs = startMs
    self.endMs = endMs
  }

  /// Over the cells whose fields are clear in the data and in all twins that are compared.
  func row(_ arm: String, _ index: Int) -> WhatIfResult.Row {
    let (control, edited) = (endMs.map { $0[0] }, endMs.map { $0[index] })
    let cells = recordedMs.indices.filter { cell in
      recordedMs[cell] != nil && startMs[cell] != nil && (control + edited).allSatisfy { $0[cell] != nil }
    }
    var row = WhatIfResult.Row(
      arm: arm, stimulus: stimulus, role: "structure", group: "clear fields", metric: Self.measure, cells: cells.count)
    guard !cells.isEmpty else {
      let clear = recordedMs.count { $0 != nil }
      row.reason =
        clear == 0
        ? "no recorded cell has a clear receptive field"
        : "no cell has a clear receptive field in the data and in both arms"
      return row
    }
    func late(_ twin: [Double?]) -> [Double] { cells.map { (twin[$0] ?? 0) - (recordedMs[$0] ?? 0) } }
    let differences = zip(edited.map(late), control.map(late)).map { zip($0, $1).map { $0 - $1 } }
    row.start = Moments.mean(late(startMs))
    row.control = Moments.mean(control.map { Moments.mean(late($0)) })
    row.edited = Moments.mean(edited.map { Moments.mean(late($0)) })
    row.difference = Moments.mean(differences.map(Moments.mean))
    row.interval = SeedBounds.interval(differences)
    if differences.count > 1 {
      row.seedSpread = Moments.variance(differences.map(Moments.mean), missing: 1).squareRoot()
    }
    row.reason = row.interval == nil ? WhatIfResult.tooFew : nil
    return row
  }

  /// Where no stimulus of the experiment shows a new frame in every bin.
  static func unmeasured(_ arm: String) -> WhatIfResult.Row {
    WhatIfResult.Row(
      arm: arm, role: "structure", group: "clear fields", metric: measure,
      reason: "no stimulus of the experiment shows a new frame in every bin, so receptive fields have no lag")
  }
}
