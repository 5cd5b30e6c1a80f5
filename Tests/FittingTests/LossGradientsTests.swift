import Base
import Fitting
import Foundation
import Kernels
import Testing

/// Gradients of the loss against finite differences of plain loops in float64.
@Suite struct LossGradientsTests {
  private let rows = 8
  private let data: SimulatedFeatures
  private var mask: Tensor

  /// Two cells with readouts away from their optimum; the second has gaps of its own.
  private let readouts = [
    CellReadout(
      features: [0.8, -1.1, 0.4], meanY: 0.4, meanX: -0.7, stdY: 1.3, stdX: 0.9, theta: 0.5, bias: -0.2),
    CellReadout(features: [-0.3, 0.9, 1.2], meanY: -1, meanX: 0.3, stdY: 0.7, stdX: 1.6, theta: -0.3, bias: 0.1),
  ]

  init() {
    data = SimulatedFeatures(rows: rows)
    mask = Tensor(shape: [rows, 2], values: (0..<rows * 2).map { $0 == 4 || $0 % 6 == 5 ? 0 : 1 })
  }

  private func gradients(_ readouts: [CellReadout]? = nil, hasBias: Bool = true) throws -> LossGradients {
    try LossGradients(
      features: FeatureArray(data.features), counts: data.counts, mask: mask, readouts: readouts ?? self.readouts,
      hasBias: hasBias)
  }

  /// The numbers of a readout as a checkpoint stores them.
  private func numbers(_ readout: CellReadout) -> [Double] {
    readout.features.map(Double.init)
      + [readout.bias, readout.meanY, readout.meanX, readout.stdY, readout.stdX, readout.theta].map(Double.init)
  }

  /// One cell's part of the loss, sum d (r - y ln(r + 1e-8)) / D.
  private func loss(_ cell: Int, _ numbers: [Double], _ features: [Double]) -> Double {
    let gaussian = GaussianMask(
      meanY: numbers[4], meanX: numbers[5], stdY: numbers[6], stdX: numbers[7], theta: numbers[8]
    ).values(height: 6, width: 7)
    var sum = 0.0
    for row in 0..<rows where mask.values[row * 2 + cell] > 0 {
      var preActivation = numbers[3]
      for channel in 0..<3 {
        for pixel in 0..<42 {
          preActivation += numbers[channel] * gaussian[pixel] * features[(row * 3 + channel) * 42 + pixel]
        }
      }
      let rate = log1p(exp(preActivation))
      sum += rate - Double(data.counts.values[row * 2 + cell]) * log(rate + 1e-8)
    }
    return sum / Double(mask.values.reduce(0, +))
  }

  private var features: [Double] { data.features.values.map(Double.init) }

  @Test("Parts are those of the masked loss") func partsAreThoseOfTheMaskedLoss() throws {
    let all = try gradients()
    #expect(all.bins == Double(mask.values.reduce(0, +)))
    for cell in 0..<2 {
      #expect(abs(all.cells[cell].loss - loss(cell, numbers(readouts[cell]), features)) < 1e-6)
    }
    #expect(abs(all.loss - all.cells[0].loss - all.cells[1].loss) < 1e-15)
  }

  @Test("The readout's gradient agrees with finite differences", arguments: [0, 1])
  func readoutsGradientAgreesWithFiniteDifferences(cell: Int) throws {
    let gradient = try gradients().cells[cell].readout
    let point = numbers(readouts[cell])
    let step = 1e-5
    for index in point.indices {
      var (up, down) = (point, point)
      up[index] += step
      down[index] -= step
      let difference = (loss(cell, up, features) - loss(cell, down, features)) / (2 * step)
      // Products of some ten float32 rows.
      #expect(abs(gradient[index] - difference) < 1e-6, "parameter \(index)")
    }
  }

  @Test("The core's gradient agrees with finite differences of every feature", arguments: [0, 1])
  func coresGradientAgreesWithFiniteDifferencesOfEveryFeature(cell: Int) throws {
    let point = numbers(readouts[cell])
    let step = 1e-4
    var squares = 0.0
    var features = features
    for index in features.indices {
      let value = features[index]
      features[index] = value + step
      let up = loss(cell, point, features)
      features[index] = value - step
      let difference = (up - loss(cell, point, features)) / (2 * step)
      features[index] = value
      squares += difference * difference
    }
    // Every frame as a batch by itself: T times its gradient, root mean square over T frames.
    let expected = (Double(rows) * squares).squareRoot()
    #expect(expected > 0.01)
    #expect(abs(try gradients().cells[cell].core - expected) < 1e-5 * expected)
  }

  @Test("A width below its clamp and the bias of a readout without one get no gradient")
  func aWidthBelowItsClampAndABiasThatIsNoneGetNoGradient() throws {
    var narrow = readouts
    // On a column of pixels, so that the mask is not 0 everywhere.
    (narrow[0].meanX, narrow[0].theta, narrow[0].stdX) = (-1, 0, 5e-4)
    let gradient = try gradients(narrow, hasBias: false).cells[0].readout
    #expect(gradient[3] == 0 && gradient[7] == 0)
    #expect(gradient[0] != 0)
  }

  @Test("A masked cell has no part") func aMaskedCellHasNoPart() throws {
    var copy = self
    for row in 0..<rows { copy.mask.values[row * 2] = 0 }
    let cell = try copy.gradients().cells[0]
    #expect(cell.bins == 0 && cell.loss == 0 && cell.core == 0 && cell.readoutNorm == 0)
  }

  @Test("Shapes that do not fit are refused") func shapesThatDoNotFitAreRefused() {
    #expect(
      throws: Failure(
        .mismatch, "features of 8 rows and 3 channels, counts [8, 2], mask [8, 2] for 1 readouts")
    ) { try gradients([readouts[0]]) }
  }
}
