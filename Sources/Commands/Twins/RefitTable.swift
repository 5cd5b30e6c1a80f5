import Base
import Fitting
import Recordings

/// The tables of `refit`.
enum RefitTable {
  struct Row {
    var cid: CellID
    var cell: CellReadout
    /// Size of the feature map.
    var map: (height: Int, width: Int)
    var hasPlace: Bool
    var options: ReadoutRefitOptions
    var verdict: ReadoutVerdict?
    /// The readout at the adapter as it was, where the adapter was fitted too.
    var alone: CellReadout?

    /// A number of the readout's place; nil where the readout is a constant rate, or has no place.
    func place(_ value: Float) -> Double? { cell.reason == nil && hasPlace ? Double(value) : nil }

    /// The standard errors of the centre; nil where one is larger than the map, which says nothing of the place.
    var centerYError: Double? { cell.errors?.meanY.flatMap { $0 > Double(map.height) ? nil : $0 } }
    var centerXError: Double? { cell.errors?.meanX.flatMap { $0 > Double(map.width) ? nil : $0 } }

    /// What a user should know about a fit that has numbers.
    var remark: String? {
      if let reason = cell.reason { return reason }
      if !cell.converged { return "not converged" }
      guard hasPlace else { return nil }
      let isAtEdge = (
        y: 2 * abs(cell.meanY) >= Float(map.height) - 1e-3, x: 2 * abs(cell.meanX) >= Float(map.width) - 1e-3
      )
      // A centre at the edge has no error in any case.
      let isLost = (centerYError == nil && !isAtEdge.y) || (centerXError == nil && !isAtEdge.x)
      let limit = options.largestStd ?? Double(max(map.height, map.width))
      let isWidest = [cell.stdY, cell.stdX].contains { abs(Double($0) - limit) <= 1e-3 * limit }
      let remarks = [
        isAtEdge.y || isAtEdge.x ? "centre at the edge of the feature map" : nil,
        cell.errors != nil && isLost ? "place not determined" : nil,
        min(cell.stdY, cell.stdX) <= 0.1001 && !isAtEdge.y && !isAtEdge.x ? "width at its lower limit" : nil,
        isWidest ? "width at its upper limit" : nil,
        options.correlation != 0 && options.part != .features ? "no standard errors with --corr" : nil,
      ].compactMap(\.self)
      return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
    }
  }

  static let columns = TableShape<Row>([
    .int("cid", "The cell's id in its recording") { $0.cid },
    .float("nll_train", unit: "nats/bin", "Poisson loss on the training trials") {
      $0.cell.nllTrain.isFinite ? $0.cell.nllTrain : nil
    },
    .float("nll_val", unit: "nats/bin", "Poisson loss on held-out trials") { $0.cell.nllVal },
    .float("bits_per_spike_val", unit: "bits/spike", "Score on held-out trials") { $0.cell.bitsPerSpikeVal },
    .float(
      "center_y", unit: "feature px", "The readout's centre along the height of the feature map, from its middle"
    ) { $0.place($0.cell.meanY) },
    .float(
      "center_x", unit: "feature px", "The readout's centre along the width of the feature map, from its middle"
    ) { $0.place($0.cell.meanX) },
    .float("std_y", unit: "feature px", "The readout's spread along the height, one sigma") { $0.place($0.cell.stdY) },
    .float("std_x", unit: "feature px", "The readout's spread along the width, one sigma") { $0.place($0.cell.stdX) },
    .float("theta", unit: "rad", "Angle by which the readout is rotated") { $0.place($0.cell.theta) },
    .bool("converged", "Whether the fit reached its optimum") { $0.cell.converged },
    .float("spread", unit: "nats/bin", "Difference of the worst and the best start's loss; the best start is used") {
      $0.cell.spread
    },
    .float("bits_per_spike_train", unit: "bits/spike", "Score on the training trials") { $0.cell.bitsPerSpikeTrain },
    .float("r_val", "Correlation of rate and count on held-out trials") { $0.cell.correlationVal },
    .float("center_y_error", unit: "feature px", "Standard error of center_y") { $0.centerYError },
    .float("center_x_error", unit: "feature px", "Standard error of center_x") { $0.centerXError },
    .float("l2", "The penalty on the squared feature weights that the cell was fitted with") { $0.cell.l2 },
    .string("reason", "Why numbers of this row are undefined, or what to know about the fit") { $0.remark },
  ])

  static let diagnosedColumns =
    columns
    + TableShape<Row>([
      .float("gap", unit: "bits/spike", "Score on the training trials minus that on held-out trials") { row in
        row.cell.bitsPerSpikeTrain.flatMap { train in row.cell.bitsPerSpikeVal.map { train - $0 } }
      },
      .string("label", "well fitted, underfitted, overfitted, not visual, or too few data") { $0.verdict?.rawValue },
    ])

  static let adapterColumns =
    columns
    + TableShape<Row>([
      .float(
        "bits_per_spike_val_alone", unit: "bits/spike",
        "Score on held-out trials of readouts alone, with the adapter as it was"
      ) {
        $0.alone?.bitsPerSpikeVal
      },
      .float("nll_train_alone", unit: "nats/bin", "Poisson loss on the training trials of readouts alone") { row in
        row.alone.flatMap { $0.nllTrain.isFinite ? $0.nllTrain : nil }
      },
    ])

  static let sweepColumns = TableShape<ReadoutSweep.Point>([
    .float("value", "The setting") { $0.value },
    .float("nll_train", unit: "nats/bin", "Poisson loss on the training trials, mean over cells") { $0.nllTrain },
    .float("nll_val", unit: "nats/bin", "Poisson loss on held-out trials, mean over cells") { $0.nllVal },
    .float("bits_per_spike_val", unit: "bits/spike", "Score on held-out trials, mean over cells") {
      $0.bitsPerSpikeVal
    },
    .float("bits_per_spike_quiet", unit: "bits/spike", "The same over the quarter of cells with the lowest rates") {
      $0.bitsPerSpikeQuiet
    },
    .float("r_train", "Correlation on the training trials, mean over cells") { $0.correlationTrain },
    .float("r_val", "Correlation on held-out trials, mean over cells") { $0.correlationVal },
    .bool("front", "No other setting is as good in nll_val, bits_per_spike_val and r_val, and better in one") {
      $0.isOnFront
    },
  ])
}
