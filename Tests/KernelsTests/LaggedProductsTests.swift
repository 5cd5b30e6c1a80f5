import Base
import Kernels
import Testing

@Suite struct LaggedProductsTests {
  struct Shape: Sendable {
    var rows: Int
    var lags: Int
    var weights: Int
    var features: Int
  }

  static let shapes = [
    Shape(rows: 40, lags: 5, weights: 3, features: 7), Shape(rows: 3, lags: 8, weights: 2, features: 4),
    Shape(rows: 30, lags: 1, weights: 4, features: 9), Shape(rows: 1, lags: 1, weights: 1, features: 1),
    Shape(rows: 50, lags: 9, weights: 90, features: 3),
    // Enough rows to be halved once and twice, also unevenly.
    Shape(rows: 301, lags: 5, weights: 2, features: 130), Shape(rows: 515, lags: 9, weights: 3, features: 5),
    Shape(rows: 600, lags: 18, weights: 2, features: 3),
  ]

  @Test("Sums agree with four loops", arguments: shapes) func sumsAgreeWithFourLoops(_ shape: Shape) throws {
    let random = RandomValues(seed: 11)
    let features = random.floats(shape.rows * shape.features)
    let weights = random.floats(shape.rows * shape.weights)
    var products = LaggedProducts(lagCount: shape.lags, weightCount: shape.weights, featureCount: shape.features)
    try products.add(features: features, weights: weights, rows: shape.rows)
    for lag in 0..<shape.lags {
      for weight in 0..<shape.weights {
        for feature in 0..<shape.features {
          var sum = 0.0
          for row in 0..<shape.rows where row + lag < shape.rows {
            sum +=
              Double(weights[(row + lag) * shape.weights + weight]) * Double(features[row * shape.features + feature])
          }
          #expect(
            abs(products.sums[(lag * shape.weights + weight) * shape.features + feature] - sum) < 2e-7
              * Double(50 + shape.rows))
        }
      }
    }
  }

  @Test(
    "Weights that are mostly zero agree with four loops, alone and beside others",
    arguments: [
      Shape(rows: 40, lags: 5, weights: 4, features: 7), Shape(rows: 1100, lags: 18, weights: 9, features: 35),
      Shape(rows: 12, lags: 20, weights: 5, features: 16),
    ], [0, 3]) func weightsMostlyZeroAgreeWithFourLoops(_ shape: Shape, dense: Int) throws
  {
    let random = RandomValues(seed: 14)
    let count = shape.weights + dense
    let features = random.floats(shape.rows * shape.features)
    var weights = random.floats(shape.rows * count)
    // Every other dense column stands between sparse ones; a sparse column is not zero in every seventh row.
    for row in 0..<shape.rows {
      for column in 0..<count where !(column % 2 == 1 && column < 2 * dense) && (row + column) % 7 != 0 {
        weights[row * count + column] = 0
      }
    }
    var products = LaggedProducts(lagCount: shape.lags, weightCount: count, featureCount: shape.features)
    try products.add(features: features, weights: weights, rows: shape.rows)
    for lag in 0..<shape.lags {
      for weight in 0..<count {
        for feature in 0..<shape.features {
          var sum = 0.0
          for row in 0..<max(0, shape.rows - lag) {
            sum += Double(weights[(row + lag) * count + weight]) * Double(features[row * shape.features + feature])
          }
          #expect(
            abs(products.sums[(lag * count + weight) * shape.features + feature] - sum) < 2e-7
              * Double(50 + shape.rows))
        }
      }
    }
  }

  @Test("Blocks add up") func blocksAddUp() throws {
    let random = RandomValues(seed: 12)
    let blocks = (0..<3).map { _ in (features: random.floats(20 * 4), weights: random.floats(20 * 2)) }
    var all = LaggedProducts(lagCount: 3, weightCount: 2, featureCount: 4)
    var expected = [Double](repeating: 0, count: 3 * 2 * 4)
    for block in blocks {
      try all.add(features: block.features, weights: block.weights, rows: 20)
      var one = LaggedProducts(lagCount: 3, weightCount: 2, featureCount: 4)
      try one.add(features: block.features, weights: block.weights, rows: 20)
      for index in expected.indices { expected[index] += one.sums[index] }
    }
    #expect(zip(all.sums, expected).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("A cancelled sum stops") func aCancelledSumStops() {
    let work = Work()
    work.cancellation.cancel()
    var products = LaggedProducts(lagCount: 1, weightCount: 1, featureCount: 1)
    #expect(throws: Failure.interrupted) { try products.add(features: [1], weights: [1], rows: 1, work: work) }
  }

  @Test("Powers stand beside values and add up by weight") func powersStandBesideValuesAndAddUpByWeight() {
    let images = RandomValues(seed: 13).floats(150 * 3)
    let weights = (0..<150).map { Float($0 % 3) / 2 }
    let powers = PixelPowers(images: images, rowWeights: weights, pixelCount: 3)
    for pixel in 0..<3 {
      var sums = [0.0, 0, 0]
      for row in 0..<150 {
        let x = Double(images[row * 3 + pixel])
        #expect(powers.features[row * 6 + pixel] == images[row * 3 + pixel])
        #expect(abs(Double(powers.features[row * 6 + 3 + pixel]) - x * x) < 1e-7)
        sums[0] += Double(weights[row]) * x
        sums[1] += Double(weights[row]) * x * x
        sums[2] += Double(weights[row]) * x * x * x * x
      }
      #expect(abs(powers.first[pixel] - sums[0]) < 1e-5)
      #expect(abs(powers.second[pixel] - sums[1]) < 1e-5)
      #expect(abs(powers.fourth[pixel] - sums[2]) < 1e-5)
    }
  }
}
