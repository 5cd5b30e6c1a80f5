import Base
import Fitting
import Session

/// Readouts of single cells fitted anew on a twin's own core, to see what they would bring.
struct RefittedCells {
  /// A cell's new readout and what it predicts.
  struct Cell {
    var readout: CellReadout
    /// By row of the predictions; NaN where the row was fitted.
    var rates: [Float]
  }

  /// By place among the cells asked about.
  let cells: [Cell]
  /// Why there are none.
  let reason: String?

  /// Penalty on the squared feature weights: keeps one cell's few spikes from being learnt by heart.
  static let penalty = 0.003

  static func none(_ reason: String) -> RefittedCells { RefittedCells(cells: [], reason: reason) }

  private init(cells: [Cell], reason: String?) {
    self.cells = cells
    self.reason = reason
  }

  /// Fits on the training trials; predicts the held-out ones.
  init(
    of twin: LoadedTwin, head: Int, on source: LoadedStimulus, rows: Predictions, cells: [Int], session: Session
  ) throws {
    if let obstacle = ReadoutHead.obstacle(to: twin, adapter: head) {
      self = .none(obstacle)
      return
    }
    guard !source.stimulus.repeats else {
      self = .none("every trial of \(source.stimulus.name) shows the same frames: a refit would learn them by heart")
      return
    }
    let frames = rows.frames
    let train = Set(try source.stimulus.frames(.train, among: frames))
    let trainRows = frames.indices.filter { train.contains(frames[$0]) }
    let heldOut = frames.indices.filter { !train.contains(frames[$0]) }
    guard !trainRows.isEmpty else {
      self = .none("no training trials")
      return
    }
    let features = try CoreFeatures(session: session).features(
      of: twin, adapter: head, on: source, frames: frames, among: frames)
    let chosen = rows.selecting(cells: cells)
    let readouts = try ReadoutRefit.fit(
      features: features, counts: chosen.counts, mask: chosen.mask, trainRows: trainRows,
      valRows: heldOut, options: ReadoutRefitOptions(l2: Self.penalty), work: session.work)
    let predicted = try CellReadout.rates(of: readouts, on: features, rows: heldOut, work: session.work)
    self.cells = zip(readouts, predicted).map { readout, predicted in
      var rates = [Float](repeating: .nan, count: frames.count)
      for (row, rate) in zip(heldOut, predicted) { rates[row] = rate }
      return Cell(readout: readout, rates: rates)
    }
    reason = nil
  }
}
