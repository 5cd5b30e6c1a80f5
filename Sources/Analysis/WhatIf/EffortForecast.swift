import Base
import Foundation
import Metrics

/// What an edit will have done to the scores after a longer training, from its effects after shorter ones.
///
/// Effects are differences of held-out bits/spike, edited minus control, paired by cell. With the change `c` over the last
/// doubling of the steps, the effect after `D` more doublings is `e + c (f + f^2 + … + f^D)`: `f` is how much of a doubling's
/// change the next one brings. `f` = 1/2 gives the estimate. The interval holds the 95 % intervals (`SeedBounds`) for `f` = 0,
/// nothing changes any more, for `f` = 1, every doubling brings as much, for the ratio of the last two changes where both are
/// shown and it is larger (up to 2), and for a last doubling that is taken back. A change is shown where its own 95 % interval
/// leaves out 0: the ratio of two changes that chance explains says nothing.
/// Undefined: the interval with fewer cells than `MeanBounds` needs. An effect that turns only after the steps that were
/// trained is not covered.
package struct EffortForecast: Sendable {
  package struct Point: Sendable, Equatable {
    /// Whether it was trained, or follows from the shorter trainings.
    package var isMeasured: Bool
    package var steps: Int
    package var effect: Double
    package var lower: Double?
    package var upper: Double?
  }

  /// Effects after more and more steps; the forecast last.
  package let points: [Point]
  package let cellCount: Int

  package var forecast: Point? { points.last }

  /// Two doublings are needed at least.
  package static let fewestPoints = 3

  /// - Parameters:
  ///   - course: scores after increasing numbers of steps, each about twice the one before.
  ///   - arm: 1 for the first edited one.
  ///   - steps: of the longer training.
  /// - Throws: `undefined` where no cell has all scores, or there are too few numbers of steps.
  package init(_ course: [WhatIfExperiment.CoursePoint], arm: Int = 1, to steps: Int) throws {
    let cells = (course.first?.scores.first?.first ?? []).indices.filter { cell in
      course.allSatisfy { point in [0, arm].allSatisfy { point.scores[$0].allSatisfy { $0[cell] != nil } } }
    }
    guard !cells.isEmpty else {
      throw Failure(.undefined, "no cell has a score in both arms after every number of steps")
    }
    guard course.count >= Self.fewestPoints, let last = course.last, last.steps <= steps else {
      throw Failure(.undefined, "too few numbers of steps to tell how the effect goes on")
    }
    let effects = course.map { point in
      zip(point.scores[arm], point.scores[0]).map { edited, control in
        cells.map { (edited[$0] ?? 0) - (control[$0] ?? 0) }
      }
    }
    cellCount = cells.count
    var points = zip(course, effects).map { point, effects in
      let interval = SeedBounds.interval(effects)
      return Point(
        isMeasured: true, steps: point.steps, effect: Self.mean(effects), lower: interval?.lower, upper: interval?.upper
      )
    }
    let (end, before, first) = (effects[effects.count - 1], effects[effects.count - 2], effects[effects.count - 3])
    let change = Self.change(before, end, course[course.count - 2].steps, last.steps)
    let earlier = Self.change(first, before, course[course.count - 3].steps, course[course.count - 2].steps)
    let doublings = log2(Double(steps) / Double(last.steps))
    func forecast(_ times: Double) -> [[Double]] { zip(end, change).map { zip($0, $1).map { $0 + times * $1 } } }
    let isGrowing = Self.isShown(earlier) && Self.isShown(change)
    let ratio = isGrowing ? Self.mean(change) / Self.mean(earlier) : 1
    let growth: [Double] = [0, 1, min(2, max(1, ratio))]
    let shares = growth.map { Self.sum(of: $0, over: doublings) } + [doublings > 0 ? -1.0 : 0.0]
    let intervals = shares.map { SeedBounds.interval(forecast($0)) }
    let lowest = intervals.compactMap { $0?.lower }
    let highest = intervals.compactMap { $0?.upper }
    let isKnown = lowest.count == shares.count
    points.append(
      Point(
        isMeasured: false, steps: steps, effect: Self.mean(forecast(Self.sum(of: 0.5, over: doublings))),
        lower: isKnown ? lowest.min() : nil, upper: isKnown ? highest.max() : nil))
    self.points = points
  }

  /// f + f^2 + … + f^D, for any D from 0 on.
  private static func sum(of share: Double, over doublings: Double) -> Double {
    share == 1 ? doublings : share * (pow(share, doublings) - 1) / (share - 1)
  }

  /// Change in a doubling of the steps, `[seed][cell]`.
  private static func change(_ early: [[Double]], _ late: [[Double]], _ from: Int, _ to: Int) -> [[Double]] {
    let doublings = log2(Double(to) / Double(from))
    return zip(late, early).map { zip($0, $1).map { ($0 - $1) / doublings } }
  }

  /// Whether the 95 % interval of a change leaves out 0.
  private static func isShown(_ change: [[Double]]) -> Bool {
    SeedBounds.interval(change).map { $0.lower > 0 || $0.upper < 0 } == true
  }

  private static func mean(_ effects: [[Double]]) -> Double { Moments.mean(effects.map(Moments.mean)) }

  package static let columns = TableShape<Point>([
    .string("kind", "trained here, or forecast for a longer training") { $0.isMeasured ? "trained" : "forecast" },
    .int("steps", "Steps of both arms") { $0.steps },
    .float("effect", unit: "bits/spike", "Edited minus control on held-out trials: mean over cells and seeds") {
      $0.effect
    },
    .float("lower", unit: "bits/spike", "Lower end of its 95 % interval") { $0.lower },
    .float("upper", unit: "bits/spike", "Upper end of its 95 % interval") { $0.upper },
  ])
}
