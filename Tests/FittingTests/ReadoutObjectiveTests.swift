import Base
import Fitting
import Foundation
import Kernels
import Testing

@Suite struct ReadoutObjectiveTests {
  private let data = SimulatedFeatures(rows: 300)

  private func evaluate(
    _ parameters: ReadoutParameters, derivatives: Bool = true, l2: Double = 0, rates: RateFunction = .softplus
  ) throws -> LossDerivatives {
    let rows = 300
    var objective = ReadoutObjective(
      channels: 3, height: 6, width: 7, counts: [data.counts.column(0)],
      mask: [(0..<rows).map { $0 % 5 == 0 ? 0 : 1 }])
    objective.rates = rates
    var blocks = FeatureBlocks(FeatureArray(data.features), rows: Array(0..<rows), memoryLimit: 0)
    let sums = try objective.evaluate(
      [ReadoutObjective.Item(cell: 0, parameters: parameters)], on: &blocks, derivatives: derivatives, work: .silent)[0]
    return ReadoutTerms(l2: l2)(sums, parameters)
  }

  private var point: ReadoutParameters {
    ReadoutParameters(
      weights: [0.8, -1.1, 0.4], bias: -0.2,
      mask: GaussianMask(meanY: 0.4, meanX: -0.7, stdY: 1.3, stdX: 0.9, theta: 0.5))
  }

  @Test("Gradient agrees with finite differences", arguments: [0, 0.05]) func gradientAgreesWithFiniteDifferences(
    l2: Double
  ) throws {
    let gradient = try evaluate(point, l2: l2).gradient
    // Features are float32: differences over 1e-3 carry about 1e-5 of rounding and 1e-6 of curvature.
    let step = 1e-3
    for index in gradient.indices {
      var up = point
      var down = point
      up.vector[index] += step
      down.vector[index] -= step
      let difference =
        (try evaluate(up, derivatives: false, l2: l2).loss - evaluate(down, derivatives: false, l2: l2).loss)
        / (2 * step)
      #expect(abs(gradient[index] - difference) < 3e-5, "parameter \(index)")
    }
  }

  @Test("Loss is the masked Poisson loss of the readout") func lossIsTheMaskedPoissonLossOfTheReadout() throws {
    let mask = point.mask.values(height: 6, width: 7)
    var sum = 0.0
    var bins = 0.0
    for row in 0..<300 where row % 5 != 0 {
      var preActivation = point.bias
      for channel in 0..<3 {
        for pixel in 0..<42 {
          preActivation +=
            point.weights[channel] * mask[pixel] * Double(data.features.values[(row * 3 + channel) * 42 + pixel])
        }
      }
      let rate = Softplus.value(preActivation)
      sum += rate - Double(data.counts.column(0)[row]) * log(rate + 1e-8)
      bins += 1
    }
    #expect(abs(try evaluate(point).loss - sum / bins) < 1e-6)
  }

  @Test("Information has a positive diagonal, which bounds the other entries")
  func informationIsNotNegative() throws {
    let information = try evaluate(point).information
    let size = 3 + ReadoutParameters.extraCount
    for i in 0..<size {
      #expect(information[i * size + i] > 0)
      for j in 0..<i {
        let bound = (information[i * size + i] * information[j * size + j]).squareRoot()
        #expect(abs(information[i * size + j]) <= bound * 1.0001)
      }
    }
  }

  /// With exponential rates the output's own second derivative of the loss is the Fisher information.
  @Test("Information and curvature together are the derivatives of the gradient") func secondDerivatives() throws {
    let value = try evaluate(point, l2: 0.05, rates: .exponential)
    let size = 3 + ReadoutParameters.extraCount
    let step = 1e-3
    for column in 0..<size {
      var up = point
      var down = point
      up.vector[column] += step
      down.vector[column] -= step
      let above = try evaluate(up, l2: 0.05, rates: .exponential).gradient
      let below = try evaluate(down, l2: 0.05, rates: .exponential).gradient
      for row in column..<size {
        let found = value.information[row * size + column] + value.curvature[row * size + column]
        #expect(abs(found - (above[row] - below[row]) / (2 * step)) < 2e-4, "\(row), \(column)")
      }
    }
    // The bilinear part is not small.
    #expect(value.curvature.contains { abs($0) > 0.01 })
  }
}
