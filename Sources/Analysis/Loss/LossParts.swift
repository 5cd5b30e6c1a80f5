import Base
import Fitting
import Foundation
import Metrics

/// Each cell's part of the training loss and of its gradients.
package struct LossParts: Sendable {
  /// A quantity that is the sum of the cells' parts.
  package enum Quantity: CaseIterable, Sendable {
    case loss, deviance, gained, readout, core

    var name: String {
      switch self {
      case .loss: "loss"
      case .deviance: "deviance"
      case .gained: "gained"
      case .readout: "gradient_readout"
      case .core: "gradient_core"
      }
    }

    var isGradient: Bool { self == .readout || self == .core }
  }

  package struct Cell: Sendable {
    var cid: CellID
    var scores: CellScores
    /// Nil where undefined; `reason` says why.
    var parts: [Quantity: Double]
    /// The factor of inverse-rate weights on the cell's loss.
    package var weight: Double?
    var reason: String?
  }

  package var cells: [Cell]

  /// - Parameters:
  ///   - sums: of the rates on the same frames as the gradients.
  ///   - trainingMeans: masked mean count of each cell on the training split.
  package init(cids: [CellID], sums: [MaskedSums], gradients: LossGradients, trainingMeans: [Double?]) {
    let weights = InverseRateWeights.of(trainingMeans)
    let metrics: [any Metric.Type] = [
      FiringRate.self, BitsPerSpike.self, PearsonCorrelation.self, NegativeLogLikelihood.self, Deviance.self,
    ]
    let scores = CellScores.of(sums, cids: cids, metrics: metrics)
    cells = cids.indices.map { index in
      let cell = gradients.cells[index]
      let score = scores[index]
      var parts: [Quantity: Double] = [:]
      // A prediction that can't be scored has no gradient either.
      if sums[index].obstacle == nil {
        parts[.loss] = score.nll.value.map { $0 * sums[index].weight / gradients.bins }
        parts[.deviance] = score[Deviance.self].value.map { $0 / gradients.bins }
        parts[.gained] = score.bitsPerSpike.value.map { $0 * cell.spikes * log(2) / gradients.bins }
        parts[.readout] = cell.readoutNorm
        parts[.core] = cell.core
        parts = parts.filter { $0.value.isFinite }
      }
      var reasons = [score.reason].compactMap(\.self)
      if weights[index] == nil, cell.bins > 0 { reasons.append("weight: no spikes for the weight") }
      return Cell(
        cid: cids[index], scores: score, parts: parts, weight: weights[index],
        reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
    }
  }

  /// The training loss.
  package var loss: Double { sizes(.loss).reduce(0) { $0 + ($1 ?? 0) } }

  var rates: [Double?] { cells.map(\.scores.rateHz.value) }

  /// The cells' parts as they are, or under inverse-rate weights.
  func sizes(_ quantity: Quantity, weighted: Bool = false) -> [Double?] {
    cells.map { cell in
      guard let part = cell.parts[quantity] else { return nil }
      return weighted ? cell.weight.map { part * $0 } : part
    }
  }

  /// The same over their sum; nil where that is not positive.
  package func shares(_ quantity: Quantity, weighted: Bool = false) -> [Double?] {
    let sizes = sizes(quantity, weighted: weighted)
    let total = sizes.reduce(0) { $0 + ($1 ?? 0) }
    return sizes.map { size in size.flatMap { total > 0 ? $0 / total : nil } }
  }

  func dependence(_ quantity: Quantity, weighted: Bool = false) -> RateDependence {
    RateDependence(sizes(quantity, weighted: weighted), rates: rates)
  }

  /// The result in one line.
  package var note: String {
    func percent(_ share: Double?) -> String { share.map(NumberText.percent) ?? "an unknown part" }
    func rho(_ dependence: RateDependence) -> String {
      dependence.correlation.map { NumberText.fixed($0.rho, decimals: 2) } ?? "unknown"
    }
    let core = dependence(.core)
    let weighted = dependence(.core, weighted: true)
    let r = RateDependence(cells.map(\.scores.r.value), rates: rates)
    let top = core.topCells == 1 ? "the 1 cell" : "the \(core.topCells) cells"
    return
      "\(top) of \(core.cells) with the highest rates: \(percent(dependence(.deviance).topShare)) of the deviance, "
      + "\(percent(dependence(.readout).topShare)) of the gradient on the readouts, \(percent(core.topShare)) of that on the core "
      + "(\(percent(weighted.topShare)) under inverse-rate weights); rank correlation with the rate: r \(rho(r)), "
      + "gradient on the core \(rho(core)) (\(rho(weighted)))"
  }
}
