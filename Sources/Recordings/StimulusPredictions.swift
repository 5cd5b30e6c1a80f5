import Base

extension Stimulus {
  /// A twin's rates for `frames`, together with the observed counts and the mask.
  ///
  /// - Shapes: `rates` `[time, cell]`, one row for each of `frames`, one column for each of `cids`
  /// - Throws: `Failure(.mismatch)` where the rates have another shape, `.missing` for a frame outside the recording.
  public func predictions(frames: [Int], rates: Tensor) throws -> Predictions {
    guard rates.shape == [frames.count, cellCount] else {
      throw Failure(
        .mismatch, "\(label): rates of shape \(rates.shape) for \(frames.count) frames and \(cellCount) cells")
    }
    var counts: [Float] = []
    var mask: [Float] = []
    counts.reserveCapacity(rates.count)
    mask.reserveCapacity(rates.count)
    try eachSpan(of: frames) { span in
      counts += span.counts.values
      mask += span.mask.values
    }
    let trials = source.info("trial_inds") == nil ? nil : try trialIDs()
    let bins = try psthBins()
    return Predictions(
      cids: cids, frames: frames, trials: trials.map { all in frames.map { all[$0] } },
      trialBins: bins.map { all in frames.map { all[$0] } }, rates: rates,
      counts: Tensor(shape: rates.shape, values: counts), mask: Tensor(shape: rates.shape, values: mask),
      rateHz: rateHz)
  }
}
