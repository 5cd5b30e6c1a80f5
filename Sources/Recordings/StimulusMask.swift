import Base

extension Stimulus {
  /// Data filter (dfs): the file's own and every filter of the YAML.
  ///
  /// Where neither a file nor a YAML has any, the largest lag of the stimulus is asked for, as VisionCore does.
  ///
  /// - Shapes: `[time, cell]`, 1 where the bin counts for the cell, else 0
  /// - Throws: `Failure(.missing)` where a filter needs a covariate that the file does not have.
  public func mask() throws -> Tensor {
    let stored = source.info("dfs") == nil ? nil : try selectingCells(source.tensor("dfs"), name: "dfs")
    var mask = stored?.values ?? [Float](repeating: 1, count: frameCount * cellCount)
    for step in configuration.dataFilters ?? (stored == nil ? fallbackFilters : []) {
      let filter = try AllDataFilters.make(step).mask(source, frameCount: frameCount)
      mask = zip(mask, try selectingCells(filter, name: step.name).values).map { $0 * $1 }
    }
    return Tensor(shape: [frameCount, cellCount], values: mask)
  }

  /// Frames of the split's trials in which at least one cell has a valid bin, ascending: those that are evaluated.
  ///
  /// - Throws: `Failure(.missing)` where a split by trial is asked for and the recording knows no trials.
  public func validFrames(_ split: Split) throws -> [Int] {
    let mask = try mask().values
    let cells = cellCount
    let valid = (0..<frameCount).filter { frame in
      mask[frame * cells..<(frame + 1) * cells].contains { $0 > 0 }
    }
    return split == .all ? valid : try trialSplit().frames(split, among: valid)
  }

  private var fallbackFilters: [PipelineStep] {
    guard let longest = lags?.max(), longest >= 1, source.info("trial_inds") != nil, source.info("dpi_valid") != nil
    else { return [] }
    return [PipelineStep(ValidLags.name, .map([.init("n_lags", .int(longest))]), place: "the stimulus's lags")]
  }
}
