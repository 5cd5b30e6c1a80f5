import Base

/// Summary of one cell's response to events, for data and model.
///
/// - `rate`: mean of the average over bins, counts a frame
/// - `peak`: the bin with the largest average
/// - `modulation`: sqrt(var - noise) / mean over bins; var is the variance of the averages over bins (n - 1), noise the mean
///   of their squared standard errors over events. It measures how much the response varies beyond chance differences
///   between events. Only bins with at least two events enter. Noise that is correlated between bins of the same event makes
///   the value smaller. For the model, which has no noise: standard deviation over mean.
/// - `correlation`: Pearson correlation of data and model over bins
/// - Undefined: all of it without a frame that has counts; peak and modulation of a response without spikes; modulation where
///   the noise is at least the variance, or with fewer than `leastBins` bins.
/// - Source: the noise correction is that of signal power (Sahani & Linden 2003), applied over events.
public struct TriggeredSummary: Sendable, Equatable {
  /// nil without a frame that has counts.
  public var spikes: Double?
  public var rate: Double?
  public var peak: Int?
  public var modulation: Double?
  public var modelRate: Double?
  public var modelPeak: Int?
  public var modelModulation: Double?
  public var correlation: Double?
  public var reason: Undefined?

  static let leastBins = 3

  public init(_ response: TriggeredResponse) {
    let observed = response.bins.indices.filter { response.bins[$0].observed != nil }
    let means = observed.compactMap { response.bins[$0].observed }
    let model = response.bins.indices.filter { response.bins[$0].predicted != nil }
    let rates = model.compactMap { response.bins[$0].predicted }
    guard !means.isEmpty else {
      // Bins without a valid frame say nothing of those with one.
      reason = response.bins.lazy.filter { $0.events > 0 }.compactMap(\.reason).first ?? .allMasked
      return
    }
    let spikes = observed.reduce(0) { $0 + response.bins[$1].counts }
    self.spikes = spikes
    rate = Moments.mean(means)
    if let most = rates.max() {
      modelRate = Moments.mean(rates)
      modelPeak = rates.firstIndex(of: most).map { model[$0] }
      if rates.count >= Self.leastBins, let modelRate, modelRate > 0 {
        modelModulation = Moments.variance(rates, missing: 1).squareRoot() / modelRate
      }
    } else {
      reason = response.bins.lazy.filter { $0.events > 0 }.compactMap(\.reason).first ?? .notFinite
    }
    guard spikes > 0, let rate, rate > 0, let most = means.max() else {
      reason = reason ?? .noSpikes
      return
    }
    peak = means.firstIndex(of: most).map { observed[$0] }
    guard means.count >= Self.leastBins else {
      reason = reason ?? .tooFewBins
      return
    }
    let both = observed.filter { response.bins[$0].predicted != nil }
    if both.count >= Self.leastBins {
      correlation = Moments.correlation(
        both.compactMap { response.bins[$0].observed }, both.compactMap { response.bins[$0].predicted })
    }
    if correlation == nil, reason == nil {
      reason = Moments.isConstant(means) ? .constantResponse : .constantPrediction
    }
    let sure = observed.map { response.bins[$0] }.filter { $0.events > 1 }
    guard sure.count >= Self.leastBins else {
      reason = reason ?? .tooFewTrials
      return
    }
    let noise = Moments.mean(sure.map { bin in bin.standardError.map { $0 * $0 } ?? 0 })
    let power = Moments.variance(sure.compactMap(\.observed), missing: 1) - noise
    if power > 0 { modulation = power.squareRoot() / rate } else { reason = reason ?? .nonPositiveSignalPower }
  }
}
