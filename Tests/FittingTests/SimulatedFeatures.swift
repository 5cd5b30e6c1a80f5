import Base
import Fitting
import Foundation
import Kernels
import Testing

/// Smooth random feature maps and counts of cells with known Gaussian readouts.
struct SimulatedFeatures {
  var features: Tensor
  var counts: Tensor
  var mask: Tensor
  var truth: [ReadoutParameters]

  init(
    rows: Int, channels: Int = 3, height: Int = 6, width: Int = 7, cells: Int = 2, seed: UInt32 = 5,
    scale: Double = 1
  ) {
    var generator = MersenneTwister(seed: seed)
    let pixels = height * width
    var values: [Float] = []
    values.reserveCapacity(rows * channels * pixels)
    for _ in 0..<rows * channels {
      // A few blobs a map, so that neighbouring pixels are alike but a readout's place can be told.
      var map = [Double](repeating: 0, count: pixels)
      for _ in 0..<4 {
        let y = Double(height) * generator.uniform()
        let x = Double(width) * generator.uniform()
        let strength = 1.5 * generator.normal()
        for pixel in 0..<pixels {
          let dy = Double(pixel / width) + 0.5 - y
          let dx = Double(pixel % width) + 0.5 - x
          map[pixel] += strength * exp(-0.5 * (dy * dy + dx * dx))
        }
      }
      values.append(contentsOf: map.map { Float($0) })
    }
    truth = (0..<cells).map { _ in
      ReadoutParameters(
        weights: (0..<channels).map { _ in 3 * scale * generator.normal() }, bias: -0.5,
        mask: GaussianMask(
          meanY: Double(height) * (0.6 * generator.uniform() - 0.3),
          meanX: Double(width) * (0.6 * generator.uniform() - 0.3),
          stdY: 0.8 + 0.5 * generator.uniform(), stdX: 0.8 + 0.5 * generator.uniform(), theta: 0))
    }
    counts = Tensor(zeros: [rows, cells])
    for (cell, parameters) in truth.enumerated() {
      let mask = parameters.mask.values(height: height, width: width)
      for row in 0..<rows {
        var preActivation = parameters.bias
        for (channel, weight) in parameters.weights.enumerated() {
          for pixel in 0..<pixels {
            preActivation += weight * mask[pixel] * Double(values[(row * channels + channel) * pixels + pixel])
          }
        }
        counts.values[row * cells + cell] = Float(
          SimulatedPredictions.poisson(Softplus.value(preActivation), &generator))
      }
    }
    features = Tensor(shape: [rows, channels, height, width], values: values)
    mask = Tensor(shape: [rows, 1], values: [Float](repeating: 1, count: rows))
  }

  func fit(
    train: [Int]? = nil, val: [Int] = [], options: ReadoutRefitOptions = ReadoutRefitOptions(), work: Work = .silent
  ) throws -> [CellReadout] {
    let readouts = try ReadoutRefit.fit(
      features: FeatureArray(features), counts: counts, mask: mask, trainRows: train ?? Array(0..<features.shape[0]),
      valRows: val, options: options, work: work)
    // Tests compare them with others in pairs.
    #expect(readouts.count == counts.shape[1])
    return readouts
  }
}
