import Base
import Metrics

/// How well the models of a transfer predict the held-out trials: one number a cell and model.
package struct TransferScores: Sendable {
  package struct Model: Sendable {
    package var name: String
    /// By cell; nil where undefined.
    package var bitsPerSpike: [Double?]
    package var correlation: [Double?]
  }

  /// How the models do on trials of another stimulus that repeat, and the most that the noise allows there.
  package struct Repeated: Sendable {
    /// Correlation of mean rate and mean count over trials, by model, then by cell; nil where undefined.
    package var correlations: [String: [Double?]]
    /// CC_max by cell.
    package var ceiling: [Double?]

    package init(correlations: [String: [Double?]], ceiling: [Double?]) {
      self.correlations = correlations
      self.ceiling = ceiling
    }

    /// Cells that have a ceiling and a correlation with every model.
    package var cells: [Int] {
      ceiling.indices.filter { cell in
        ceiling[cell] != nil && correlations.values.allSatisfy { $0[cell] != nil }
      }
    }

    func mean(_ values: [Double?]?) -> Double? {
      let known = cells.compactMap { cell in values.flatMap { $0[cell] } }
      return known.isEmpty ? nil : Moments.mean(known)
    }
  }

  package private(set) var models: [Model] = []
  /// Nil where no other stimulus of the session repeats.
  package var repeated: Repeated?
  private let counts: Tensor
  private let mask: Tensor

  /// - Parameters:
  ///   - counts: `[row, cell]` on the held-out rows.
  ///   - mask: the same, or `[row, 1]`.
  package init(counts: Tensor, mask: Tensor) {
    self.counts = counts
    self.mask = mask
  }

  /// Scores rates `[cell][row]` in counts per bin; a cell without rates has no score.
  package mutating func add(_ name: String, rates: [[Float]?]) {
    var model = Model(name: name, bitsPerSpike: [], correlation: [])
    for (cell, own) in rates.enumerated() {
      guard let own else {
        model.bitsPerSpike.append(nil)
        model.correlation.append(nil)
        continue
      }
      var sums = MaskedSums(rateHz: .nan)
      let observed = counts.column(cell)
      let valid = mask.column(mask.shape[1] == 1 ? 0 : cell)
      for row in own.indices { sums.add(rate: own[row], count: observed[row], mask: valid[row]) }
      model.bitsPerSpike.append(BitsPerSpike.score(sums, nullMean: nil).value)
      model.correlation.append(PearsonCorrelation.score(sums).value)
    }
    models.append(model)
  }

  /// Means over the cells that every model has a score of.
  package struct Summary: Sendable {
    package var session: String
    package var model: String
    package var cells: Int
    package var bitsPerSpike: MeanInterval?
    package var median: Double?
    package var correlation: Double?
    /// Cells that the model predicts better than the new readout does.
    package var better: Int?
    /// Correlation of mean rate and mean count over repeated trials, mean over cells; of the ceiling CC_max.
    package var repeated: Double?
  }

  package static let ceilingName = "noise ceiling"

  /// The models' rows, and where trials repeat that of the noise ceiling.
  ///
  /// - Parameter reference: the model that `better` compares with.
  package func summaries(session: String, reference: String) -> [Summary] {
    let cells = (models.first?.bitsPerSpike ?? []).indices.filter { cell in
      models.allSatisfy { $0.bitsPerSpike[cell] != nil }
    }
    let base = models.first { $0.name == reference }
    let rows = models.map { model in
      let scores = cells.compactMap { model.bitsPerSpike[$0] }.sorted()
      let correlations = cells.compactMap { model.correlation[$0] }
      let better = base.map { base in
        cells.count { (model.bitsPerSpike[$0] ?? 0) > (base.bitsPerSpike[$0] ?? 0) }
      }
      return Summary(
        session: session, model: model.name, cells: cells.count, bitsPerSpike: MeanInterval(scores),
        median: scores.isEmpty
          ? nil : (scores[(scores.count - 1) / 2] + scores[scores.count / 2]) / 2,
        correlation: correlations.isEmpty ? nil : Moments.mean(correlations),
        better: model.name == reference ? nil : better, repeated: repeated?.mean(repeated?.correlations[model.name]))
    }
    guard let repeated, !repeated.cells.isEmpty else { return rows }
    let ceiling = repeated.mean(repeated.ceiling)
    return rows + [
      Summary(session: session, model: Self.ceilingName, cells: repeated.cells.count, repeated: ceiling)
    ]
  }

  package static let allSessions = "all sessions"

  /// A row for each model over the cells of several sessions, each session with the same weight.
  ///
  /// - Parameters:
  ///   - cells: bits/spike of each cell, by model.
  ///   - models: the rows; only cells with a score of all of them count.
  ///   - reference: the model that `better` compares with.
  package static func overall(
    _ cells: [(session: String, scores: [String: Double])], models: [String], reference: String
  ) -> [Summary] {
    let common = cells.filter { cell in models.allSatisfy { cell.scores[$0] != nil } }
    return models.map { model in
      let scores = common.compactMap { $0.scores[model] }
      let sorted = scores.sorted()
      return Summary(
        session: allSessions, model: model, cells: scores.count,
        bitsPerSpike: MeanInterval(scores, groups: common.map(\.session)),
        median: sorted.isEmpty ? nil : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2,
        better: model == reference
          ? nil : common.count { ($0.scores[model] ?? 0) > ($0.scores[reference] ?? 0) })
    }
  }
}
