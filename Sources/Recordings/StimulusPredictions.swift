import Base

extension Stimulus {
  /// A twin's rates for `frames` together with what was observed there.
  ///
  /// - Shapes: `rates` `[time, cell]`, one row for each of `frames`, one column for each of `cids`
  /// - Throws: `Failure(.mismatch)` where the rates have another shape, `.missing` for a frame outside the recording.
  public func predictions(frames: [Int], rates: Tensor) throws -> Predictions {
    guard rates.shape == [frames.count, cellCount] else {
      throw Failure(
        .mismatch, "\(label): rates of shape \(rates.shape) for \(frames.count) frames and \(cellCount) cells")
    }
    if let outside = frames.first(where: { !(0..<frameCount).contains($0) }) {
      throw Failure(.missing, "\(label): no frame \(outside) among its \(frameCount)")
    }
    let trials = source.info("trial_inds") == nil ? nil : try trialIDs()
    let bins = try psthBins()
    return Predictions(
      cids: cids, frames: frames, trials: trials.map { all in frames.map { all[$0] } },
      trialBins: bins.map { all in frames.map { all[$0] } }, rates: rates,
      counts: try counts().gathering(rows: frames), mask: try mask().gathering(rows: frames), rateHz: rateHz)
  }
}
