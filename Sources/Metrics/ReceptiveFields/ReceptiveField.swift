/// A cell's spike-triggered average (STA) and energy (STE), by lag and pixel.
///
/// Formula: `STA(lag, p) = sum_t w_t s_p(t - lag) / sum_t w_t`, STE the same of `s_p^2`; `w = d y` for the data, `d r` for the
/// model, over frames whose whole window of lags was shown. Plain z-maps: `(STA - B) / sd_p sqrt(Neff)` with
/// `B(lag, p) = sum_t d_t s_p(t - lag) / sum_t d_t`, what a cell that does not look would give, and `sd_p` the pixel's standard
/// deviation; STE alike with `s_p^2`. Whitened z-maps: `STA sqrt(Neff)` and `(STE / m_p - 1) sqrt(Neff / 2)` of whitened
/// frames, `m_p` the pixel's mean square after whitening. `Neff = (sum w)^2 / sum w^2`.
///
/// Shapes: all maps `[lag, pixel]`, lag 0 the frame of the response's own bin.
/// Units: STA in the stimulus's own (after its transforms), STE in its square; z-maps in standard errors of a cell whose
/// frames were drawn at random.
/// Undefined: `FieldSums.field` says why.
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

  /// Which of a field's two maps.
  public enum Map: String, Sendable, CaseIterable { case sta, ste }

  /// z-map by lag and pixel.
  public func z(_ map: Map) -> [Double] { map == .sta ? staZ : steZ }

  /// z-map at one lag.
  public func z(_ map: Map, lag: Int) -> ArraySlice<Double> { z(map)[lag * pixelCount..<(lag + 1) * pixelCount] }

  /// Pearson correlation of two fields' z-maps over all lags and pixels; nil where one is flat.
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
