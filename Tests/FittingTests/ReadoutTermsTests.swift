import Base
import Fitting
import Foundation
import Kernels
import Testing
import Training

@Suite("What a refit minimises")
struct ReadoutTermsTests {
  private let data = SimulatedFeatures(rows: 300)
  private let point = ReadoutParameters(
    weights: [0.8, -1.1, 0.4], bias: -0.2,
    mask: GaussianMask(meanY: 0.4, meanX: -0.7, stdY: 1.3, stdX: 0.9, theta: 0.5))

  private func sums(
    _ parameters: ReadoutParameters, rates: RateFunction, derivatives: Bool = true
  ) throws -> ReadoutSums {
    var objective = ReadoutObjective(
      channels: 3, height: 6, width: 7, counts: [data.counts.column(0)],
      mask: [(0..<300).map { $0 % 5 == 0 ? 0 : 1 }])
    objective.rates = rates
    objective.correlates = true
    objective.offsets = [(0..<300).map { 0.1 * Float($0 % 3) }]
    objective.baselines = [0.05]
    var blocks = FeatureBlocks(FeatureArray(data.features), rows: Array(0..<300), memoryLimit: 0)
    return try objective.evaluate(
      [.init(cell: 0, parameters: parameters)], on: &blocks, derivatives: derivatives, work: .silent)[0]
  }

  @Test(
    "The gradient with weight, correlation, roughness, history and baseline agrees with finite differences",
    arguments: [false, true])
  func gradient(isLogRate: Bool) throws {
    let rates = isLogRate ? RateFunction.exponential : .softplus
    let terms = ReadoutTerms(weight: 1.7, correlation: 0.6, l2: 0.05, smoothness: 0.3)
    let gradient = terms(try sums(point, rates: rates), point).gradient
    for index in gradient.indices {
      var (up, down) = (point, point)
      up.vector[index] += 1e-3
      down.vector[index] -= 1e-3
      let difference =
        (terms(try sums(up, rates: rates, derivatives: false), up).loss
          - terms(try sums(down, rates: rates, derivatives: false), down).loss) / 2e-3
      #expect(abs(gradient[index] - difference) < 1e-4 * max(1, abs(difference)), "parameter \(index)")
    }
  }

  @Test("The correlation is that of training's term over the same bins")
  func sameCorrelation() throws {
    let found = try #require(try sums(point, rates: .softplus).correlationLoss)
    let mask = point.mask.values(height: 6, width: 7)
    let outputs = (0..<300).map { row -> Float in
      var output = point.bias + 0.1 * Double(row % 3)
      for channel in 0..<3 {
        for pixel in 0..<42 {
          output +=
            point.weights[channel] * mask[pixel] * Double(data.features.values[(row * 3 + channel) * 42 + pixel])
        }
      }
      return Float(Softplus.value(output) + 0.05)
    }
    let term = BatchCorrelation(
      counts: Tensor(shape: [300, 1], values: data.counts.column(0)),
      mask: Tensor(shape: [300, 1], values: (0..<300).map { $0 % 5 == 0 ? 0 : 1 }), isLogRate: false)
    #expect(abs(term(Tensor(shape: [300, 1], values: outputs)).value - found.loss) < 1e-5)
  }

  @Test("More weight on the correlation raises the correlation and lowers the likelihood")
  func tradeOff() throws {
    var (likelihood, correlated) = (ReadoutRefitOptions(), ReadoutRefitOptions())
    correlated.correlation = 30
    likelihood.starts = 2
    correlated.starts = 2
    for (plain, bent) in zip(try data.fit(options: likelihood), try data.fit(options: correlated)) {
      #expect(try #require(bent.correlationTrain) > #require(plain.correlationTrain))
      #expect(bent.nllTrain > plain.nllTrain)
      #expect(bent.converged)
    }
  }

  @Test("A rate weight moves the readouts only against a penalty, and lets quiet cells fit more closely")
  func rateWeight() throws {
    var data = SimulatedFeatures(rows: 600, cells: 2, seed: 8)
    // Every other spike of the first cell only: it is the quieter one.
    for row in 0..<600 { data.counts.values[2 * row] = row % 3 == 0 ? data.counts.values[2 * row] : 0 }
    var weighted = ReadoutRefitOptions(l2: 0.05)
    weighted.rateWeight = 1
    let plain = try data.fit(options: ReadoutRefitOptions(l2: 0.05))
    let fitted = try data.fit(options: weighted)
    let size = { (readout: CellReadout) in readout.features.reduce(0) { $0 + $1 * $1 } }
    #expect(size(fitted[0]) > size(plain[0]) && size(fitted[1]) < size(plain[1]))
    weighted.l2 = 0
    for (a, b) in zip(try data.fit(), try data.fit(options: weighted)) { #expect(abs(a.nllTrain - b.nllTrain) < 1e-6) }
  }

  @Test("A penalty on the sizes sets weights to exactly 0 and meets its optimum's conditions")
  func sizes() throws {
    var data = SimulatedFeatures(rows: 500, channels: 6, cells: 1, seed: 3)
    var generator = MersenneTwister(seed: 4)
    // Half of the channels are noise that no cell reads.
    for row in 0..<500 {
      for place in 3 * 42..<6 * 42 { data.features.values[row * 6 * 42 + place] = Float(generator.normal()) }
    }
    var options = ReadoutRefitOptions()
    options.l1 = 0.02
    let readout = try data.fit(options: options)[0]
    #expect(readout.converged && readout.features.contains { $0 == 0 } && readout.features.contains { $0 != 0 })
    let parameters = ReadoutParameters(readout)
    var blocks = FeatureBlocks(FeatureArray(data.features), rows: Array(0..<500), memoryLimit: 0)
    let objective = ReadoutObjective(
      channels: 6, height: 6, width: 7, counts: [data.counts.column(0)],
      mask: [[Float](repeating: 1, count: 500)])
    let sums = try objective.evaluate(
      [.init(cell: 0, parameters: parameters)], on: &blocks, derivatives: true, work: .silent)
    let gradient = ReadoutTerms()(sums[0], parameters).gradient
    for (weight, slope) in zip(readout.features, gradient) {
      if weight == 0 { #expect(abs(slope) <= 0.02 + 1e-3) } else { #expect(abs(abs(slope) - 0.02) < 1e-3) }
    }
  }
}
