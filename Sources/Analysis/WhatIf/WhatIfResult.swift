import Base
import Metrics

/// What an edit of a twin did to its scores, against a control that was trained on the same batches.
package struct WhatIfResult: Sendable {
  /// The cells of one type of stimulus, of all recordings together.
  package struct Stimulus: Sendable {
    /// `backimage`
    package var name: String
    package var wasTrained: Bool
    /// Session of each cell.
    package var sessions: [String]
    /// Id of each cell in its session.
    package var cids: [Int]
    /// Mean count of each cell, from the frames that were trained on; nil where it has none.
    package var meanCounts: [Double?]
    /// Control first, then the arms.
    package var arms: [ArmScores]

    package init(
      name: String, wasTrained: Bool, sessions: [String], cids: [Int], meanCounts: [Double?], arms: [ArmScores]
    ) {
      self.name = name
      self.wasTrained = wasTrained
      self.sessions = sessions
      self.cids = cids
      self.meanCounts = meanCounts
      self.arms = arms
    }
  }

  /// A number of the frontend's kernels.
  package struct Structure: Sendable {
    package var measure: String
    package var start: Double?
    /// Control first, then the arms; means over seeds.
    package var ends: [Double?]

    package init(measure: String, start: Double?, ends: [Double?]) {
      self.measure = measure
      self.start = start
      self.ends = ends
    }
  }

  /// Names of the arms without the control.
  package var arms: [String]
  package var stimuli: [Stimulus]
  package var structure: [Structure]
  /// Nil where it was not asked for.
  package var latency: Latency?

  /// Whether the twin responds when the cells do.
  package enum Latency: Sendable {
    case measured(LatencyResult)
    /// No stimulus shows a new frame in every bin.
    case unmeasurable
  }

  package init(arms: [String], stimuli: [Stimulus], structure: [Structure], latency: Latency? = nil) {
    self.arms = arms
    self.stimuli = stimuli
    self.structure = structure
    self.latency = latency
  }

  package struct Row: Sendable {
    package var arm: String
    package var stimulus: String?
    package var role: String
    package var group: String
    package var metric: String
    package var cells: Int?
    package var start: Double?
    package var control: Double?
    package var edited: Double?
    package var difference: Double?
    package var interval: (lower: Double, upper: Double)?
    package var seedSpread: Double?
    package var p: Double?
    package var q: Double?
    package var reason: String?
  }

  /// A row for each arm, stimulus, group of cells and score; then one for each number of the kernels,
  /// and one for the latency.
  package var rows: [Row] {
    var rows: [Row] = []
    for (index, arm) in arms.enumerated() {
      for stimulus in stimuli {
        for (group, cells) in Self.groups(stimulus) {
          rows += ArmScores.Kind.allCases.map { Self.row(arm, index + 1, stimulus, group, cells, $0) }
        }
      }
    }
    let adjusted = FalseDiscovery.adjusted(rows.map(\.p))
    for index in rows.indices { rows[index].q = adjusted[index] }
    for (index, arm) in arms.enumerated() {
      rows += structure.map { measure in
        let (control, edited) = (measure.ends[0], measure.ends[index + 1])
        return Row(
          arm: arm, role: "structure", group: "kernels", metric: measure.measure, start: measure.start,
          control: control, edited: edited, difference: zipped(edited, control).map { $0 - $1 })
      }
      switch latency {
      case .measured(let result): rows.append(result.row(arm, index + 1))
      case .unmeasurable: rows.append(LatencyResult.unmeasured(arm))
      case nil: break
      }
    }
    return rows
  }

  private func zipped(_ a: Double?, _ b: Double?) -> (Double, Double)? { a.flatMap { a in b.map { (a, $0) } } }

  /// All cells; quarters of them by rate; subjects, where there are several.
  private static func groups(_ stimulus: Stimulus) -> [(name: String, cells: [Int])] {
    let all = Array(stimulus.sessions.indices)
    var groups = [(name: "all", cells: all)]
    let ranked = all.filter { stimulus.meanCounts[$0] != nil }.sorted {
      (stimulus.meanCounts[$0] ?? 0, $0) < (stimulus.meanCounts[$1] ?? 0, $1)
    }
    if ranked.count >= 4 {
      groups += (0..<4).map { quarter in
        ("quarter \(quarter + 1)", Array(ranked[ranked.count * quarter / 4..<ranked.count * (quarter + 1) / 4]))
      }
    }
    let subjects = stimulus.sessions.map { CellGrouping.subject(ofSession: $0) }
    let names = subjects.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    if names.count > 1 {
      groups += names.map { name in ("subject \(name)", all.filter { subjects[$0] == name }) }
    }
    return groups
  }

  private static func row(
    _ arm: String, _ index: Int, _ stimulus: Stimulus, _ group: String, _ cells: [Int], _ kind: ArmScores.Kind
  ) -> Row {
    let controls = stimulus.arms[0].scores(kind)
    let others = stimulus.arms[index].scores(kind)
    let defined = cells.filter { cell in
      controls.indices.allSatisfy { controls[$0][cell] != nil && others[$0][cell] != nil }
    }
    func values(_ scores: [[Double?]]) -> [[Double]] { scores.map { own in defined.compactMap { own[$0] } } }
    let (theirs, ours) = (values(controls), values(others))
    let differences = zip(ours, theirs).map { zip($0, $1).map { $0 - $1 } }
    let starts = stimulus.arms[0].starts(kind)
    let start = defined.compactMap { starts[$0] }
    var row = Row(
      arm: arm, stimulus: stimulus.name, role: stimulus.wasTrained ? "trained" : "withheld", group: group,
      metric: kind.rawValue, cells: defined.count, start: start.isEmpty ? nil : Moments.mean(start))
    guard !defined.isEmpty else {
      row.reason = "no cell has a score in both arms"
      return row
    }
    row.control = Moments.mean(theirs.map(Moments.mean))
    row.edited = Moments.mean(ours.map(Moments.mean))
    row.difference = Moments.mean(differences.map(Moments.mean))
    row.interval = SeedBounds.interval(differences)
    let ofSeeds = differences.map(Moments.mean)
    if ofSeeds.count > 1 { row.seedSpread = Moments.variance(ofSeeds, missing: 1).squareRoot() }
    let means = defined.indices.map { cell in Moments.mean(differences.map { $0[cell] }) }
    // The cells share each training's noise, which the test over cells does not see.
    row.p = (means.count >= PairedComparison.fewestTested ? WilcoxonSignedRank(means)?.p : nil)
      .map { max($0, Self.overSeeds(ofSeeds) ?? 0) }
    row.reason = row.interval == nil ? tooFew : nil
    return row
  }

  /// Student's t over the seeds' mean differences, two-sided; nil for one seed, and where all are the same.
  private static func overSeeds(_ means: [Double]) -> Double? {
    guard means.count > 1 else { return nil }
    let error = (Moments.variance(means, missing: 1) / Double(means.count)).squareRoot()
    guard error > 0 else { return nil }
    return StudentT.twoSided(Moments.mean(means) / error, freedom: Double(means.count - 1))
  }

  static var tooFew: String { "too few cells for an interval (fewest \(MeanBounds.fewest))" }

  package static let columns = TableShape<Row>([
    .string("arm", "What was changed") { $0.arm },
    .string("stimulus", "Type of stimulus; null for numbers of the kernels") { $0.stimulus },
    .string("role", "trained: held-out trials of a stimulus that was trained on; withheld: not trained on; structure") {
      $0.role
    },
    .string(
      "group",
      "All cells; quarter 1 to 4, the cells in four parts by rate, 1 the lowest; or a subject's; of structure: kernels, or cells with clear fields"
    ) { $0.group },
    .string(
      "metric",
      "bits_per_spike, r, gain_error (|log2 of the gain that the counts ask for|); of structure: a number of the kernels, or late_ms, how much later the twin's receptive fields peak than the recorded cells'"
    ) { $0.metric },
    .int("cells", "Cells with a score, or a clear field, in both arms") { $0.cells },
    .float("start", "Mean before the first step, of the twin without the edit") { $0.start },
    .float("control", "Mean of the control after its steps") { $0.control },
    .float("edited", "Mean of the edited twin after as many steps on the same batches") { $0.edited },
    .float("difference", "Edited minus control, mean over cells and seeds") { $0.difference },
    .float("lower", "Lower end of its 95 % interval over cells and seeds") { $0.interval?.lower },
    .float("upper", "Upper end of its 95 % interval") { $0.interval?.upper },
    .float("seed_sd", "Standard deviation of the difference over seeds; null with one seed") { $0.seedSpread },
    .float(
      "p",
      "Of Wilcoxon's signed-rank test over cells; with several seeds that of Student's t over their means, where it is larger"
    ) { $0.p },
    .float("q", "p adjusted for the false discovery rate over all rows") { $0.q },
    .string("reason", "Why a value is null") { $0.reason },
  ])
}
