import Base
import Fitting
import Foundation
import Metrics
import Session

/// What each cell is to the training loss: its parts of it, what it sends back, and how much of either is its own.
struct LossParts {
  /// What cells have parts of.
  enum Quantity: CaseIterable {
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

  struct Cell {
    var cid: CellID
    var scores: CellScores
    /// Nil where undefined; `scores` and `weight` tell why.
    var parts: [Quantity: Double]
    var weight: Double?
    var reason: String?
  }

  var cells: [Cell]

  /// - Parameters:
  ///   - sums: of the rates on the same frames as the gradients.
  ///   - trainingMeans: masked mean count of each cell on the training split.
  init(cids: [CellID], sums: [MaskedSums], gradients: LossGradients, trainingMeans: [Double?]) {
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
      if weights[index] == nil, cell.bins > 0 { reasons.append("weight: no spikes to weigh by") }
      return Cell(
        cid: cids[index], scores: score, parts: parts, weight: weights[index],
        reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
    }
  }

  /// The training loss.
  var loss: Double { sizes(.loss).reduce(0) { $0 + ($1 ?? 0) } }

  private var rates: [Double?] { cells.map(\.scores.rateHz.value) }

  /// The cells' parts as they are, or under inverse-rate weights.
  func sizes(_ quantity: Quantity, weighted: Bool = false) -> [Double?] {
    cells.map { cell in
      guard let part = cell.parts[quantity] else { return nil }
      return weighted ? cell.weight.map { part * $0 } : part
    }
  }

  /// The same over their sum; nil where that is not positive.
  func shares(_ quantity: Quantity, weighted: Bool = false) -> [Double?] {
    let sizes = sizes(quantity, weighted: weighted)
    let total = sizes.reduce(0) { $0 + ($1 ?? 0) }
    return sizes.map { size in size.flatMap { total > 0 ? $0 / total : nil } }
  }

  func dependence(_ quantity: Quantity, weighted: Bool = false) -> RateDependence {
    RateDependence(sizes(quantity, weighted: weighted), rates: rates)
  }

  // MARK: Tables

  private var leading: [Column] {
    [Column("cid", cells.map { Optional($0.cid) }), Column("rate_hz", rates, unit: "Hz")]
  }

  private var reasons: Column { Column("reason", cells.map(\.reason)) }

  var shareTable: Table {
    Table(
      leading + [
        Column("bits_per_spike", cells.map(\.scores.bitsPerSpike.value), unit: BitsPerSpike.unit),
        Column("r", cells.map(\.scores.r.value)),
        Column("loss_share", shares(.deviance)), Column("readout_share", shares(.readout)),
        Column("core_share", shares(.core)), Column("weight", cells.map(\.weight)),
        Column("loss_w", shares(.deviance, weighted: true)), Column("readout_w", shares(.readout, weighted: true)),
        Column("core_w", shares(.core, weighted: true)), reasons,
      ])
  }

  /// Under the weights every size is the weight times it.
  var sizeTable: Table {
    Table(
      leading
        + Quantity.allCases.map { Column($0.name, sizes($0), unit: $0.isGradient ? nil : "nats/bin") }
        + [Column("weight", cells.map(\.weight)), reasons])
  }

  /// A row for each score and each quantity: how it goes with the firing rate.
  var summaryTable: Table {
    typealias Row = (name: String, plain: RateDependence, weighted: RateDependence?)
    let scores: [Row] = [
      ("bits_per_spike", cells.map(\.scores.bitsPerSpike.value)), ("r", cells.map(\.scores.r.value)),
    ]
    .map { ($0, RateDependence($1, rates: rates), nil) }
    let parts: [Row] = Quantity.allCases.map { ($0.name, dependence($0), dependence($0, weighted: true)) }
    let rows = scores + parts
    return Table([
      Column("quantity", rows.map { Optional($0.name) }), Column("cells", rows.map { Optional($0.plain.cells) }),
      Column("rho", rows.map { $0.plain.correlation?.rho }), Column("p", rows.map { $0.plain.correlation?.p }),
      // Of scores there is no whole to have a part of.
      Column("top_quarter", rows.map { $0.weighted == nil ? nil : $0.plain.topShare }),
      Column("rho_w", rows.map { $0.weighted?.correlation?.rho }),
      Column("p_w", rows.map { $0.weighted?.correlation?.p }),
      Column("top_quarter_w", rows.map { $0.weighted?.topShare }),
      Column(
        "reason",
        rows.map { row in
          if row.plain.correlation == nil { return row.plain.cells < 4 ? "fewer than 4 cells" : "does not vary" }
          if row.weighted == nil { return "scores are no shares" }
          return row.plain.topShare == nil ? "adds up to less than 0" : nil
        }),
    ])
  }

  /// What it comes to, in a line.
  var note: String {
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
