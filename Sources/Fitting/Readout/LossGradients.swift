import Base
import Kernels

/// What each cell's part of the masked Poisson loss asks of its own readout, and of the core that all cells share.
///
/// Formula: the loss is `L = sum_k sum_t d (r - y ln(r + 1e-8)) / D` with `D = sum_k sum_t d`; a cell's pre-activation is
/// `z_t = sum_cp w_c G_p F_tcp + bias` on the core's last-step features F, its rate `r = softplus(z)`. With
/// `e_t = d (1 - y / (r + 1e-8)) softplus'(z_t) / D` the cell's readout gets `sum_t e_t dz_t / dparameter`, and the features of
/// frame t get `e_t w_c G_p`, whose norm is `|e_t| |w| |G|`.
/// Shapes: features `[row, channel, height, width]`, counts `[row, cell]`, mask `[row, cell]` or `[row, 1]`.
/// Units: the loss in nats a bin; gradients in nats a bin for each unit of a parameter or feature.
/// Source: SEMANTICS 13, 15 and 20: a width below its clamp of 1e-3 gets no gradient.
public struct LossGradients: Sendable {
  public struct Cell: Sendable {
    /// Sum of d.
    public let bins: Double
    /// Sum of d y.
    public let spikes: Double
    /// The cell's part of L.
    public let loss: Double
    /// dL / d(feature weights, bias, meanY, meanX, stdY, stdX, theta), the numbers that a checkpoint stores; a readout
    /// without bias has 0 there.
    public let readout: [Double]
    /// Root mean square over frames of the norm of what the cell sends into the features of a frame that is a batch by
    /// itself: `T e_t w G` with T frames, so that it does not depend on how many there are.
    public let core: Double

    /// Euclidean norm of `readout`.
    public var readoutNorm: Double { readout.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  }

  public let cells: [Cell]
  /// D.
  public let bins: Double

  /// L.
  public var loss: Double { cells.reduce(0) { $0 + $1.loss } }

  /// - Parameter hasBias: whether the readouts' bias is a parameter.
  /// - Throws: `Failure.mismatch` where shapes do not fit; what `features` throws; `Failure.interrupted`.
  /// - Undefined: NaN where no bin counts at all.
  public init(
    features: any FeatureSource, counts: Tensor, mask: Tensor, readouts: [CellReadout], hasBias: Bool = true,
    work: Work = .silent
  ) throws {
    let rows = features.rowCount
    guard counts.shape == [rows, readouts.count], mask.shape == counts.shape || mask.shape == [rows, 1],
      readouts.allSatisfy({ $0.features.count == features.channels })
    else {
      throw Failure(
        .mismatch,
        "features of \(rows) rows and \(features.channels) channels, counts \(counts.shape), mask \(mask.shape) for \(readouts.count) readouts"
      )
    }
    let objective = ReadoutObjective(
      channels: features.channels, height: features.height, width: features.width,
      counts: readouts.indices.map { counts.column($0) },
      mask: readouts.indices.map { mask.column(mask.shape[1] == 1 ? 0 : $0) })
    var blocks = FeatureBlocks(features, rows: Array(0..<rows), memoryLimit: 0)
    let items = readouts.enumerated().map {
      ReadoutObjective.Item(cell: $0, parameters: ReadoutParameters($1), curves: false)
    }
    let sums = try objective.evaluate(items, on: &blocks, derivatives: true, work: work)
    let bins = sums.reduce(0) { $0 + $1.bins }
    self.bins = bins
    cells = zip(items, sums).map { item, sums in
      let channels = features.channels
      let readout = readouts[item.cell]
      var gradient = sums.gradient.map { $0 / bins }
      if !hasBias { gradient[channels] = 0 }
      // From the logarithms of the widths to the widths.
      for (index, std) in [(channels + 3, Double(readout.stdY)), (channels + 4, Double(readout.stdX))] {
        gradient[index] = std >= GaussianMask.smallestStd ? gradient[index] / std : 0
      }
      func norm(_ values: some Sequence<Double>) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      let sent =
        norm(item.parameters.weights)
        * norm(item.parameters.mask.values(height: features.height, width: features.width))
      return Cell(
        bins: sums.bins, spikes: sums.spikes, loss: sums.loss / bins, readout: gradient,
        core: (Double(rows) * sums.preActivationSquares).squareRoot() * sent / bins)
    }
  }
}
