/// Spike-triggered average (STA) and spike-triggered energy (STE) of a cell, by lag and pixel.
///
/// Formula: `STA(lag, p) = sum_t w_t s_p(t - lag) / sum_t w_t`; the STE is the same for `s_p^2`. `w = d y` for the data,
/// `w = d r` for the model, over frames whose lags were all shown. Plain z-maps: `(STA - B) / sd_p sqrt(Neff)`, where
/// `B(lag, p) = sum_t d_t s_p(t - lag) / sum_t d_t` is the average for a cell that ignores the stimulus and `sd_p` the pixel's
/// standard deviation; likewise for the STE with `s_p^2`. Whitened z-maps: `STA sqrt(Neff)` and
/// `(STE / m_p - 1) sqrt(Neff / 2)` of whitened frames, `m_p` the pixel's mean square after whitening.
/// `Neff = (sum w)^2 / sum w^2`.
///
/// Shapes: all maps `[lag, pixel]`; lag 0 is the frame of the response's own bin.
/// Units: the STA has the stimulus's units (after its transforms), the STE their square; z-maps are in standard errors of a
/// cell that responds to randomly drawn frames.
/// Undefined: see `FieldSums.field`.
/// Source: VisionCore's `get_spike_triggered_sums` and `sta_ste_zmaps_from_whitened_sums`; the plain z-maps are ours.
public struct ReceptiveField: Sendable, Equatable {
  public let lagCount: Int
  public let pixelCount: Int
  /// Neff.
  public let effectiveCount: Double
  public internal(set) var sta: [Double]
  public internal(set) var ste: [Double]
  public internal(set) var staZ: [Double]
  public internal(set) var steZ: [Double]

  init(lagCount: Int, pixelCount: Int, effectiveCount: Double) {
    let zeros = [Double](repeating: 0, count: lagCount * pixelCount)
    self.init(lagCount: lagCount, pixelCount: pixelCount, effectiveCount: effectiveCount, staZ: zeros, steZ: zeros)
  }

  package init(lagCount: Int, pixelCount: Int, effectiveCount: Double = 1, staZ: [Double], steZ: [Double]) {
    precondition(staZ.count == lagCount * pixelCount && steZ.count == staZ.count)
    self.lagCount = lagCount
    self.pixelCount = pixelCount
    self.effectiveCount = effectiveCount
    sta = [Double](repeating: 0, count: staZ.count)
    ste = sta
    self.staZ = staZ
    self.steZ = steZ
  }

  /// The two maps of a field.
  public enum Map: String, Sendable, CaseIterable { case sta, ste }

  /// The z-map, by lag and pixel.
  public func z(_ map: Map) -> [Double] { map == .sta ? staZ : steZ }

  /// The z-map at one lag.
  public func z(_ map: Map, lag: Int) -> ArraySlice<Double> { z(map)[lag * pixelCount..<(lag + 1) * pixelCount] }

  /// Pearson correlation of two fields' z-maps over all lags and pixels; nil where one is constant.
  public func correlation(with other: ReceptiveField, _ map: Map) -> Double? {
    let (a, b) = (z(map), other.z(map))
    guard a.count == b.count, !a.isEmpty else { return nil }
    let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
    var (aa, bb, ab) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      aa += (x - meanA) * (x - meanA)
      bb += (y - meanB) * (y - meanB)
      ab += (x - meanA) * (y - meanB)
    }
    return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : nil
  }
}
