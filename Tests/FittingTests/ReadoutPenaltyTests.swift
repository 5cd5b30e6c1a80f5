import Base
import Fitting
import Kernels
import Testing

@Suite("Penalties on groups of feature weights and on the shape of readouts")
struct ReadoutPenaltyTests {
  /// Half of the channels are noise that no cell reads.
  private let data: SimulatedFeatures
  private let rows = 400
  private let channels = 6
  private let cells = 3

  init() {
    var data = SimulatedFeatures(rows: 400, channels: 6, cells: 3, seed: 3)
    var generator = MersenneTwister(seed: 4)
    for cell in 0..<3 {
      let truth = data.truth[cell]
      let mask = truth.mask.values(height: 6, width: 7)
      for row in 0..<400 {
        var output = truth.bias
        for channel in 0..<3 {
          for pixel in 0..<42 {
            output +=
              truth.weights[channel] * mask[pixel] * Double(data.features.values[(row * 6 + channel) * 42 + pixel])
          }
        }
        data.counts.values[row * 3 + cell] = Float(SimulatedPredictions.poisson(Softplus.value(output), &generator))
      }
    }
    self.data = data
  }

  private func options(_ change: (inout ReadoutRefitOptions) -> Void) -> ReadoutRefitOptions {
    var options = ReadoutRefitOptions(starts: 2)
    change(&options)
    return options
  }

  /// Gradients of the cells' losses by their feature weights, `[cell][channel]`.
  private func slopes(_ readouts: [CellReadout]) throws -> [[Double]] {
    var blocks = FeatureBlocks(FeatureArray(data.features), rows: Array(0..<rows), memoryLimit: 0)
    let objective = ReadoutObjective(
      channels: channels, height: 6, width: 7, counts: (0..<cells).map { data.counts.column($0) },
      mask: (0..<cells).map { _ in [Float](repeating: 1, count: rows) })
    let items = readouts.enumerated().map {
      ReadoutObjective.Item(cell: $0.offset, parameters: ReadoutParameters($0.element))
    }
    let sums = try objective.evaluate(items, on: &blocks, derivatives: true, work: .silent)
    return zip(items, sums).map { Array(ReadoutTerms()($1, $0.parameters).gradient.prefix(channels)) }
  }

  @Test("A penalty on channels leaves the same channels out of every cell and meets its optimum's conditions")
  func channelGroups() throws {
    let factor = 0.12
    let readouts = try data.fit(options: options { $0.groupLasso = factor })
    let slopes = try slopes(readouts)
    var lengths: [Double] = []
    for channel in 0..<channels {
      let weights = readouts.map { Double($0.features[channel]) }
      let length = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
      lengths.append(length)
      if length == 0 {
        #expect(slopes.reduce(0) { $0 + $1[channel] * $1[channel] }.squareRoot() <= factor + 1e-4)
      } else {
        #expect(weights.allSatisfy { $0 != 0 })
        for (weight, slope) in zip(weights, slopes) {
          #expect(abs(slope[channel] + factor * weight / length) < 2e-4)
        }
      }
    }
    #expect(lengths.prefix(3).allSatisfy { $0 > 0 } && lengths.suffix(3).contains(0), "\(lengths)")
    #expect(readouts.allSatisfy { $0.converged })
  }

  @Test("A penalty on all weights together meets its optimum's conditions, with shares of the cells") func wholeLength()
    throws
  {
    let (factor, shares) = (0.05, [1.2, 0.9, 0.9])
    let readouts = try data.fit(
      options: options {
        $0.wholeLasso = factor
        $0.shares = shares
      })
    let slopes = try slopes(readouts)
    let weights = readouts.flatMap { $0.features.map(Double.init) }
    let length = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(length > 0.1 && weights.allSatisfy { $0 != 0 } && readouts.allSatisfy { $0.converged })
    for (cell, share) in shares.enumerated() {
      for channel in 0..<channels {
        let slope = share * slopes[cell][channel] + factor * weights[cell * channels + channel] / length
        #expect(abs(slope) < 2e-4)
      }
    }
  }

  @Test("A penalty on all weights that outweighs what they read leaves constant rates") func wholeLengthTooMuch() throws
  {
    let plain = try data.fit(options: options { $0.wholeLasso = 0 })
    let zero = plain.map { readout in
      var zero = readout
      zero.features = readout.features.map { _ in 0 }
      zero.bias = readout.bias
      return zero
    }
    let slopes = try slopes(zero).flatMap { $0 }
    let enough = 2 * slopes.reduce(0) { $0 + $1 * $1 }.squareRoot() + 1
    let readouts = try data.fit(options: options { $0.wholeLasso = enough })
    #expect(readouts.allSatisfy { $0.features.allSatisfy { $0 == 0 } && $0.converged && $0.reason != nil })
  }

  @Test("The roughness of a Gaussian is the mean square of its slope over its own") func roughness() {
    for mask in [
      GaussianMask(meanY: 1, meanX: -2, stdY: 9, stdX: 6, theta: 0.4),
      GaussianMask(meanY: 0, meanX: 0, stdY: 7, stdX: 12, theta: 0),
    ] {
      let size = 121
      let heights = mask.heights(height: size, width: size)
      var (slope, square) = (0.0, 0.0)
      for y in 1..<size - 1 {
        for x in 1..<size - 1 {
          let down = (heights[(y + 1) * size + x] - heights[(y - 1) * size + x]) / 2
          let right = (heights[y * size + x + 1] - heights[y * size + x - 1]) / 2
          slope += down * down + right * right
          square += heights[y * size + x] * heights[y * size + x]
        }
      }
      let parameters = ReadoutParameters(weights: [0], bias: 0, mask: mask)
      var sums = ReadoutSums(parameters: 7, derivatives: false)
      sums.bins = 1
      let told = ReadoutTerms(smoothness: 3)(sums, parameters).loss / 3
      #expect(abs(told - slope / square) < 0.02 * told)
    }
  }

  @Test("A penalty on roughness widens readouts and costs likelihood") func smoother() throws {
    let plain = try data.fit(options: options { $0.starts = 1 })
    let smooth = try data.fit(
      options: options {
        $0.starts = 1
        $0.smoothness = 1
      })
    for (plain, smooth) in zip(plain, smooth) {
      #expect(smooth.converged && smooth.nllTrain >= plain.nllTrain - 1e-6)
      #expect(min(smooth.stdY, smooth.stdX) > min(plain.stdY, plain.stdX))
    }
  }
}
