import Base

/// Sizes and counts of a stimulus, for `show`.
public struct StimulusSummary: Sendable, Equatable {
  public var frames: Int
  public var cells: Int
  public var rateHz: Double
  public var height: Int
  public var width: Int
  /// The number of trials; nil where the recording has no trials.
  public var trials: Int?
  /// The number of time bins in a repeated trial; nil where trials do not repeat.
  public var trialBins: Int?
  /// Spikes of all cells together: in all bins, and in valid bins.
  public var spikes: Double
  public var validSpikes: Double
  /// Valid bins of all cells with a known count together, and frames with a valid bin of at least one cell.
  public var validBins: Int
  public var validFrames: Int
}

extension Stimulus {
  /// Reads counts, mask and trials, but no images.
  public func summary() throws -> StimulusSummary {
    var spikes = 0.0
    var validSpikes = 0.0
    var validBins = 0
    try eachSpan(of: Array(0..<frameCount)) { span in
      for (count, d) in zip(span.counts.values, span.mask.values) {
        // Not the bins of a cell that is not to be trusted (`ImpossibleBins`), nor masked ones whose count can't be one.
        guard count >= 0, count < .infinity else { continue }
        spikes += Double(count)
        guard d > 0 else { continue }
        validBins += 1
        validSpikes += Double(count)
      }
    }
    return StimulusSummary(
      frames: frameCount, cells: cellCount, rateHz: rateHz, height: height, width: width,
      trials: source.info("trial_inds") == nil ? nil : Set(try trialIDs()).count,
      trialBins: try psthBins().map { Set($0).count }, spikes: spikes, validSpikes: validSpikes,
      validBins: validBins, validFrames: try validFrames().count)
  }
}
