import Base
import Foundation

/// One axis of a heat map: bins of a numeric column, or the values of a column as names.
struct HeatAxis {
  let count: Int
  /// Range of the bins; nil for names.
  let range: ClosedRange<Double>?
  let names: [String]
  let note: String?
  private let places: [Int?]

  func index(_ row: Int) -> Int? { places[row] }

  /// - Parameters:
  ///   - numbers: the values of a numeric column; nil for other columns.
  ///   - rows: the rows to draw.
  ///   - count: number of bins.
  init(
    _ column: Column, _ numbers: [Double]?, _ rows: [Int], count: Int, isLogarithmic: Bool,
    names: (Column) -> (names: [String], of: [Int])
  ) {
    guard let numbers else {
      let all = names(column)
      let kept = min(all.names.count, TablePlot.nameLimit)
      self.count = max(1, kept)
      range = nil
      self.names = Array(all.names.prefix(kept))
      note = kept < all.names.count ? "the first \(kept) of \(all.names.count) values of \(column.name) are shown" : nil
      places = all.of.map { $0 < kept ? $0 : nil }
      return
    }
    let shown = isLogarithmic ? numbers.map { log10($0) } : numbers
    let bins = PlotBins(rows.map { shown[$0] }, count: count, isWhole: false)
    self.count = bins.count
    range = bins.low...(bins.low + Double(bins.count) * bins.width)
    self.names = []
    note = nil
    places = shown.map { $0.isFinite ? bins.index($0) : nil }
  }
}
