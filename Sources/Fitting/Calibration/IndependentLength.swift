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
    var series = products(
      predictions, cells: Array(stride(from: 0, to: predictions.cellCount, by: step)), moments)
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

  /// S of each cell for each moment, without cells where nothing varies or values are not finite.
  ///
  /// Rows lie one behind the other in memory, so all cells of a row are taken together.
  private static func products(_ predictions: Predictions, cells: [Int], _ moments: Moments) -> [[Double]] {
    let width = predictions.cellCount
    let rates = predictions.rates.values.span
    let counts = predictions.counts.values.span
    let mask = predictions.mask.values.span
    var sums = [(bins: Double, rate: Double, count: Double)](repeating: (0, 0, 0), count: cells.count)
    for row in 0..<predictions.frameCount {
      for place in cells.indices {
        let index = row * width + cells[place]
        guard mask[index] > 0 else { continue }
        sums[place].bins += 1
        sums[place].rate += Double(rates[index])
        sums[place].count += Double(counts[index])
      }
    }
    let known = sums.indices.filter { sums[$0].bins > 0 && sums[$0].rate.isFinite && sums[$0].count.isFinite }
    let means = known.map { (rate: sums[$0].rate / sums[$0].bins, count: sums[$0].count / sums[$0].bins) }
    // [moment][cell]
    var products = [Double](repeating: 0, count: moments.count * known.count)
    for row in 0..<predictions.frameCount {
      let first = moments.ofRow[row] * known.count
      for place in known.indices {
        let index = row * width + cells[known[place]]
        guard mask[index] > 0 else { continue }
        products[first + place] +=
          (Double(rates[index]) - means[place].rate) * (Double(counts[index]) - means[place].count)
      }
    }
    return known.indices.map { place in
      (0..<moments.count).map { products[$0 * known.count + place] }
    }
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
