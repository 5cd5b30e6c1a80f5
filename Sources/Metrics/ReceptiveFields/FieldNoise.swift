import Base
import Foundation
import Kernels

/// Signal-to-noise ratios of receptive fields of noise: of frames that were drawn at random from the stimulus.
///
/// Few spikes give fields with a large signal-to-noise ratio by chance, and how large depends on the stimulus. So the
/// stimulus itself answers: a sample of its frames is kept while it is read, at most `sampledValues` pixels spread over all
/// stretches. For 5, 10, 20, … 640 spikes, 64 fields are each computed from that many frames drawn at random, z-scored and read
/// exactly as those of cells. With seed 42, so that the same recording always gives the same floor.
package struct FieldNoise: Sendable {
  package let lagCount: Int
  package let pixelCount: Int
  private let scale: FieldSums.Scale
  /// Which share of each stretch is kept.
  private let share: Double
  private var images: [Float] = []
  /// Rows of `images` with a whole window.
  private var places: [Int] = []

  private static let sampledValues = 2 << 20
  private static let draws = 64
  private static let seed: UInt32 = 42

  /// - Parameter frameCount: frames that will be added in all.
  package init(lagCount: Int, pixelCount: Int, scale: FieldSums.Scale, frameCount: Int) {
    self.lagCount = lagCount
    self.pixelCount = pixelCount
    self.scale = scale
    share = min(1, Double(Self.sampledValues) / max(1, Double(frameCount) * Double(pixelCount)))
  }

  /// Keeps frames of a stretch.
  ///
  /// - Parameters:
  ///   - images: `[row, pixel]`.
  ///   - places: rows with a whole window of frames before them, ascending.
  package mutating func add(images stretch: [Float], places rows: [Int]) {
    guard images.count < 2 * Self.sampledValues, let first = rows.first else { return }
    let kept = rows.prefix(max(1, Int((share * Double(rows.count)).rounded(.up))))
    let start = max(0, first - lagCount + 1)
    guard let last = kept.last, (last + 1) * pixelCount <= stretch.count else { return }
    let shift = images.count / max(1, pixelCount) - start
    images += stretch[start * pixelCount..<(last + 1) * pixelCount]
    places += kept.map { $0 + shift }
  }

  /// The floor for fields of as many spikes as the cells have.
  ///
  /// - Parameter counts: effective spike counts (`ReceptiveField.effectiveCount`).
  /// - Throws: `Failure.interrupted`.
  package func floor(for counts: [Double], work: Work) throws -> NoiseFloor {
    let known = counts.filter { $0 >= NoiseFloor.fewestSpikes }
    guard let fewest = known.min(), let most = known.max(), !places.isEmpty else { return NoiseFloor(levels: []) }
    let features = standardized
    var levels: [NoiseFloor.Level] = []
    for (index, count) in NoiseFloor.counts.enumerated() {
      let isAbove = index > 0 && Double(NoiseFloor.counts[index - 1]) >= most
      let isBelow = index + 1 < NoiseFloor.counts.count && Double(NoiseFloor.counts[index + 1]) <= fewest
      if isAbove || isBelow { continue }
      levels.append(try level(count, features, seed: Self.seed + UInt32(index), work: work))
    }
    return NoiseFloor(levels: levels)
  }

  /// Every pixel and its square in units of their own spread, as `FieldSums` z-scores them.
  private var standardized: [Float] {
    let rows = images.count / max(1, pixelCount)
    var features = [Float](repeating: 0, count: 2 * images.count)
    for pixel in 0..<pixelCount {
      var sums = (0.0, 0.0, 0.0)
      for row in places {
        let value = Double(images[row * pixelCount + pixel])
        sums.0 += value
        sums.1 += value * value
        sums.2 += value * value * value * value
      }
      let count = Double(places.count)
      let (mean, square, fourth) = (sums.0 / count, sums.1 / count, sums.2 / count)
      let (shift, first, second): (Double, Double, Double)
      switch scale {
      case .plain:
        (shift, first, second) = (
          mean, Self.root(square - mean * mean, square), Self.root(fourth - square * square, fourth)
        )
      case .whitened(let meanSquare): (shift, first, second) = (0, 1, meanSquare[pixel])
      }
      let middle = if case .whitened(let meanSquare) = scale { meanSquare[pixel] } else { square }
      for row in 0..<rows {
        let value = Double(images[row * pixelCount + pixel])
        let place = row * 2 * pixelCount + pixel
        features[place] = first > 0 ? Float((value - shift) / first) : 0
        features[place + pixelCount] = second > 0 ? Float((value * value - middle) / second) : 0
      }
    }
    return features
  }

  /// Because of rounding, the variance of a constant pixel is not exactly 0.
  private static func root(_ variance: Double, _ scale: Double) -> Double {
    variance > 1e-6 * scale ? variance.squareRoot() : 0
  }

  private func level(_ count: Int, _ features: [Float], seed: UInt32, work: Work) throws -> NoiseFloor.Level {
    let rows = images.count / max(1, pixelCount)
    // The last column weighs all frames alike: what a cell that ignores the stimulus would give.
    let width = Self.draws + 1
    var weights = [Float](repeating: 0, count: rows * width)
    var generator = NumpyGenerator(seed: seed)
    for draw in 0..<Self.draws {
      for _ in 0..<count {
        weights[places[generator.integer(below: places.count)] * width + draw] += 1 / Float(count)
      }
    }
    for row in places { weights[row * width + Self.draws] = 1 / Float(places.count) }
    var products = LaggedProducts(lagCount: lagCount, weightCount: width, featureCount: 2 * pixelCount)
    try products.add(features: features, weights: weights, rows: rows, work: work)
    let sums = products.sums
    func ratios(_ draw: Int) -> (sta: Double, ste: Double)? {
      func ratio(_ map: Int) -> Double? {
        let variances = (0..<lagCount).map { spread(sums, width, draw, lag: $0, map) }
        guard let peak = variances.max(by: { $0.variance < $1.variance }), let first = variances.first,
          first.variance > 0
        else { return nil }
        return peak.largest / first.variance.squareRoot()
      }
      guard let sta = ratio(0), let ste = ratio(1) else { return nil }
      return (sta, ste)
    }
    let found = (0..<Self.draws).compactMap(ratios)
    return NoiseFloor.Level(count: Double(count), sta: found.map(\.sta), ste: found.map(\.ste))
  }

  /// Variance over pixels and largest magnitude of one map at one lag.
  private func spread(
    _ sums: [Double], _ width: Int, _ draw: Int, lag: Int, _ map: Int
  ) -> (variance: Double, largest: Double) {
    let start = ((lag * width + draw) * 2 + map) * pixelCount
    var blind = ((lag * width + Self.draws) * 2 + map) * pixelCount
    if case .whitened = scale { blind = -1 }
    var (sum, squares, largest) = (0.0, 0.0, 0.0)
    for pixel in 0..<pixelCount {
      let z = sums[start + pixel] - (blind < 0 ? 0 : sums[blind + pixel])
      sum += z
      squares += z * z
      largest = max(largest, abs(z))
    }
    let count = Double(pixelCount)
    return (max(0, (squares - sum * sum / count) / max(1, count - 1)), largest)
  }
}
