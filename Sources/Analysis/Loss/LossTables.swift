import Base
import Metrics

/// The tables that `favour` shows of the cells' parts of the loss.
extension LossParts {
  // MARK: Shares

  /// One cell's shares of the loss and of the gradients, as they are and under inverse-rate weights.
  package struct Shares: Sendable {
    var cell: Cell
    var plain: [Quantity: Double]
    var weighted: [Quantity: Double]
  }

  package var shareTable: Table {
    let quantities: [Quantity] = [.deviance, .readout, .core]
    func shares(weighted: Bool) -> [[Quantity: Double]] {
      var shares = [[Quantity: Double]](repeating: [:], count: cells.count)
      for quantity in quantities {
        for (cell, share) in self.shares(quantity, weighted: weighted).enumerated() { shares[cell][quantity] = share }
      }
      return shares
    }
    let (plain, weighted) = (shares(weighted: false), shares(weighted: true))
    return Self.shareShape.table(
      cells.indices.map { Shares(cell: cells[$0], plain: plain[$0], weighted: weighted[$0]) })
  }

  package static let shareShape = TableShape<Shares>([
    cid(\.cell), rate(\.cell),
    .float("bits_per_spike", unit: BitsPerSpike.unit) { $0.cell.scores.bitsPerSpike.value },
    .float("r") { $0.cell.scores.r.value },
    .float("loss_share", "Share of the deviance: twice the loss minus that of rates that equal the counts") {
      $0.plain[.deviance]
    },
    .float("readout_share", "Share of the norms of the gradient on the readouts' parameters") { $0.plain[.readout] },
    .float("core_share", "Share of the norms of the gradient on the core's features") { $0.plain[.core] },
    weight(\.cell),
    .float("loss_w", "loss_share under inverse-rate weights") { $0.weighted[.deviance] },
    .float("readout_w", "readout_share under inverse-rate weights") { $0.weighted[.readout] },
    .float("core_w", "core_share under inverse-rate weights") { $0.weighted[.core] }, reason(\.cell),
  ])

  // MARK: Sizes

  /// Under inverse-rate weights every number of a row is multiplied by its `weight`.
  package var sizeTable: Table { Self.sizeShape.table(cells) }

  package static let sizeShape = TableShape<Cell>(
    [cid(\.self), rate(\.self)]
      + Quantity.allCases.map { quantity in
        .float(quantity.name, unit: quantity.isGradient ? nil : "nats/bin", quantity.help) { $0.parts[quantity] }
      } + [weight(\.self), reason(\.self)])

  private static func cid<Row>(_ cell: @escaping @Sendable (Row) -> Cell) -> TableShape<Row>.Field {
    .int("cid", "The cell's id in its recording") { cell($0).cid }
  }

  private static func rate<Row>(_ cell: @escaping @Sendable (Row) -> Cell) -> TableShape<Row>.Field {
    .float("rate_hz", unit: "Hz") { cell($0).scores.rateHz.value }
  }

  private static func weight<Row>(_ cell: @escaping @Sendable (Row) -> Cell) -> TableShape<Row>.Field {
    .float("weight", "The factor of inverse-rate weights on the cell's loss: (1 / m) / mean(1 / m)") {
      cell($0).weight
    }
  }

  private static func reason<Row>(_ cell: @escaping @Sendable (Row) -> Cell) -> TableShape<Row>.Field {
    .string("reason", "Why numbers of this row are undefined") { cell($0).reason }
  }

  // MARK: Dependence on the firing rate

  /// How one score or quantity depends on the firing rate; scores have no weighted form.
  package struct Dependence: Sendable {
    var name: String
    var plain: RateDependence
    var weighted: RateDependence?

    var reason: String? {
      if plain.correlation == nil { return plain.cells < 4 ? "fewer than 4 cells" : "does not vary" }
      if weighted == nil { return "not applicable to scores" }
      return plain.topShare == nil ? "adds up to less than 0" : nil
    }
  }

  package var summaryTable: Table {
    let scores = [
      ("bits_per_spike", cells.map(\.scores.bitsPerSpike.value)), ("r", cells.map(\.scores.r.value)),
    ].map { Dependence(name: $0, plain: RateDependence($1, rates: rates)) }
    let parts = Quantity.allCases.map {
      Dependence(name: $0.name, plain: dependence($0), weighted: dependence($0, weighted: true))
    }
    return Self.summaryShape.table(scores + parts)
  }

  package static let summaryShape = TableShape<Dependence>([
    .string("quantity", "A score, or a quantity of which each cell has a part") { $0.name },
    .int("cells", "Cells with a rate and this quantity") { $0.plain.cells },
    .float("rho", "Rank correlation (Spearman) of the quantity with the firing rate") { $0.plain.correlation?.rho },
    .float("p", "p value of rho") { $0.plain.correlation?.p },
    .float("top_quarter", "Share of the quarter of the cells with the highest rates") {
      // Scores do not add up to a whole.
      $0.weighted == nil ? nil : $0.plain.topShare
    },
    .float("rho_w", "rho under inverse-rate weights") { $0.weighted?.correlation?.rho },
    .float("p_w", "p value of rho_w") { $0.weighted?.correlation?.p },
    .float("top_quarter_w", "top_quarter under inverse-rate weights") { $0.weighted?.topShare },
    .string("reason", "Why numbers of this row are undefined") { $0.reason },
  ])
}

extension LossParts.Quantity {
  /// What the column of this quantity holds.
  fileprivate var help: String {
    switch self {
    case .loss: "The cell's part of the training loss"
    case .deviance: "The cell's part of the deviance: twice the loss minus that of rates that equal the counts"
    case .gained: "Loss of the cell's constant rate minus its own"
    case .readout: "Norm of the gradient on the cell's readout parameters, all frames together"
    case .core: "Norm of the gradient on the core's last-step features, root mean square over frames"
    }
  }
}
