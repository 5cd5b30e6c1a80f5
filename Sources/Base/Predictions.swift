/// A cell's id in its recording. Cells are joined by (session, cid), never by position.
public typealias CellID = Int

/// Predicted and observed responses of a set of cells on the frames of one stimulus.
///
/// Shapes: `rates`, `counts`, `mask` are `[time, cell]`; `frames`, `trials` `[time]`; `cids` `[cell]`.
/// Units: rates in expected counts per bin, `rateHz` bins per second.
public struct Predictions: Sendable, Equatable {
  public var cids: [CellID]
  /// Frame of the stimulus that each row belongs to.
  public var frames: [Int]
  /// Trial of each row, where the recording knows trials.
  public var trials: [Int]?
  /// Position within a repeated trial, where the stimulus repeats (fixrsvp).
  public var trialBins: [Int]?
  /// Predicted rate (rhat).
  public var rates: Tensor
  /// Observed counts (robs).
  public var counts: Tensor
  /// Data filter (dfs): 1 where the bin counts for the cell, else 0.
  public var mask: Tensor
  public var rateHz: Double

  public init(
    cids: [CellID], frames: [Int], trials: [Int]? = nil, trialBins: [Int]? = nil, rates: Tensor, counts: Tensor,
    mask: Tensor, rateHz: Double
  ) {
    precondition(rates.shape == [frames.count, cids.count] && counts.shape == rates.shape && mask.shape == rates.shape)
    self.cids = cids
    self.frames = frames
    self.trials = trials
    self.trialBins = trialBins
    self.rates = rates
    self.counts = counts
    self.mask = mask
    self.rateHz = rateHz
  }

  public var frameCount: Int { frames.count }
  public var cellCount: Int { cids.count }

  /// Whether row `row` follows the row before it: the next frame of the same trial.
  public func isConsecutive(_ row: Int) -> Bool {
    row > 0 && frames[row] == frames[row - 1] &+ 1 && trials.map { $0[row] == $0[row - 1] } ?? true
  }

  /// The cells at `places` (positions, not cids), in that order.
  public func selecting(cells places: [Int]) -> Predictions {
    func columns(_ tensor: Tensor) -> Tensor {
      let width = cellCount
      return Tensor(
        shape: [frameCount, places.count],
        values: frames.indices.flatMap { row in places.map { tensor.values[row * width + $0] } })
    }
    return Predictions(
      cids: places.map { cids[$0] }, frames: frames, trials: trials, trialBins: trialBins, rates: columns(rates),
      counts: columns(counts), mask: columns(mask), rateHz: rateHz)
  }

  /// Rows `indices` only, in that order.
  public func gathering(rows indices: [Int]) -> Predictions {
    Predictions(
      cids: cids, frames: indices.map { frames[$0] }, trials: trials.map { t in indices.map { t[$0] } },
      trialBins: trialBins.map { t in indices.map { t[$0] } }, rates: rates.gathering(rows: indices),
      counts: counts.gathering(rows: indices), mask: mask.gathering(rows: indices), rateHz: rateHz)
  }
}
