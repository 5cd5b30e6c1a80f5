import Base
import Formats
import Foundation
import Layers
import Metrics
import Training
import Twin

/// Trains a control and edited twins from the same tensors on the same batches, and scores both on held-out trials.
package struct WhatIfExperiment {
  /// How long it trains.
  package enum Length: Sendable {
    case steps(Int)
    /// Everything counted in: all arms, seeds and scores.
    case seconds(Double)
  }

  /// What came out.
  package struct Outcome {
    package var result: WhatIfResult
    /// Steps of each arm and seed.
    package var steps: Int
    /// What the control gained on the trained stimuli over all of its steps, and over their last quarter, in bits/spike: mean
    /// over cells, first seed. Nil where no cell has a score.
    package var controlGain: (all: Double, lastQuarter: Double)?
    /// The scores on the way, where they were asked for, and at the end.
    package var course: [CoursePoint] = []
  }

  /// Held-out scores of what is trained on, after some steps.
  package struct CoursePoint: Sendable {
    package var steps: Int
    /// Bits/spike, `[arm][seed][cell]`, control first; nil where a cell has none.
    package var scores: [[[Double?]]]

    package init(steps: Int, scores: [[[Double?]]]) {
      self.steps = steps
      self.scores = scores
    }
  }

  /// A step that has both arms do the same twice is no experiment.
  private static let probeSteps = 2
  /// A trainer's noise at a step follows from its seed plus the step, so that the seeds must lie far apart.
  private static let noiseStride: UInt32 = 0x9E37_79B1
  /// Fewer steps show nothing.
  package static let fewestSteps = 4

  private let arms: [SideBySide.Arm]
  private let source: any ArraySource
  private let sets: [any TrainingSet]
  private let withheld: [any TrainingSet]
  private let isFrozen: (ParameterInfo) -> Bool
  private let order: (UInt32) -> any BatchOrder

  /// - Parameters:
  ///   - arms: the control first.
  ///   - sets: what is trained on; their held-out frames are scored.
  ///   - withheld: stimuli of which the held-out frames are scored and nothing is trained on.
  ///   - order: the batches of a seed.
  package init(
    _ arms: [SideBySide.Arm], source: any ArraySource, sets: [any TrainingSet], withheld: [any TrainingSet],
    isFrozen: @escaping (ParameterInfo) -> Bool, order: @escaping (UInt32) -> any BatchOrder
  ) {
    self.arms = arms
    self.source = source
    self.sets = sets
    self.withheld = withheld
    self.isFrozen = isFrozen
    self.order = order
  }

  /// - Parameters:
  ///   - halvings: how many times the number of steps is halved for scores on the way: with 2, they are also
  ///     taken after a quarter and a half of the steps.
  ///   - fewest: steps that a time must allow.
  ///   - comparesLatency: whether the receptive fields of both arms are measured beside those of the recorded cells.
  /// - Throws: `usage` for an arm that goes exactly as the control, or a time that is too short; as `SideBySide`.
  package func run(
    seeds: [UInt32], length: Length, halvings: Int = 0, fewest: Int = Self.fewestSteps, comparesLatency: Bool = false,
    work: Work = .silent
  ) throws -> Outcome {
    let begin = ContinuousClock.now
    let all = sets + withheld
    var ends: [[[[MaskedSums]]]] = []
    var kernels: [[Tensor?]] = []
    var starts: [[MaskedSums]] = []
    var gain: (all: Double, lastQuarter: Double)?
    var steps = 0
    /// Of each number of steps, the scores of every seed.
    var course: [Int: [[[MaskedSums]]]] = [:]
    let latency = comparesLatency ? try LatencyMeasurement(all, work: work) : nil
    var startMs: [Double?] = []
    var endMs: [[[Double?]]] = []
    defer { work.progress?.end() }
    for (place, seed) in seeds.enumerated() {
      var training = try side(by: seed, place)
      if place == 0 {
        let mark = ContinuousClock.now
        starts = try training.heldOut(all, work: work)[0]
        var scoring = Self.seconds(since: mark)
        if let latency {
          let mark = ContinuousClock.now
          startMs = try latency.modelMs(arms[0].architecture, training.trainers[0].store, work: work)
          scoring += Self.seconds(since: mark) * Double(arms.count)
        }
        let first = ContinuousClock.now
        try take(Self.probeSteps, of: &training, work)
        try check(training)
        steps = try count(
          length, spent: Self.seconds(since: begin), step: Self.seconds(since: first) / Double(Self.probeSteps),
          scoring: scoring, seeds: seeds.count, scores: seeds.count * (1 + halvings) + 1,
          fewest: fewest)
        work.progress?.begin("training \(arms.count) arms", total: steps * seeds.count, unit: "steps")
      }
      let quarter = steps - max(1, steps / 4)
      let marks = Set((0..<halvings).map { steps >> ($0 + 1) })
      func score(_ training: SideBySide) throws {
        guard marks.contains(training.stepsDone) else { return }
        course[training.stepsDone, default: []].append(
          try training.heldOut(sets, work: work).map { $0.flatMap(\.self) })
      }
      if place == 0 { try score(training) }
      while training.stepsDone < steps {
        if place == 0, training.stepsDone == quarter {
          let early = mean(try training.heldOut(sets, work: work)[0])
          gain = early.map { (0, $0) }
        }
        try training.step(work: Work(cancellation: work.cancellation))
        try score(training)
        work.progress?.advance(to: place * steps + training.stepsDone)
      }
      ends.append(try training.heldOut(all, work: work))
      kernels.append(try training.trainers.map { try Self.kernels($0.architecture, $0.store) })
      if let latency {
        endMs.append(try training.trainers.map { try latency.modelMs($0.architecture, $0.store, work: work) })
      }
      if place == 0, let early = gain?.lastQuarter, let end = mean(Array(ends[0][0].prefix(sets.count))),
        let start = mean(Array(starts.prefix(sets.count)))
      {
        gain = (end - start, end - early)
      }
    }
    return Outcome(
      result: WhatIfResult(
        arms: arms.dropFirst().map(\.name), stimuli: stimuli(all, starts: starts, ends: ends),
        structure: try structure(kernels),
        latency: latency.map {
          .measured(
            LatencyResult(stimulus: $0.stimulus, recordedMs: $0.recordedMs, startMs: startMs, endMs: endMs))
        } ?? (comparesLatency ? .unmeasurable : nil)),
      steps: steps, controlGain: gain, course: self.course(course, ends: ends, steps: steps))
  }

  /// Scores on the way, and those at the end.
  private func course(_ marked: [Int: [[[MaskedSums]]]], ends: [[[[MaskedSums]]]], steps: Int) -> [CoursePoint] {
    var all = marked
    all[steps] = ends.map { seed in seed.map { $0.prefix(sets.count).flatMap(\.self) } }
    return all.sorted { $0.key < $1.key }.map { steps, seeds in
      CoursePoint(
        steps: steps,
        scores: arms.indices.map { arm in seeds.map { $0[arm].map(ArmScores.Kind.bitsPerSpike.value) } })
    }
  }

  /// - Parameter place: of the seed: each has dropout's noise of its own, too.
  private func side(by seed: UInt32, _ place: Int) throws -> SideBySide {
    let own = arms.map { arm in
      var arm = arm
      arm.settings.seed &+= UInt32(place) &* Self.noiseStride
      return arm
    }
    return try SideBySide(own, source: source, sets: sets, order: order(seed), isFrozen: isFrozen)
  }

  private func take(_ count: Int, of training: inout SideBySide, _ work: Work) throws {
    for _ in 0..<count { try training.step(work: Work(cancellation: work.cancellation)) }
  }

  private static func seconds(since mark: ContinuousClock.Instant) -> Double {
    let parts = (ContinuousClock.now - mark).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }

  private static let sameSteps = "after \(probeSteps) steps it has the control's losses and tensors, to the bit"

  /// Two steps show whether an arm differs at all.
  private func check(_ training: SideBySide) throws {
    for arm in arms.indices.dropFirst() where try !arms[arm].mayBeControl && training.isSameAsControl(arm) {
      let reasons =
        (try? NoEffect(
          arms[arm], beside: arms[0], source: source, trainedNames: training.trainers[arm].trainedNames
        ).reasons) ?? []
      throw Failure(
        .usage,
        "`\(arms[arm].name)` changes nothing: \((reasons.prefix(3) + [Self.sameSteps]).joined(separator: "; "))",
        hint: reasons.isEmpty
          ? "an edit must change an output or a gradient: a start such as init_type acts in `new` alone, a masked tap may be 0 under the window already, and a schedule of `regularization` may begin in a later epoch"
          : "an edit must change an output or a gradient")
    }
  }

  /// Steps that fit, so that the scores after them fit as well.
  private func count(
    _ length: Length, spent: Double, step: Double, scoring: Double, seeds: Int, scores count: Int, fewest: Int
  ) throws -> Int {
    switch length {
    case .steps(let steps): return max(steps, Self.probeSteps)
    case .seconds(let seconds):
      let scores = scoring * Double(count)
      let left = seconds - spent - scores
      let steps = Int(min(1e9, max(0, left / (step * Double(seeds)) + Double(Self.probeSteps) / Double(seeds))))
      guard steps >= fewest else {
        throw Failure(
          .usage,
          "the time allows \(steps) steps of each arm: a step of all arms takes \(NumberText.sentence(step)) s, all scores \(NumberText.sentence(scores)) s",
          hint: "give more --minutes, fewer --seeds, or a smaller --batch-size")
      }
      return steps
    }
  }

  /// Mean bits/spike over the cells of all sets.
  private func mean(_ sums: [[MaskedSums]]) -> Double? {
    let scores = sums.joined().compactMap(ArmScores.Kind.bitsPerSpike.value)
    return scores.isEmpty ? nil : Moments.mean(scores)
  }

  // MARK: Results

  private func stimuli(
    _ all: [any TrainingSet], starts: [[MaskedSums]], ends: [[[[MaskedSums]]]]
  ) -> [WhatIfResult.Stimulus] {
    let types = all.map(\.stimulusType)
    // A type that is trained on in one recording may be withheld in another.
    let keys = all.indices.map { (name: types[$0], wasTrained: $0 < sets.count) }
    var known: [(name: String, wasTrained: Bool)] = []
    for key in keys where !known.contains(where: { $0 == key }) { known.append(key) }
    return known.map { key in
      let places = all.indices.filter { keys[$0] == key }
      return WhatIfResult.Stimulus(
        name: key.name, wasTrained: key.wasTrained,
        sessions: places.flatMap { place in all[place].meanCounts.map { _ in all[place].session } },
        cids: places.flatMap { all[$0].cids }, meanCounts: places.flatMap { all[$0].meanCounts },
        arms: arms.indices.map { arm in
          ArmScores(
            start: places.flatMap { starts[$0] }, ends: ends.map { seed in places.flatMap { seed[arm][$0] } })
        })
    }
  }

  private static func kernels(_ architecture: TwinArchitecture, _ source: any ArraySource) throws -> Tensor? {
    try TwinNetwork(architecture: architecture, source: source, heads: []).effectiveKernels
  }

  /// Numbers of the kernels that act; nothing for a frontend without such kernels.
  private func structure(_ kernels: [[Tensor?]]) throws -> [WhatIfResult.Structure] {
    let start = try Self.kernels(arms[0].architecture, source)
    let measures: [(String, (TimeProfile) -> Double?)] = [
      ("weight_lag0", { $0.weightAtLag0 }), ("mean_ms", { $0.meanMs }), ("high_pass", { $0.highPass }),
    ]
    guard start != nil else { return [] }
    return measures.map { name, value in
      func mean(_ kernels: Tensor?, of arm: Int) -> Double? {
        let step = arms[arm].architecture.tapStep
        let values = (kernels?.kernelRows ?? []).compactMap { row in
          value(
            TimeProfile(lags: row.indices.map { $0 * step }, rateHz: arms[0].architecture.samplingRate, rows: 1) {
              row[$1]
            })
        }
        return values.isEmpty ? nil : Moments.mean(values)
      }
      return WhatIfResult.Structure(
        measure: name, start: mean(start, of: 0),
        ends: arms.indices.map { arm in
          let own = kernels.compactMap { mean($0[arm], of: arm) }
          return own.isEmpty ? nil : Moments.mean(own)
        })
    }
  }
}
