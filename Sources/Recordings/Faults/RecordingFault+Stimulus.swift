import Base
import Formats

/// A fault in the arrays of a stimulus's file.
extension RecordingFault {
  /// The file's `robs` with the fault in the columns of `cells`; also its `dfs` where the fault changes the mask.
  ///
  /// - Parameter seed: each cell gets random numbers of its own, whichever other cells are damaged.
  /// - Throws: `mismatch` for a `dfs` of another shape than `robs`; what reading the file throws.
  package func arrays(of stimulus: Stimulus, cells: [CellID], seed: UInt32) throws -> [NamedArray] {
    var counts = try stimulus.source.tensor("robs")
    let (frames, width) = (counts.shape[0], counts.shape[1])
    // A stored mask replaces the data filter that a recording without one gets, so it is written only where it changes.
    var mask: Tensor?
    if case .mask = self { mask = try Self.mask(of: stimulus, frames: frames, width: width) }
    let trials = stimulus.hasTrials ? Self.runs(try stimulus.trialIDs()) : [0..<frames]
    for cid in cells {
      guard let column = stimulus.fileColumn(of: cid) else { continue }
      var generator = NumpyGenerator(seed: seed &+ UInt32(truncatingIfNeeded: cid))
      let damaged = applied(
        counts: counts.column(column), mask: mask?.column(column) ?? [Float](repeating: 1, count: frames),
        trials: trials, generator: &generator)
      for frame in 0..<frames {
        counts.values[frame * width + column] = damaged.counts[frame]
        mask?.values[frame * width + column] = damaged.mask[frame]
      }
    }
    return [NamedArray("robs", counts)] + (mask.map { [NamedArray("dfs", $0)] } ?? [])
  }

  /// The file's own mask with a column for each cell; where the file has none, the mask of the recording's data filters.
  private static func mask(of stimulus: Stimulus, frames: Int, width: Int) throws -> Tensor {
    guard stimulus.source.info("dfs") != nil else {
      var mask = Tensor(shape: [frames, width], values: [Float](repeating: 1, count: frames * width))
      let filtered = try stimulus.mask()
      for (cell, cid) in stimulus.cids.enumerated() {
        guard let column = stimulus.fileColumn(of: cid) else { continue }
        for frame in 0..<frames {
          mask.values[frame * width + column] = filtered.values[frame * stimulus.cellCount + cell]
        }
      }
      return mask
    }
    let own = try stimulus.source.tensor("dfs")
    if own.shape == [frames, width] { return own }
    guard own.count == frames else {
      throw Failure(.mismatch, "\(stimulus.label): `dfs` has shape \(own.shape) for \(frames) frames")
    }
    return Tensor(shape: [frames, width], values: own.values.flatMap { [Float](repeating: $0, count: width) })
  }

  /// Ranges of frames with the same trial id.
  private static func runs(_ trials: [Int]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for frame in trials.indices.dropFirst() where trials[frame] != trials[frame - 1] {
      runs.append(start..<frame)
      start = frame
    }
    if start < trials.count { runs.append(start..<trials.count) }
    return runs
  }
}
