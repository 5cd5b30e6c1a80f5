import Base
import Foundation
import Metrics
import Testing

struct GratingTuningTests {
  /// Four orientations at two frequencies in an order without a pattern, phases in quarters of a turn.
  private struct Shown {
    var orientation: [Double] = []
    var frequency: [Double] = []
    var phase: [Double] = []

    init(frames: Int = 800) {
      var generator = MersenneTwister(seed: 3)
      for _ in 0..<frames {
        orientation.append([0, 45, 90, 135][Bootstrap.draw(below: 4, &generator)])
        frequency.append([1, 2][Bootstrap.draw(below: 2, &generator)])
        phase.append(Double(Bootstrap.draw(below: 4, &generator)) * .pi / 2)
      }
    }
  }

  private func tuning(
    _ shown: Shown, stretches: [Int]? = nil, phase: [Double]?, _ response: (_ frame: Int) -> Double?
  ) throws -> GratingTuning {
    let conditions = try GratingConditions(orientation: shown.orientation, frequency: shown.frequency, label: "rec")
    let frames = Array(shown.orientation.indices)
    return GratingTuning(
      responses: frames.map(response), frames: frames, conditions: conditions,
      stretches: stretches ?? frames.map { _ in 0 }, phase: phase, lags: 0...10)
  }

  /// (1 + cos 2 (o - 60)) at frequency 2, half of it at 1, times 1 + m cos phase, four frames later.
  private func simple(_ shown: Shown, modulation: Double) -> (Int) -> Double? {
    { frame in
      guard frame >= 4 else { return 0 }
      let cause = frame - 4
      let tuned = 1 + cos(2 * (shown.orientation[cause] - 60) * .pi / 180)
      return tuned * (shown.frequency[cause] == 2 ? 1 : 0.5) * (1 + modulation * cos(shown.phase[cause]))
    }
  }

  @Test("Lag, orientation, selectivity, frequency and phase are found")
  func tuning() throws {
    let shown = Shown(frames: 20_000)
    let found = try tuning(shown, phase: shown.phase, simple(shown, modulation: 0.8))
    #expect(found.lag == 4 && found.frequency == 1)
    // Phases fall unevenly on the conditions by chance: a per cent.
    #expect(try abs(#require(found.orientation) - 60) < 1.5)
    // sum (1 + cos 2(o - 60)) exp 2io over four orientations has the length 2, the sum is 4.
    #expect(try abs(#require(found.selectivity) - 0.5) < 0.02)
    // A least-squares fit of what is exactly a sine.
    #expect(try abs(#require(found.phaseRatio) - 0.8) < 1e-6)
    #expect(found.reason == nil)
  }

  @Test("Without phases everything else is found, and the reason names them")
  func withoutPhases() throws {
    let shown = Shown()
    let found = try tuning(shown, phase: nil, simple(shown, modulation: 0))
    #expect(found.phaseRatio == nil && found.reason == .noPhase)
    #expect(try abs(#require(found.selectivity) - 0.5) < 1e-9 && abs(#require(found.orientation) - 60) < 1e-9)
    let same = try tuning(shown, phase: shown.phase.map { _ in 1 }, simple(shown, modulation: 0))
    #expect(same.phaseRatio == nil && same.reason == .fewPhases)
  }

  @Test("A cell without a response, or without a valid bin, has no tuning")
  func noResponse() throws {
    let shown = Shown()
    let silent = try tuning(shown, phase: shown.phase) { _ in 0 }
    #expect(silent.lag == nil && silent.orientation == nil && silent.reason == .silent)
    let masked = try tuning(shown, phase: shown.phase) { _ in nil }
    #expect(masked.lag == nil && masked.reason == .allMasked)
    let broken = try tuning(shown, phase: shown.phase) { _ in .nan }
    #expect(broken.lag == nil && broken.reason == .notFinite)
  }

  @Test("A grating and its response lie in the same stretch")
  func stretchBorders() throws {
    let shown = Shown()
    // Stretches of four frames: no response has a cause four frames before.
    let short = try tuning(
      shown, stretches: shown.orientation.indices.map { $0 / 4 }, phase: nil, simple(shown, modulation: 0))
    #expect(short.lag.map { $0 < 4 } == true)
  }

  @Test("An orientation without a valid bin leaves the selectivity undefined")
  func missingOrientation() throws {
    let shown = Shown()
    let response = simple(shown, modulation: 0)
    let found = try tuning(shown, phase: nil) { frame in
      frame >= 4 && shown.orientation[frame - 4] == 0 ? nil : response(frame)
    }
    #expect(found.lag == 4 && found.selectivity == nil && found.reason == .missingConditions)
    var two = shown
    two.orientation = shown.orientation.map { $0 >= 90 ? 90 : 0 }
    #expect(try tuning(two, phase: nil, simple(two, modulation: 0)).reason == .fewOrientations)
  }

  @Test("Opposite directions are one orientation, and frames without a grating have no condition")
  func conditions() throws {
    let conditions = try GratingConditions(
      orientation: [0, 180, 270, 90, .nan, -45], frequency: [1, 1, 2, 2, 1, 0], label: "rec")
    #expect(conditions.orientations == [0, 90] && conditions.frequencies == [1, 2])
    #expect(conditions.shown == [0, 0, 3, 3, nil, nil])
    let alone = try GratingConditions(orientation: [10, 20], frequency: nil, label: "rec")
    #expect(alone.count == 2 && alone.shown == [0, 1])
    #expect(throws: Failure(.undefined, "rec: no frame shows a grating")) {
      try GratingConditions(orientation: [.nan], frequency: nil, label: "rec")
    }
    let tooMany = #expect(throws: Failure.self) {
      try GratingConditions(orientation: (0..<500).map { Double($0) / 3 }, frequency: nil, label: "rec")
    }
    #expect(tooMany?.kind == .unsupported)
    #expect(tooMany?.message.hasPrefix("rec: too many grating conditions to average over: 500 orientations") == true)
  }
}
