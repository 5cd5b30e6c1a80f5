import Base

/// Scores of many twins and runs, ranked among scores that can be compared.
package struct LeaderboardTable {
  /// The best value that a training logged of its own score.
  package struct Logged: Sendable {
    /// What the training was trained and scored on.
    var data: String
    var metric: String
    var rank: Int
    var run: String
    /// The twin that holds one of its checkpoints, if there is one.
    var twin: String?
    var value: Double

    package init(data: String, metric: String, rank: Int, run: String, twin: String?, value: Double) {
      self.data = data
      self.metric = metric
      self.rank = rank
      self.run = run
      self.twin = twin
      self.value = value
    }
  }

  /// A cell's score.
  package struct Entry: Sendable {
    package var twin: String
    package var session: String
    package var stimulus: String
    package var split: String
    /// Null model, calibration and options of the metric.
    package var variant: String
    package var cid: CellID
    package var value: Double?
    /// Number of the session's entry that computed it.
    package var entry: Int

    package init(
      twin: String, session: String, stimulus: String, split: String, variant: String, cid: CellID, value: Double?,
      entry: Int
    ) {
      self.twin = twin
      self.session = session
      self.stimulus = stimulus
      self.split = split
      self.variant = variant
      self.cid = cid
      self.value = value
      self.entry = entry
    }
  }

  /// Scores of one group can be compared.
  private struct Group: Hashable, Comparable {
    var stimulus: String
    var split: String
    var variant: String

    static func < (a: Group, b: Group) -> Bool {
      (a.stimulus, a.split, a.variant) < (b.stimulus, b.split, b.variant)
    }
  }

  /// A twin in its group, or a training among those that logged the same score.
  package struct Row: Sendable {
    var stimulus: String
    var split: String?
    var variant: String
    var twin: String?
    var run: String?
    var sessions: Int?
    var cells: Set<String>?
    var undefined: Int?
    var mean: MeanInterval?
    var median: Double?
    var logged: Double?
    var entry: Int?
    var rank = 0
  }

  private let rows: [Row]
  private let unit: String?
  /// Groups whose twins were not evaluated on the same cells.
  package let notes: [String]

  /// - Parameters:
  ///   - metric: of the scores; nil where there are none.
  ///   - runs: of twins that hold a checkpoint of one.
  package init(
    _ scores: [Entry], metric: (any Metric.Type)?, weight: CellGrouping, logged: [Logged] = [],
    runs: [String: String] = [:]
  ) {
    unit = metric?.unit
    let sign: Double = metric?.isLowerBetter ?? false ? -1 : 1
    var rows: [Row] = []
    var notes: [String] = []
    let groups = Dictionary(grouping: scores) { Group(stimulus: $0.stimulus, split: $0.split, variant: $0.variant) }
    for group in groups.keys.sorted() {
      let twins = Dictionary(grouping: groups[group] ?? [], by: \.twin)
      var board = twins.keys.sorted().map { Self.row(group, $0, twins[$0] ?? [], weight) }
      // Twins without a mean are last.
      func place(_ row: Row) -> Double { row.mean.map { sign * $0.mean } ?? -.infinity }
      board.sort { (place($0), $1.twin ?? "") > (place($1), $0.twin ?? "") }
      for index in board.indices {
        board[index].rank = index + 1
        board[index].run = board[index].twin.flatMap { runs[$0] }
      }
      if Set(board.map(\.cells)).count > 1 {
        let place = group.stimulus.isEmpty ? "predictions that name no stimulus," : "\(group.stimulus),"
        notes.append("the twins on \(place) split \(group.split), were not evaluated on the same cells")
      }
      rows += board
    }
    self.rows =
      rows
      + logged.map {
        Row(
          stimulus: $0.data, variant: "best logged \($0.metric)", twin: $0.twin, run: $0.run, logged: $0.value,
          rank: $0.rank)
      }
    self.notes = notes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func row(_ group: Group, _ twin: String, _ scores: [Entry], _ weight: CellGrouping) -> Row {
    let known = scores.filter { $0.value != nil }
    let values = known.compactMap(\.value)
    return Row(
      stimulus: group.stimulus, split: group.split, variant: group.variant, twin: twin,
      sessions: Set(scores.map(\.session)).count, cells: Set<String>(scores.map { "\($0.session) \($0.cid)" }),
      undefined: scores.count - known.count,
      mean: MeanInterval(values, groups: known.map { weight.group(ofSession: $0.session) }),
      median: Quantile.median(values), entry: scores.map(\.entry).max() ?? 0)
  }

  /// - Parameter unit: the metric's.
  package static func columns(unit: String? = nil) -> TableShape<Row> {
    TableShape([
      .int("rank", "Place by mean score, 1 for the best") { $0.rank },
      .string("twin", "The twin, or the predictions; the twin that holds a checkpoint of the run") { $0.twin },
      .string("run", "The run, or the run whose checkpoint the twin holds; null where there is none") { $0.run },
      .float("mean", unit: unit, "Mean score") { $0.mean?.mean },
      .float("lower", unit: unit, "Lower end of the mean's 95 % interval") { $0.mean?.lower },
      .float("upper", unit: unit, "Upper end of the mean's 95 % interval") { $0.mean?.upper },
      .float("logged", "Best value that the run logged, in the unit of its tool") { $0.logged },
      .string("stimulus", "Stimulus that the twins were scored on; the data of runs") { $0.stimulus },
      .string("split", "Split that the twins were scored on; null for what a run logged") { $0.split },
      .string(
        "variant",
        "How the rates were made, null model and options of the metric, or what the runs logged: ranked apart"
      ) { $0.variant },
      .int("sessions", "Sessions with scored cells") { $0.sessions },
      .int("cells", "Scored cells") { $0.cells?.count },
      .int("undefined", "Cells whose score is undefined") { $0.undefined },
      .float("median", unit: unit, "Median score") { $0.median },
      .int("entry", "Entry that computed the latest of the scores") { $0.entry },
      .string("reason", "Why the mean has no interval") { $0.logged == nil ? $0.mean?.reason : nil },
    ])
  }

  package var table: Table { Self.columns(unit: unit).table(rows) }
}
