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
    while series.width > 0, series.count >= fewestBlocks {
      let found = series.neighbourCorrelations
      if !found.isEmpty {
        let mean = found.reduce(0, +) / Double(found.count)
        if mean > limit + 1 / Double(series.count * found.count).squareRoot() { result = 2 * length }
      }
      series = series.pairSums
      length *= 2
    }
    return result
  }

  /// S of each cell for each moment, without cells where nothing varies or values are not finite.
  ///
  /// Rows lie one behind the other in memory, so all cells of a row are taken together.
  private static func products(_ predictions: Predictions, cells: [Int], _ moments: Moments) -> Series {
    let width = predictions.cellCount
    let rates = predictions.rates.values.span
    let counts = predictions.counts.values.span
    let mask = predictions.mask.values.span
    var sums = Sums(cells.count)
    for row in 0..<predictions.frameCount {
      let range = row * width..<(row + 1) * width
      sums.add(rates.extracting(range), counts.extracting(range), mask.extracting(range), cells)
    }
    let known = cells.indices.filter { sums.bins[$0] > 0 && sums.rates[$0].isFinite && sums.counts[$0].isFinite }
    let chosen = known.map { cells[$0] }
    let means = (
      rates: known.map { sums.rates[$0] / sums.bins[$0] }, counts: known.map { sums.counts[$0] / sums.bins[$0] }
    )
    var products = Series(values: [Double](repeating: 0, count: moments.count * known.count), width: known.count)
    for row in 0..<predictions.frameCount {
      let range = row * width..<(row + 1) * width
      products.add(
        rates.extracting(range), counts.extracting(range), mask.extracting(range), chosen, means,
        to: moments.ofRow[row])
    }
    return products
  }

  /// Sums of some cells over their valid bins.
  private struct Sums {
    var bins: [Double]
    var rates: [Double]
    var counts: [Double]

    init(_ count: Int) {
      bins = [Double](repeating: 0, count: count)
      rates = bins
      counts = bins
    }

    mutating func add(_ rates: Span<Float>, _ counts: Span<Float>, _ mask: Span<Float>, _ cells: [Int]) {
      Self.add(rates, counts, mask, cells, &bins, &self.rates, &self.counts)
    }

    private static func add(
      _ rates: Span<Float>, _ counts: Span<Float>, _ mask: Span<Float>, _ cells: [Int], _ bins: inout [Double],
      _ rateSums: inout [Double], _ countSums: inout [Double]
    ) {
      let cells = cells.span
      var bins = bins.mutableSpan
      var rateSums = rateSums.mutableSpan
      var countSums = countSums.mutableSpan
      for place in 0..<cells.count {
        let cell = cells[place]
        let isValid = mask[cell] > 0
        bins[place] += isValid ? 1 : 0
        rateSums[place] += isValid ? Double(rates[cell]) : 0
        countSums[place] += isValid ? Double(counts[cell]) : 0
      }
    }
  }

  /// Numbers of several cells in the order of time, all cells of a moment side by side.
  private struct Series {
    /// [moment][cell]
    var values: [Double]
    let width: Int

    var count: Int { values.count / width }

    /// Adds S of one row's cells to a moment.
    mutating func add(
      _ rates: Span<Float>, _ counts: Span<Float>, _ mask: Span<Float>, _ cells: [Int],
      _ means: (rates: [Double], counts: [Double]), to moment: Int
    ) {
      let cells = cells.span
      let (meanRates, meanCounts) = (means.rates.span, means.counts.span)
      let first = moment * width
      var sums = values.mutableSpan
      for place in 0..<cells.count {
        let cell = cells[place]
        let product = (Double(rates[cell]) - meanRates[place]) * (Double(counts[cell]) - meanCounts[place])
        sums[first + place] += mask[cell] > 0 ? product : 0
      }
    }

    private func moment(_ place: Int) -> Range<Int> { place * width..<(place + 1) * width }

    /// Of two neighbouring moments each; an odd last one is left out.
    var pairSums: Series {
      var pairs = Series(values: [Double](repeating: 0, count: count / 2 * width), width: width)
      for place in 0..<count / 2 {
        for half in [2 * place, 2 * place + 1] {
          Self.add(values.span.extracting(moment(half)), to: &pairs.values, at: place * width)
        }
      }
      return pairs
    }

    /// The correlation between neighbouring moments, of each cell that varies.
    var neighbourCorrelations: [Double] {
      var means = [Double](repeating: 0, count: width)
      for place in 0..<count { Self.add(values.span.extracting(moment(place)), to: &means, at: 0) }
      for cell in means.indices { means[cell] /= Double(count) }
      var last = [Double](repeating: 0, count: width)
      var (squares, together) = (last, last)
      for place in 0..<count {
        Self.correlate(values.span.extracting(moment(place)), means, &last, &squares, &together)
      }
      return squares.indices.filter { squares[$0] > 0 }.map { together[$0] / squares[$0] }
    }

    /// No branches, so that the compiler takes several cells at once.
    private static func add(_ values: Span<Double>, to target: inout [Double], at start: Int) {
      var sums = target.mutableSpan
      guard start >= 0, start + values.count <= sums.count else { return }
      for cell in 0..<values.count { sums[start + cell] += values[cell] }
    }

    private static func correlate(
      _ values: Span<Double>, _ means: [Double], _ last: inout [Double], _ squares: inout [Double],
      _ together: inout [Double]
    ) {
      let width = values.count
      let means = means.span
      var last = last.mutableSpan
      var squares = squares.mutableSpan
      var together = together.mutableSpan
      guard means.count == width, last.count == width, squares.count == width, together.count == width else { return }
      for cell in 0..<width {
        let value = values[cell] - means[cell]
        squares[cell] += value * value
        together[cell] += last[cell] * value
        last[cell] = value
      }
    }
  }
}
