import Base

extension Stimulus {
  /// The data filter (dfs): the file's own filter and all filters of the YAML together.
  ///
  /// Where there is none, `valid_nlags` with the stimulus's largest lag is used, as in VisionCore.
  ///
  /// - Shapes: `[time, cell]`, 1 where the bin counts for the cell, else 0
  /// - Throws: `Failure(.missing)` where a filter needs a covariate that the file does not have.
  public func mask() throws -> Tensor { try mask(rows: 0..<frameCount, filters: maskFilters()) }

  /// The frames to evaluate: frames of the split's trials in which at least one cell has a valid bin, ascending.
  ///
  /// - Throws: `Failure(.missing)` for a split by trial where the recording has no trials.
  public func validFrames(_ split: Split) throws -> [Int] { try frames(split, among: validFrames()) }

  /// Those of `valid` that belong to the split's trials.
  ///
  /// - Throws: as `validFrames`.
  public func frames(_ split: Split, among valid: [Int]) throws -> [Int] {
    split == .all ? valid : try trialSplit().frames(split, among: valid)
  }

  /// Frames of all trials in which at least one cell has a valid bin, ascending.
  public func validFrames() throws -> [Int] {
    let filters = try maskFilters()
    let cells = cellCount
    var valid: [Int] = []
    for start in stride(from: 0, to: frameCount, by: Self.spanFrames) {
      let rows = start..<min(start + Self.spanFrames, frameCount)
      let mask = try mask(rows: rows, filters: filters).values
      valid += rows.filter { frame in
        mask[(frame - start) * cells..<(frame - start + 1) * cells].contains { $0 > 0 }
      }
    }
    return valid
  }

  /// The YAML's filters over the whole recording. They are computed once, so that any rows of the mask can be read
  /// alone.
  ///
  /// - Shapes: `[time, 1]` or `[time, cell]` each
  func maskFilters() throws -> [(name: String, mask: Tensor)] {
    let steps = configuration.dataFilters ?? (source.info("dfs") == nil ? fallbackFilters : [])
    return try steps.map { (name: $0.name, mask: try AllDataFilters.make($0).mask(source, frameCount: frameCount)) }
  }

  private var fallbackFilters: [PipelineStep] {
    guard let longest = lags?.max(), longest >= 1, source.info("trial_inds") != nil, source.info("dpi_valid") != nil
    else { return [] }
    return [PipelineStep(ValidLags.name, .map([.init("n_lags", .int(longest))]), place: "the stimulus's lags")]
  }
}
