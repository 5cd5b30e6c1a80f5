import Base

/// The scores of one cell in each metric that was asked for.
public struct CellScores: Sendable, Equatable {
  public var cid: CellID
  public var validBins: Int
  /// Keyed by the metric's name.
  private var scores: [String: Score] = [:]

  /// Computes the metrics that need no repeated trials.
  ///
  /// - Parameter nullMean: the constant rate (counts per bin) against which metrics with a null score the prediction; the
  ///   mean count of the scored bins where nil.
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

  /// Adds the scores in metrics of repeated trials.
  public mutating func add(_ repeats: Repeats, metrics: [any Metric.Type]) {
    for case let metric as any RepeatMetric.Type in metrics { self[metric] = metric.score(repeats) }
  }

  /// Removes every score that depends on the prediction. Scores of the response alone stay.
  public mutating func removePrediction(because cause: Undefined) {
    let ofResponse: [any Metric.Type] = [SpikeCount.self, ValidBins.self, FiringRate.self]
    for name in scores.keys where !ofResponse.contains(where: { $0.name == name }) { scores[name] = .undefined(cause) }
  }

  /// Scores of every cell, from its sums.
  public static func of(
    _ sums: [MaskedSums], cids: [CellID], nullMeans: [Double]? = nil, metrics: [any Metric.Type] = standard
  ) -> [CellScores] {
    precondition(sums.count == cids.count && nullMeans.map { $0.count == cids.count } ?? true, "one null mean a cell")
    return sums.indices.map { CellScores(cid: cids[$0], sums[$0], nullMean: nullMeans?[$0], metrics: metrics) }
  }

  /// Why some scores are missing; nil where none is. A single cause for all of them is given alone; several causes are
  /// given with the metrics that they concern.
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

  /// The table that `eval` shows: `cid`, one column for each metric, `reason`.
  public static func shape(_ metrics: [any Metric.Type] = standard) -> TableShape<CellScores> {
    TableShape([.int("cid") { $0.cid }] + metrics.map(field) + [.string("reason", "Why a score is null") { $0.reason }])
  }

  /// A metric that not every table has is explained in the list of columns.
  private static func field(_ metric: any Metric.Type) -> TableShape<CellScores>.Field {
    let help = standard.contains { $0 == metric } ? "" : metric.summary
    return metric == SpikeCount.self || metric == ValidBins.self
      ? .count(metric.name, unit: metric.unit, help) { $0[metric].value }
      : .float(metric.name, unit: metric.unit, help) { $0[metric].value }
  }
}

/// Scores of every cell, in the order of the cids.
///
/// - Parameters:
///   - nullMeans: for each cell, the constant rate (counts per bin) against which metrics with a null score the prediction,
///     e.g. its mean count on the training trials; the mean count of the scored bins where nil.
///   - options: minimum number of repeats, and how trials are split into halves.
/// - Throws: `interrupted` once the work is cancelled.
public func evaluate(
  _ predictions: Predictions, nullMeans: [Double]? = nil, metrics: [any Metric.Type] = CellScores.standard,
  options: Repeats.Options = .init()
) throws -> [CellScores] {
  var scores = CellScores.of(
    MaskedSums.of(predictions), cids: predictions.cids, nullMeans: nullMeans, metrics: metrics)
  guard metrics.contains(where: { $0 is any RepeatMetric.Type }), let layout = try? RepeatLayout(predictions) else {
    return scores
  }
  for cell in scores.indices {
    scores[cell].add(try layout.repeats(of: predictions, cell: cell, options: options), metrics: metrics)
  }
  return scores
}
