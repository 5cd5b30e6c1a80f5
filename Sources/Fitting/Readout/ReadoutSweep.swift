import Base
import Metrics

/// Readouts fitted with several settings of one term of their loss, and which of the settings nothing else beats.
public struct ReadoutSweep: Sendable, Equatable {
  /// The term that varies.
  public enum Axis: String, Sendable, CaseIterable {
    case corr, l1, l2, smooth
    case groupLasso = "group_lasso"
    case rateWeight = "rate_weight"
  }

  public struct Point: Sendable, Equatable {
    public var value: Double
    /// Means over the cells that have all numbers with every setting.
    public var nllTrain: Double
    public var nllVal: Double
    public var bitsPerSpikeVal: Double
    /// Pearson's correlation.
    public var correlationTrain: Double
    public var correlationVal: Double
    /// Of the quarter of cells with the lowest rates.
    public var bitsPerSpikeQuiet: Double
    /// No other setting is at least as good in loss, bits/spike and correlation on held-out trials, and better in one.
    public var isOnFront = false
  }

  public let axis: Axis
  public let points: [Point]
  /// Cells that the means are over.
  public let cellCount: Int

  /// - Parameters:
  ///   - values: of the term, ascending or not.
  ///   - meanCounts: masked mean count of each cell.
  ///   - fit: readouts of all cells with some options.
  /// - Throws: what `fit` throws; `undefined` where no cell has all numbers.
  package init(
    _ axis: Axis, over values: [Double], meanCounts: [Double], options: ReadoutRefitOptions,
    fit: (ReadoutRefitOptions) throws -> [CellReadout]
  ) throws {
    self.axis = axis
    let fits = try values.map { value in
      var own = options
      switch axis {
      case .corr: own.correlation = value
      case .l1:
        own.l1 = value
        own.l1ByCell = []
      case .l2:
        own.l2 = value
        own.l2ByCell = []
      case .rateWeight: own.rateWeight = value
      case .groupLasso: own.groupLasso = value
      case .smooth: own.smoothness = value
      }
      return try fit(own)
    }
    let cells = (fits.first ?? []).indices.filter { cell in fits.allSatisfy { Numbers($0[cell]) != nil } }
    guard !cells.isEmpty else {
      throw Failure(.undefined, "no cell has a score and a correlation with every setting of the sweep")
    }
    cellCount = cells.count
    let quiet = cells.sorted { (meanCounts[$0], $0) < (meanCounts[$1], $1) }.prefix(max(1, cells.count / 4))
    var points = zip(values, fits).map { value, readouts in
      func mean(_ part: (Numbers) -> Double, over cells: [Int]) -> Double {
        cells.compactMap { Numbers(readouts[$0]).map(part) }.reduce(0, +) / Double(cells.count)
      }
      return Point(
        value: value, nllTrain: mean(\.nllTrain, over: cells), nllVal: mean(\.nllVal, over: cells),
        bitsPerSpikeVal: mean(\.bitsPerSpikeVal, over: cells), correlationTrain: mean(\.correlationTrain, over: cells),
        correlationVal: mean(\.correlationVal, over: cells),
        bitsPerSpikeQuiet: mean(\.bitsPerSpikeVal, over: Array(quiet)))
    }
    let front = ParetoFront.members(of: points.map { [-$0.nllVal, $0.bitsPerSpikeVal, $0.correlationVal] })
    for index in points.indices { points[index].isOnFront = front[index] }
    self.points = points
  }

  private struct Numbers {
    var nllTrain, nllVal, bitsPerSpikeVal, correlationTrain, correlationVal: Double

    init?(_ cell: CellReadout) {
      guard cell.nllTrain.isFinite, let nllVal = cell.nllVal, let bits = cell.bitsPerSpikeVal,
        let train = cell.correlationTrain, let val = cell.correlationVal
      else { return nil }
      (nllTrain, self.nllVal, bitsPerSpikeVal) = (cell.nllTrain, nllVal, bits)
      (correlationTrain, correlationVal) = (train, val)
    }
  }
}
