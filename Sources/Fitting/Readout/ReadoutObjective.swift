import Base
import Kernels

/// The masked Poisson loss of readouts on blocks of features.
///
/// rate = f(sum_c w_c sum_p F_cp G_p + bias) with the output activation f. Many readouts are evaluated together: every block
/// of features is read once for all of them, and the work is in matrix products. Features times masks are the pooled
/// channels, the derivatives with respect to the weights. Weights times features are the weighted map; times the masks'
/// gradients it gives the derivatives with respect to centre, widths and angle.
package struct ReadoutObjective: Sendable {
  package struct Item: Sendable {
    package var cell: Int
    package var parameters: ReadoutParameters
    /// Whether derivatives with respect to the angle are those with respect to a shear: `GaussianMask.reshaped`.
    package var shears: Bool
    /// Whether what the information lacks of the second derivatives is needed, which costs a third of the time.
    package var curves: Bool

    package init(cell: Int, parameters: ReadoutParameters, shears: Bool = false, curves: Bool = true) {
      self.cell = cell
      self.parameters = parameters
      self.shears = shears
      self.curves = curves
    }
  }

  /// Readouts in one task, and the rows that it takes together. Fixed, so that results do not depend on the number of cores.
  private static let batch = 24
  private static let rows = 256
  /// How many times as many rows are read before they are worked on side by side.
  private static let runs = 8

  package let channels: Int
  package let height: Int
  package let width: Int
  /// Counts and mask by cell over the chosen rows.
  package var counts: [[Float]]
  package var mask: [[Float]]
  package var rates = RateFunction.softplus
  /// What is added to the readout of each row before the activation (spike history), by cell; none where empty.
  package var offsets: [[Float]] = []
  /// What is added after it, by cell; none where empty.
  package var baselines: [Double] = []
  /// Whether the sums that the correlation's gradient needs are made.
  package var correlates = false
  /// Whether derivatives with respect to centre, widths and angle are made; they are 0 otherwise.
  package var movesPlace = true

  package init(channels: Int, height: Int, width: Int, counts: [[Float]], mask: [[Float]]) {
    self.channels = channels
    self.height = height
    self.width = width
    self.counts = counts
    self.mask = mask
  }

  /// Sums of `items` over all blocks.
  ///
  /// - Parameter derivatives: whether gradients and Fisher information are needed; else only the loss is computed.
  package func evaluate(
    _ items: [Item], on blocks: inout FeatureBlocks, derivatives: Bool, work: Work
  ) throws -> [ReadoutSums] {
    let parameters = channels + ReadoutParameters.extraCount
    var sums = items.map {
      ReadoutSums(
        parameters: parameters, derivatives: derivatives, correlates: correlates, curves: movesPlace && $0.curves)
    }
    let starts = Array(stride(from: 0, to: items.count, by: Self.batch))
    let batches = try Parallel.map(starts.count, work: work) { place in
      ReadoutBatch(
        self, Array(items[starts[place]..<min(items.count, starts[place] + Self.batch)]), derivatives: derivatives)
    }
    try blocks.visit(together: Self.runs, rows: Self.rows) { runs in
      let parts = try Parallel.map(runs.count * batches.count, work: work) { index in
        batches[index % batches.count].evaluate(runs[index / batches.count])
      }
      let before = sums
      sums = try Parallel.map(items.count, work: work) { item in
        var sum = before[item]
        for run in runs.indices { sum.add(parts[run * batches.count + item / Self.batch][item % Self.batch]) }
        return sum
      }
    }
    return sums
  }
}
