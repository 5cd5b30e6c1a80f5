import Base
import Metrics

/// Score against structure: what each arm of an experiment has of both, and which arms no other one beats.
package struct TradeOff: Sendable {
  /// What stands against the score.
  package enum Measure: String, CaseIterable, Sendable {
    case highPass = "high_pass"
    case weightAtLag0 = "weight_lag0"
    case meanMs = "mean_ms"
    case gainError = "gain_error"

    /// Answers that come later and kernels that pass high frequencies are better; so are rates of the right scale.
    var moreIsBetter: Bool {
      switch self {
      case .highPass, .meanMs: true
      case .weightAtLag0, .gainError: false
      }
    }

    package var sentence: String {
      switch self {
      case .highPass: "high-pass index of the kernels (more is better)"
      case .weightAtLag0: "weight of the kernels on lag 0 (less is better)"
      case .meanMs: "mean lag of the kernels in ms (more is better)"
      case .gainError: "gain error on withheld stimuli (less is better)"
      }
    }
  }

  package struct Point: Sendable, Equatable {
    /// `control`, or what was changed.
    package var arm: String
    /// Bits/spike on held-out trials of the stimuli that were trained on: mean over cells and seeds.
    package var score: Double
    /// The score minus the control's.
    package var difference: Double
    /// 95 % interval of the difference over cells and seeds.
    package var lower: Double?
    package var upper: Double?
    package var structure: Double
    /// No other arm is at least as good in both, and better in one.
    package var isOnFront = false
  }

  package let measure: Measure
  /// The control first.
  package let points: [Point]
  /// Cells that the scores are means of.
  package let cellCount: Int

  /// - Throws: `undefined` where no cell has a score in all arms, or the arms have no such number.
  package init(_ result: WhatIfResult, against measure: Measure) throws {
    self.measure = measure
    let names = ["control"] + result.arms
    let scores = Self.values(.bitsPerSpike, of: result.stimuli.filter(\.wasTrained), arms: names.count)
    guard let control = scores.first, control.first?.isEmpty == false else {
      throw Failure(.undefined, "no cell has a score in all arms, so there is no trade-off to show")
    }
    cellCount = control[0].count
    let structure = try Self.structure(measure, result, arms: names.count)
    var points = names.indices.map { arm in
      let differences = zip(scores[arm], control).map { zip($0, $1).map { $0 - $1 } }
      let interval = arm == 0 ? nil : SeedBounds.interval(differences)
      return Point(
        arm: names[arm], score: Self.mean(scores[arm]), difference: Self.mean(differences), lower: interval?.lower,
        upper: interval?.upper, structure: structure[arm])
    }
    let sign = measure.moreIsBetter ? 1.0 : -1.0
    let front = ParetoFront.members(of: points.map { [$0.score, sign * $0.structure] })
    for arm in points.indices { points[arm].isOnFront = front[arm] }
    self.points = points
  }

  private static func structure(_ measure: Measure, _ result: WhatIfResult, arms: Int) throws -> [Double] {
    if measure == .gainError {
      let withheld = result.stimuli.filter { !$0.wasTrained }
      let errors = values(.gainError, of: withheld, arms: arms)
      guard errors.first?.first?.isEmpty == false else {
        throw Failure(
          .undefined, "no withheld stimulus has a gain error in all arms",
          hint: "name stimuli with --withheld, or choose another number with --tradeoff")
      }
      return errors.map(mean)
    }
    let ends = result.structure.first { $0.measure == measure.rawValue }?.ends.compactMap(\.self) ?? []
    guard ends.count == arms else {
      throw Failure(
        .undefined, "the frontend has no kernels with a \(measure.rawValue) in all arms",
        hint: "choose another number with --tradeoff: \(Measure.gainError.rawValue) needs no kernels")
    }
    return ends
  }

  /// `[arm][seed][cell]`, of the cells that have a score in every arm and seed.
  private static func values(
    _ kind: ArmScores.Kind, of stimuli: [WhatIfResult.Stimulus], arms: Int
  ) -> [[[Double]]] {
    let seeds = stimuli.first?.arms.first?.ends.count ?? 0
    var values = [[[Double]]](repeating: [[Double]](repeating: [], count: seeds), count: arms)
    for stimulus in stimuli {
      let scores = stimulus.arms.map { $0.scores(kind) }
      for cell in stimulus.sessions.indices {
        guard scores.allSatisfy({ $0.allSatisfy { $0[cell] != nil } }) else { continue }
        for arm in scores.indices {
          for seed in scores[arm].indices { values[arm][seed].append(scores[arm][seed][cell] ?? 0) }
        }
      }
    }
    return values
  }

  private static func mean(_ scores: [[Double]]) -> Double { Moments.mean(scores.map(Moments.mean)) }

  // MARK: Table and figure

  package static let columns = TableShape<Point>([
    .string("arm", "control, or what was changed") { $0.arm },
    .float("bits_per_spike", unit: "bits/spike", "Mean over cells and seeds, on held-out trials of what was trained on")
    {
      $0.score
    },
    .float("difference", unit: "bits/spike", "The same minus the control's") { $0.difference },
    .float("lower", unit: "bits/spike", "Lower end of its 95 % interval over cells and seeds") { $0.lower },
    .float("upper", unit: "bits/spike", "Upper end of its 95 % interval") { $0.upper },
    .float("structure", "The number that --tradeoff names") { $0.structure },
    .bool("pareto", "No other arm is as good in bits_per_spike and structure, and better in one") { $0.isOnFront },
  ])

  /// `on the Pareto front: control, lambda=1`, and which of these arms score like the control as far as can be told.
  package var note: String {
    let front = points.filter(\.isOnFront)
    let sentence =
      "structure: \(measure.sentence); on the Pareto front: " + front.map(\.arm).joined(separator: ", ")
    let alike = front.dropFirst(front.first?.arm == points.first?.arm ? 1 : 0).filter { point in
      guard let lower = point.lower, let upper = point.upper else { return true }
      return lower <= 0 && upper >= 0
    }
    guard !alike.isEmpty else { return sentence }
    return sentence + "; chance may explain the difference in score to the control of "
      + alike.map(\.arm).joined(separator: ", ")
  }

  /// The score over the structure; a line joins the front.
  package var figure: Figure {
    func series(_ name: String, _ style: Figure.Style, _ points: [Point]) -> Figure.Series {
      Figure.Series(name, x: points.map(\.structure), y: points.map(\.score), style: style)
    }
    let front = points.filter(\.isOnFront).sorted { ($0.structure, $0.score) < ($1.structure, $1.score) }
    let control = points.prefix(1)
    let others = points.dropFirst().filter { !$0.isOnFront }
    var figure = Figure(
      "score against structure", xLabel: measure.sentence, yLabel: "bits/spike on held-out trials",
      series: [
        series("Pareto front", .line, front), series("on the front", .points, front),
        series("not on the front", .points, others), series("control", .points, Array(control)),
      ].filter { !$0.x.isEmpty })
    figure.note = "on the front, by structure: \(front.map(\.arm).joined(separator: ", "))"
    return figure
  }
}
