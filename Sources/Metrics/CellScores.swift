import Base

/// How well one cell is predicted: the metrics that were asked for.
public struct CellScores: Sendable, Equatable {
  public var cid: CellID
  public var validBins: Int
  /// By the metrics' names.
  private var scores: [String: Score] = [:]

  /// The metrics of single bins.
  ///
  /// - Parameter nullMean: the constant rate (counts per bin) that metrics with a null compare with; the bins' own mean
  ///   where nil.
  public init(
    cid: CellID, _ sums: MaskedSums, nullMean: Double? = nil, metrics: [any Metric.Type] = CellScores.standard
  ) {
    self.cid = cid
    validBins = sums.validBins
    for metric in metrics {
      switch metric {
      case let metric as any NullMetric.Type: scores[metric.name] = metric.score(sums, nullMean: nullMean)
      case let metric as any BinMetric.Type: scores[metric.name] = metric.score(sums)
      default: scores[metric.name] = .undefined(.noRepeats)
      }
    }
  }

  /// The metrics that every evaluation has.
  public static let standard: [any Metric.Type] = [
    SpikeCount.self, FiringRate.self, BitsPerSpike.self, PearsonCorrelation.self, NegativeLogLikelihood.self,
  ]

  /// - Precondition: the metric was asked for.
  public subscript(metric: any Metric.Type) -> Score {
    get { scores[metric.name] ?? .undefined(.notEvaluated) }
    set { scores[metric.name] = newValue }
  }

  public var spikes: Score { self[SpikeCount.self] }
  public var rateHz: Score { self[FiringRate.self] }
  public var bitsPerSpike: Score { self[BitsPerSpike.self] }
  public var r: Score { self[PearsonCorrelation.self] }
  public var nll: Score { self[NegativeLogLikelihood.self] }

  /// Fills in the metrics of repeated trials.
  public mutating func add(_ repeats: Repeats, metrics: [any Metric.Type]) {
    for case let metric as any RepeatMetric.Type in metrics { self[metric] = metric.score(repeats) }
  }

  /// Takes the prediction's scores away: only what the responses alone tell stays.
  public mutating func forgetPrediction(because cause: Undefined) {
    let ofResponse: [any Metric.Type] = [SpikeCount.self, ValidBins.self, FiringRate.self]
    for name in scores.keys where !ofResponse.contains(where: { $0.name == name }) { scores[name] = .undefined(cause) }
  }

  /// Scores from the sums of every cell.
  public static func of(
    _ sums: [MaskedSums], cids: [CellID], nullMeans: [Double]? = nil, metrics: [any Metric.Type] = standard
  ) -> [CellScores] {
    precondition(sums.count == cids.count && nullMeans.map { $0.count == cids.count } ?? true, "one null mean a cell")
    return sums.indices.map { CellScores(cid: cids[$0], sums[$0], nullMean: nullMeans?[$0], metrics: metrics) }
  }

  /// Why some of the numbers are missing; nil where none is. Where one cause explains them all it stands alone, else each
  /// with the metrics that it concerns.
  public var reason: String? {
    var causes: [(cause: String, metrics: [String])] = []
    for metric in AllMetrics.types {
      guard let cause = scores[metric.name]?.reason else { continue }
      if let index = causes.firstIndex(where: { $0.cause == cause }) {
        causes[index].metrics.append(metric.name)
      } else {
        causes.append((cause, [metric.name]))
      }
    }
    if causes.count <= 1 { return causes.first?.cause }
    return causes.map { "\($0.metrics.joined(separator: ", ")): \($0.cause)" }.joined(separator: "; ")
  }

  /// The table that `eval` shows: `cid`, a column a metric, `reason`.
  public static func table(_ scores: [CellScores], metrics: [any Metric.Type] = standard) -> Table {
    Table(
      [Column("cid", scores.map { Optional($0.cid) })]
        + metrics.map { metric in
          column(metric, scores.map { $0[metric].value })
        } + [Column("reason", scores.map(\.reason))])
  }

  /// Counts are whole numbers, unless they were weighted or smoothed.
  private static func column(_ metric: any Metric.Type, _ values: [Double?]) -> Column {
    let isCount = metric == SpikeCount.self || metric == ValidBins.self
    let whole = values.map { $0.flatMap { Int(exactly: $0) } }
    let areWhole = isCount && zip(values, whole).allSatisfy { ($0 == nil) == ($1 == nil) }
    return areWhole ? Column(metric.name, whole, unit: metric.unit) : Column(metric.name, values, unit: metric.unit)
  }
}

/// Scores of every cell, in the order of the cids.
///
/// - Parameters:
///   - nullMeans: constant rates, counts per bin and one a cell, that metrics with a null are measured against (e.g. those
///     of the training split); the bins' own means where nil.
///   - options: how metrics of repeated trials judge them.
public func evaluate(
  _ predictions: Predictions, nullMeans: [Double]? = nil, metrics: [any Metric.Type] = CellScores.standard,
  options: Repeats.Options = .init()
) -> [CellScores] {
  var scores = CellScores.of(
    MaskedSums.of(predictions), cids: predictions.cids, nullMeans: nullMeans, metrics: metrics)
  guard metrics.contains(where: { $0 is any RepeatMetric.Type }), let layout = try? RepeatLayout(predictions) else {
    return scores
  }
  for cell in scores.indices {
    scores[cell].add(layout.repeats(of: predictions, cell: cell, options: options), metrics: metrics)
  }
  return scores
}
