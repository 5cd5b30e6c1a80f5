import Base
import Kernels

/// Accumulates the sums from which spike-triggered averages follow, of data and model.
///
/// Stretches of frames are added one after the other; memory does not grow with their number. The data's field weights the
/// frames before each bin by the cell's counts, the model's field by its predicted rates.
///
/// Shapes: `images` of a stretch `[row, pixel]`; `counts`, `rates`, `mask` `[row, cell]`; rows are frames in order. For a row
/// with a mask above 0 the `lagCount` - 1 frames before it are the rows before it.
public struct FieldSums: Sendable {
  /// How a field is compared with that of a cell that ignores the stimulus.
  public enum Scale: Sendable {
    /// As difference from the mean of the same frames, in standard deviations of each pixel.
    case plain
    /// For whitened frames: mean 0, variance 1, and this mean square of each pixel.
    case whitened(meanSquare: [Double])
  }

  public let cellCount: Int
  public let pixelCount: Int
  public let lagCount: Int
  public let scale: Scale
  /// Whether the mean of the same frames is needed.
  private let isCompared: Bool
  /// Frames weighted by counts, then by rates, then by the mask where all cells have the same mask.
  private var products: LaggedProducts
  /// Frames weighted by each cell's mask, from stretches in which the masks differ.
  private var ownMasks: LaggedProducts?
  private var responses: [WeightSums]
  private var maskSums: [Double]
  private var powers: (weight: Double, first: [Double], second: [Double], fourth: [Double])

  public init(cellCount: Int, pixelCount: Int, lagCount: Int, scale: Scale = .plain) {
    self.cellCount = cellCount
    self.pixelCount = pixelCount
    self.lagCount = lagCount
    self.scale = scale
    if case .plain = scale { isCompared = true } else { isCompared = false }
    products = LaggedProducts(
      lagCount: lagCount, weightCount: 2 * cellCount + (isCompared ? 1 : 0), featureCount: 2 * pixelCount)
    responses = [WeightSums](repeating: WeightSums(), count: 2 * cellCount)
    maskSums = [Double](repeating: 0, count: cellCount)
    let zeros = [Double](repeating: 0, count: pixelCount)
    powers = (0, zeros, zeros, zeros)
  }

  /// - Throws: `Failure(.undefined)` where a pixel is not finite, `Failure.interrupted`.
  public mutating func add(
    images: [Float], counts: [Float], rates: [Float], mask: [Float], work: Work = .silent
  ) throws {
    let rows = cellCount > 0 ? mask.count / cellCount : 0
    precondition(
      images.count == rows * pixelCount && counts.count == mask.count && rates.count == mask.count,
      "\(rows) rows of \(cellCount) cells and \(pixelCount) pixels")
    let isShared = mask.indices.allSatisfy { mask[$0] == mask[$0 / cellCount * cellCount] }
    let width = products.weightCount
    var weights = [Float](repeating: 0, count: rows * width)
    var rowWeights = [Float](repeating: 0, count: rows)
    for row in 0..<rows {
      for cell in 0..<cellCount {
        let index = row * cellCount + cell
        guard mask[index] > 0 else { continue }
        rowWeights[row] += mask[index] / Float(cellCount)
        maskSums[cell] += Double(mask[index])
        weights[row * width + cell] = responses[cell].add(counts[index], mask[index])
        weights[row * width + cellCount + cell] = responses[cellCount + cell].add(rates[index], mask[index])
      }
      if isCompared, isShared { weights[row * width + 2 * cellCount] = mask[row * cellCount] }
    }
    let stretch = PixelPowers(images: images, rowWeights: rowWeights, pixelCount: pixelCount)
    // A pixel that is not finite spoils its sums, also where its weight is 0; large ones may do that too.
    guard stretch.fourth.allSatisfy(\.isFinite) || images.allSatisfy(\.isFinite) else {
      throw Failure(.undefined, "the stimulus has pixels that are not finite")
    }
    powers.weight += rowWeights.reduce(0) { $0 + Double($1) }
    for pixel in 0..<pixelCount {
      powers.first[pixel] += stretch.first[pixel]
      powers.second[pixel] += stretch.second[pixel]
      powers.fourth[pixel] += stretch.fourth[pixel]
    }
    try products.add(features: stretch.features, weights: weights, rows: rows, work: work)
    if isCompared, !isShared {
      var own =
        ownMasks ?? LaggedProducts(lagCount: lagCount, weightCount: cellCount, featureCount: 2 * pixelCount)
      try own.add(features: stretch.features, weights: mask.map { max($0, 0) }, rows: rows, work: work)
      ownMasks = own
    }
  }

  /// The field of the cell at this index, or the reason why it has none.
  public func field(of cell: Int, _ source: FieldSource) -> Result<ReceptiveField, Undefined> {
    let column = source == .data ? cell : cellCount + cell
    let sums = responses[column]
    if let obstacle = obstacle(sums, cell, source) { return .failure(obstacle) }
    var field = ReceptiveField(lagCount: lagCount, pixelCount: pixelCount, effectiveCount: sums.effectiveCount)
    let root = sums.effectiveCount.squareRoot()
    let deviations = deviations
    for lag in 0..<lagCount {
      let start = (lag * products.weightCount + column) * products.featureCount
      let maskStart = (lag * products.weightCount + 2 * cellCount) * products.featureCount
      let ownStart = (lag * cellCount + cell) * products.featureCount
      func blind(_ feature: Int) -> Double {
        (products.sums[maskStart + feature] + (ownMasks?.sums[ownStart + feature] ?? 0)) / maskSums[cell]
      }
      for pixel in 0..<pixelCount {
        let sta = products.sums[start + pixel] / sums.sum
        let ste = products.sums[start + pixelCount + pixel] / sums.sum
        let place = lag * pixelCount + pixel
        field.sta[place] = sta
        field.ste[place] = ste
        switch scale {
        case .plain:
          let (first, second) = deviations[pixel]
          field.staZ[place] = first > 0 ? (sta - blind(pixel)) / first * root : 0
          field.steZ[place] = second > 0 ? (ste - blind(pixelCount + pixel)) / second * root : 0
        case .whitened(let meanSquare):
          field.staZ[place] = sta * root
          field.steZ[place] = meanSquare[pixel] > 0 ? (ste / meanSquare[pixel] - 1) * root / 2.0.squareRoot() : 0
        }
      }
    }
    return .success(field)
  }

  /// Sum of the counts or rates over valid bins; nil where a value is not finite.
  public func total(of cell: Int, _ source: FieldSource) -> Double? {
    let sums = responses[source == .data ? cell : cellCount + cell]
    return sums.isFinite ? sums.sum : nil
  }

  /// Effective spike counts of all cells, then of their predicted rates.
  package var effectiveCounts: [Double] { responses.map(\.effectiveCount) }

  private func obstacle(_ sums: WeightSums, _ cell: Int, _ source: FieldSource) -> Undefined? {
    if maskSums[cell] == 0 { return .allMasked }
    if !sums.isFinite { return source == .data ? .responseNotFinite : .notFinite }
    if source == .data, sums.sum == 0 { return .noSpikes }
    if sums.lowest < 0 { return source == .data ? .negativeResponse : .negativePrediction }
    if sums.lowest == sums.highest { return source == .data ? .constantResponse : .constantPrediction }
    return nil
  }

  /// Standard deviation of each pixel's value and of its square; 0 for a constant pixel.
  private var deviations: [(Double, Double)] {
    (0..<pixelCount).map { pixel in
      let mean = powers.first[pixel] / powers.weight
      let square = powers.second[pixel] / powers.weight
      // Because of rounding, the variance of a constant pixel is not exactly 0.
      func root(_ variance: Double, _ scale: Double) -> Double { variance > 1e-6 * scale ? variance.squareRoot() : 0 }
      return (
        root(square - mean * mean, square),
        root(powers.fourth[pixel] / powers.weight - square * square, powers.fourth[pixel] / powers.weight)
      )
    }
  }
}

/// The responses that weight the frames.
public enum FieldSource: Sendable, CaseIterable {
  /// Observed counts (robs).
  case data
  /// Predicted rates (rhat).
  case model
}

/// Sums of a cell's weights, beside the sums of frames.
private struct WeightSums: Sendable {
  var sum = 0.0
  var squares = 0.0
  var lowest = Float.infinity
  var highest = -Float.infinity
  var isFinite = true

  /// (sum w)^2 / sum w^2: the number of equal weights with the same variance of the mean.
  var effectiveCount: Double { squares > 0 ? sum * sum / squares : 0 }

  /// The weight of a bin; 0 where the response is not finite, so that it does not spoil other cells of the same product.
  mutating func add(_ response: Float, _ mask: Float) -> Float {
    guard response.isFinite else {
      isFinite = false
      return 0
    }
    let weight = response * mask
    sum += Double(weight)
    squares += Double(weight) * Double(weight)
    lowest = min(lowest, response)
    highest = max(highest, response)
    return weight
  }
}
