import Base
import Fitting
import Foundation
import Kernels
import Layers
import Testing

@Suite("Which numbers of a readout a refit changes")
struct ReadoutPartTests {
  private let data = SimulatedFeatures(rows: 800)

  private func fit(
    _ part: ReadoutRefitOptions.Part, from current: [CellReadout],
    _ change: (inout ReadoutRefitOptions) -> Void = { _ in }
  ) throws -> [CellReadout] {
    var options = ReadoutRefitOptions()
    options.part = part
    change(&options)
    var model = ReadoutModel()
    model.current = current
    let readouts = try ReadoutRefit.fit(
      features: FeatureArray(data.features), counts: data.counts, mask: data.mask, trainRows: Array(0..<800),
      valRows: [], options: options, model: model)
    #expect(readouts.map(\.features.count) == [3, 3])
    return readouts
  }

  /// The truth, moved and scaled.
  private var displaced: [CellReadout] {
    data.truth.map { truth in
      var readout = truth.readout
      readout.meanY += 0.6
      readout.features = readout.features.map { 0.5 * $0 }
      return readout
    }
  }

  @Test("Features alone: the place stays, and no full fit is worse") func features() throws {
    let full = try data.fit()
    for ((fitted, start), best) in zip(zip(try fit(.features, from: displaced), displaced), full) {
      #expect(abs(fitted.meanY - start.meanY) < 1e-6 && abs(fitted.stdX - start.stdX) < 1e-6)
      #expect(fitted.features != start.features && fitted.converged)
      #expect(best.nllTrain <= fitted.nllTrain + 1e-7)
    }
  }

  @Test("Place alone: the feature weights stay, the centre is found") func place() throws {
    let start = data.truth.map { truth in
      var readout = truth.readout
      readout.meanY += 1
      return readout
    }
    for ((fitted, start), truth) in zip(zip(try fit(.place, from: start), start), data.truth) {
      #expect(zip(fitted.features, start.features).allSatisfy { abs($0 - $1) < 1e-6 })
      #expect(abs(Double(fitted.meanY) - truth.mask.meanY) < 0.2)
    }
  }

  @Test("Gain alone: one factor and the bias; a pull leaves them where they were") func gain() throws {
    for (fitted, start) in zip(try fit(.gain, from: displaced), displaced) {
      let factors = zip(fitted.features, start.features).map { $0 / $1 }
      #expect(factors.allSatisfy { abs($0 - factors[0]) < 1e-4 } && factors[0] > 1.2)
      #expect(fitted.meanX == start.meanX)
    }
    for (fitted, start) in zip(try fit(.gain, from: displaced, { $0.pull = 1e4 }), displaced) {
      #expect(zip(fitted.features, start.features).allSatisfy { abs($0 / $1 - 1) < 1e-3 })
      #expect(abs(fitted.bias - start.bias) < 1e-3)
    }
  }

  @Test("A linear readout weighs all pixels alike and finds the weights that made the counts") func linear() throws {
    var data = data
    var generator = MersenneTwister(seed: 12)
    for row in 0..<800 {
      let means = (0..<3).map { channel in
        (0..<42).reduce(0.0) { $0 + Double(data.features.values[(row * 3 + channel) * 42 + $1]) } / 42
      }
      let rate = Softplus.value(-0.5 + 4 * means[0] - 3 * means[1])
      data.counts.values[2 * row] = Float(SimulatedPredictions.poisson(rate, &generator))
    }
    var model = ReadoutModel()
    model.averagesSpace = true
    let readout = try ReadoutRefit.fit(
      features: FeatureArray(data.features), counts: data.counts, mask: data.mask, trainRows: Array(0..<800),
      valRows: [], model: model)[0]
    #expect(readout.converged && readout.errors == nil)
    for (weight, truth) in zip(readout.features, [4.0, -3, 0]) { #expect(abs(Double(weight) - truth) < 0.8) }
  }

  @Test("Widths keep below their limit") func widths() throws {
    var options = ReadoutRefitOptions()
    options.largestStd = 0.6
    for readout in try data.fit(options: options) {
      #expect(max(readout.stdY, readout.stdX) <= 0.6001)
    }
  }

  @Test("The spread over starts is known with several starts and is never negative") func spread() throws {
    for readout in try data.fit() { #expect(try #require(readout.spread) >= 0) }
    for readout in try data.fit(options: ReadoutRefitOptions(starts: 1)) { #expect(readout.spread == nil) }
  }

  @Test("95 % intervals of centres and widths hold the truth in 90 to 98 % of cases") func coverage() throws {
    let data = SimulatedFeatures(rows: 3000, cells: 100, seed: 21)
    var (hits, all) = ([0, 0], [0, 0])
    for (readout, truth) in zip(try data.fit(options: ReadoutRefitOptions(starts: 3)), data.truth) {
      guard let errors = readout.errors else { continue }
      // A quarter turn exchanges the widths.
      let isTurned = abs(readout.theta) > .pi / 4
      let widths = [truth.mask.stdY, truth.mask.stdX]
      for (index, entry) in [
        (readout.meanY, errors.meanY, truth.mask.meanY), (readout.meanX, errors.meanX, truth.mask.meanX),
        (readout.stdY, errors.stdY, widths[isTurned ? 1 : 0]), (readout.stdX, errors.stdX, widths[isTurned ? 0 : 1]),
      ].enumerated() {
        guard let error = entry.1 else { continue }
        all[index / 2] += 1
        if abs(Double(entry.0) - entry.2) <= 1.96 * error { hits[index / 2] += 1 }
      }
    }
    for (hits, all) in zip(hits, all) {
      #expect(all > 180)
      #expect((0.90...0.98).contains(Double(hits) / Double(all)), "\(hits) of \(all)")
    }
  }
}
