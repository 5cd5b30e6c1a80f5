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

  package private(set) var models: [Model] = []
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
  }

  /// - Parameter reference: the model that `better` compares with.
  package func summaries(session: String, reference: String) -> [Summary] {
    let cells = (models.first?.bitsPerSpike ?? []).indices.filter { cell in
      models.allSatisfy { $0.bitsPerSpike[cell] != nil }
    }
    let base = models.first { $0.name == reference }
    return models.map { model in
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
        better: model.name == reference ? nil : better)
    }
  }
}
