import Base
import Foundation
import Metrics
import Testing

struct SpatialWhitenerTests {
  /// Frames of five pixels that neighbours share, around a mean of 3.
  private func frames(_ count: Int) -> [Float] {
    var random = MersenneTwister(seed: 9)
    return (0..<count).flatMap { _ -> [Float] in
      let noise = (0..<6).map { _ in Float(random.uniform() - 0.5) }
      return (0..<5).map { 3 + noise[$0] + noise[$0 + 1] }
    }
  }

  @Test("Whitened frames have mean 0, no correlations and the stated mean square")
  func whitenedFrames() throws {
    let images = frames(4000)
    var covariance = FrameCovariance(pixelCount: 5)
    try covariance.add(images: images, weights: [Float](repeating: 1, count: 4000))
    let whitener = try covariance.whitener(ridge: 1e-6)
    let white = try whitener(images)
    for a in 0..<5 {
      #expect(abs(whitener.mean[a] - 3) < 0.05)
      #expect(abs((0..<4000).reduce(0.0) { $0 + Double(white[$1 * 5 + a]) } / 4000) < 1e-3)
      for b in 0...a {
        let product = (0..<4000).reduce(0.0) { $0 + Double(white[$1 * 5 + a]) * Double(white[$1 * 5 + b]) } / 4000
        #expect(abs(product - (a == b ? whitener.meanSquare[a] : 0)) < 1e-3)
      }
      #expect(abs(whitener.meanSquare[a] - 1) < 1e-3)
    }
  }

  @Test("A ridge keeps small variances small")
  func ridge() throws {
    var covariance = FrameCovariance(pixelCount: 2)
    // Variances 1 and 0.0001, uncorrelated.
    try covariance.add(images: [1, 0.01, -1, 0.01, 1, -0.01, -1, -0.01], weights: [1, 1, 1, 1])
    let whitener = try covariance.whitener(ridge: 0.01)
    #expect(abs(whitener.meanSquare[0] - 1 / 1.01) < 1e-6)
    #expect(abs(whitener.meanSquare[1] - 1e-4 / 0.0101) < 1e-6)
    let white = try whitener([1, 0.01])
    #expect(abs(white[0] - 1 / Float(1.01).squareRoot()) < 1e-5)
    #expect(abs(white[1] - 0.01 / Float(0.0101).squareRoot()) < 1e-5)
  }

  @Test("Stretches and weights add up, and frames with weight 0 are ignored")
  func weights() throws {
    let images = frames(60)
    let weights = (0..<60).map { Float($0 % 3) / 2 }
    var whole = FrameCovariance(pixelCount: 5)
    try whole.add(images: images, weights: weights)
    var parts = FrameCovariance(pixelCount: 5)
    for start in stride(from: 0, to: 60, by: 7) {
      let end = min(60, start + 7)
      var part = Array(images[start * 5..<end * 5])
      // A frame of weight 0 may show anything.
      for row in start..<end where weights[row] == 0 { part[(row - start) * 5] = 99 }
      try parts.add(images: part, weights: Array(weights[start..<end]))
    }
    let (a, b) = (try whole.whitener(), try parts.whitener())
    #expect(a.mean.count == 5 && b.mean.count == 5 && a.meanSquare.count == 5 && b.meanSquare.count == 5)
    #expect(zip(a.mean, b.mean).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(zip(a.meanSquare, b.meanSquare).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("Without frames there is no whitening")
  func noFrames() {
    #expect(throws: Failure(.undefined, "no frames to estimate the whitening from")) {
      try FrameCovariance(pixelCount: 3).whitener()
    }
  }
}
