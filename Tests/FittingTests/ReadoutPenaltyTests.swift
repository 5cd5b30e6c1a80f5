import Fitting
import Kernels
import Testing

@Suite("A penalty on the shape of readouts")
struct ReadoutPenaltyTests {
  private let data = SimulatedFeatures(rows: 400, cells: 3, seed: 3)

  private func options(_ change: (inout ReadoutRefitOptions) -> Void) -> ReadoutRefitOptions {
    var options = ReadoutRefitOptions(starts: 2)
    change(&options)
    return options
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
