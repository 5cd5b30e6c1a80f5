import Analysis
import Base
import Foundation
import Kernels
import Metrics

/// Causes that `why` reports for simulated cells whose cause is known.
enum Causes {
  /// A kind of simulated cell, and what `why` should report first; nil for none.
  private struct Case: Sendable {
    var name: String
    var cause: Cause.Kind?
    var cell: @Sendable (inout MersenneTwister) -> SimulatedCell
  }

  /// True statements about a perfect cell: nothing is wrongly named by them.
  private static let harmless: Set<Cause.Kind> = [.fewSpikes, .ceiling]

  private static func good(_ generator: inout MersenneTwister, repeats: Bool) -> SimulatedCell {
    SimulatedCell(
      trials: 40, frames: 120, spikesPerSecond: 10 + 25 * generator.uniform(),
      modulation: 0.7 + 0.5 * generator.uniform(), smoothness: 0.9, repeats: repeats)
  }

  private static let faults: [Case] = [false, true].flatMap { repeats in
    let place = repeats ? ", repeated trials" : ""
    return [
      Case(name: "gain 3 times too large" + place, cause: .scale) { generator in
        var cell = good(&generator, repeats: repeats)
        cell.gain = { _ in 1 / 3.0 }
        return cell
      },
      Case(name: "30 spikes/s too few" + place, cause: .scale) { generator in
        var cell = good(&generator, repeats: repeats)
        cell.offsetHz = 30
        return cell
      },
      Case(name: "5 bins late" + place, cause: .latency) { generator in
        var cell = good(&generator, repeats: repeats)
        cell.delay = 5
        return cell
      },
      Case(name: "rate falls to a tenth" + place, cause: .drift) { generator in
        var cell = good(&generator, repeats: repeats)
        cell.gain = { 1 - 0.9 * $0 }
        return cell
      },
      Case(name: "60 % of the bins masked" + place, cause: .masked) { generator in
        var cell = good(&generator, repeats: repeats)
        cell.masked = 0.6
        return cell
      },
      Case(name: "counts of another stimulus" + place, cause: .notVisual) { generator in
        var cell = good(&generator, repeats: repeats)
        cell.isScrambled = true
        return cell
      },
    ]
  }

  /// - Parameter seed: of another set of cells; 0 for those of docs/honesty.md.
  static func claims(_ effort: Int, seed: UInt32) throws -> [Claim] {
    let offset = seed &* 1_000_003
    var claims: [Claim] = []
    var wrong: [Cause.Kind: Int] = [:]
    var count = 0
    var visual = 0
    for repeats in [false, true] {
      let found = try Parallel.map(255 * effort) { index -> (kinds: [Cause.Kind], isVisual: Bool) in
        var generator = MersenneTwister(seed: UInt32(7000 + index) &+ (repeats ? 100_000 : 0) &+ offset)
        let cell = SimulatedCell(
          trials: 40, frames: 120, spikesPerSecond: 1.5 * exp(3 * generator.uniform()),
          modulation: 0.15 + 1.1 * generator.uniform(), smoothness: 0.9, repeats: repeats)
        let diagnosis = try diagnosis(cell, seed: UInt32(index) &+ (repeats ? 50_000 : 0) &+ offset)
        return (diagnosis.causes.filter(\.isFound).map(\.kind), (diagnosis.scores.bitsPerSpike.value ?? 0) > 0)
      }
      count += found.count
      visual += found.count { $0.isVisual && $0.kinds.contains(.notVisual) }
      for kind in found.flatMap(\.kinds) { wrong[kind, default: 0] += 1 }
    }
    for kind in Cause.Kind.allCases where !harmless.contains(kind) && kind != .starved {
      let needsTwin: Set<Cause.Kind> = [.place, .width, .weights]
      if needsTwin.contains(kind) { continue }
      claims.append(
        .rate("why: perfect cells that are called '\(kind.rawValue)'", atMost: 0.02, [(wrong[kind] ?? 0, count)]))
    }
    claims.append(
      .rate("why: perfect cells with a score above 0 that are called 'not visual'", atMost: 0.01, [(visual, count)]))
    var right = 0
    var all = 0
    for fault in faults {
      let found = try Parallel.map(40 * effort) { index -> Cause.Kind? in
        var generator = MersenneTwister(seed: UInt32(90_000 + index) &+ offset)
        let cell = fault.cell(&generator)
        let diagnosis = try diagnosis(cell, seed: UInt32(200_000 + index) &+ offset)
        return diagnosis.causes.first { $0.isFound }?.kind
      }
      let hits = found.count { $0 == fault.cause }
      right += hits
      all += found.count
      var claim = Claim.rate("why: fault named first: \(fault.name)", atLeast: 0.9, (hits, found.count))
      let others = Dictionary(grouping: found.filter { $0 != fault.cause }) { $0?.rawValue ?? "none" }
        .sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }
      if let other = others.first { claim.measured += "; else \(other.key) (\(other.value.count))" }
      claims.append(claim)
    }
    claims.append(.rate("why: strong planted faults named first, all kinds", atLeast: 0.95, (right, all)))
    return claims
  }

  private static func diagnosis(_ cell: SimulatedCell, seed: UInt32) throws -> CellDiagnosis {
    let predictions = cell.predictions(seed: seed)
    // A fifth of the trials is held out, as in a twin's split.
    let held = predictions.frames.indices.filter { ($0 / cell.frames) % 5 == 4 }
    let cells = DiagnosedCells(
      predictions: predictions, scoredRows: held, cells: [0],
      responses: cell.repeats
        ? try RepeatedResponses(predictions, stimulus: "simulated", cids: [0], work: .silent) : nil,
      fields: nil, readouts: nil, refit: .none("not simulated"), training: nil, isQuick: true)
    return CellDiagnosis(try Diagnosis(cells, place: 0, work: .silent))
  }
}
