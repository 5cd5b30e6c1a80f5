import Base

/// How long rates and counts vary together by chance: the length from which on neighbouring blocks of bins are independent.
///
/// Formula: S = (r - mean r) (y - mean y), summed over the blocks of b bins. Its correlation between neighbouring blocks is
/// averaged over cells, for b = 1, 2, 4, … as long as there are eight blocks. The result is twice the largest b for which it
/// exceeds `limit` plus its standard error; 0 where there is none.
enum IndependentLength {
  private static let limit = 0.15
  private static let fewestBlocks = 8
  /// Cells that are read: more do not change the average by much.
  private static let mostCells = 32

  static func bins(_ predictions: Predictions, _ moments: Moments) -> Int {
    let step = max(1, predictions.cellCount / mostCells)
    var series = stride(from: 0, to: predictions.cellCount, by: step).compactMap {
      products(predictions, cell: $0, moments)
    }
    var result = 0
    var length = 1
    while let count = series.first?.count, count >= fewestBlocks {
      let found = series.compactMap(neighbourCorrelation)
      if !found.isEmpty {
        let mean = found.reduce(0, +) / Double(found.count)
        if mean > limit + 1 / Double(count * found.count).squareRoot() { result = 2 * length }
      }
      series = series.map(pairSums)
      length *= 2
    }
    return result
  }

  private static func pairSums(_ sums: [Double]) -> [Double] {
    var pairs: [Double] = []
    pairs.reserveCapacity(sums.count / 2)
    for place in 0..<sums.count / 2 { pairs.append(sums[2 * place] + sums[2 * place + 1]) }
    return pairs
  }

  /// S of one cell for each moment; nil where nothing varies, or values are not finite.
  private static func products(_ predictions: Predictions, cell: Int, _ moments: Moments) -> [Double]? {
    let width = predictions.cellCount
    let rates = predictions.rates.values.span
    let counts = predictions.counts.values.span
    let mask = predictions.mask.values.span
    var (bins, rateSum, countSum) = (0.0, 0.0, 0.0)
    for row in 0..<predictions.frameCount {
      let index = row * width + cell
      guard mask[index] > 0 else { continue }
      bins += 1
      rateSum += Double(rates[index])
      countSum += Double(counts[index])
    }
    guard bins > 0, rateSum.isFinite, countSum.isFinite else { return nil }
    var sums = [Double](repeating: 0, count: moments.count)
    for row in 0..<predictions.frameCount {
      let index = row * width + cell
      guard mask[index] > 0 else { continue }
      sums[moments.ofRow[row]] += (Double(rates[index]) - rateSum / bins) * (Double(counts[index]) - countSum / bins)
    }
    return sums
  }

  private static func neighbourCorrelation(_ sums: [Double]) -> Double? {
    let mean = sums.reduce(0, +) / Double(sums.count)
    var (together, squares) = (0.0, 0.0)
    var last: Double?
    for sum in sums {
      let value = sum - mean
      squares += value * value
      if let last { together += last * value }
      last = value
    }
    return squares > 0 ? together / squares : nil
  }
}
