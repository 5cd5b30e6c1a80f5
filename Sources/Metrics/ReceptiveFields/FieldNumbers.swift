/// Summary of a receptive field: latency, signal to noise, position and size.
///
/// Formula, all on z-maps: `peakLag` is the lag with the largest variance over pixels, refined by the parabola through it and
/// its neighbours; `snr = max |z(peak lag)| / sd(z(lag 0))`, sd over pixels with n - 1, for STA and STE at the same lag;
/// `modulationIndex = (snr_ste - snr_sta) / (snr_ste + snr_sta)`: near 1 for complex cells, near -1 for simple cells.
/// Position and size: `FieldRegion`.
/// Units: lags in bins, counted back from the bin of the response.
/// Undefined: nil where the map is constant at lag 0, so that there is no noise level to compare with.
/// Source: VisionCore's `get_sta_ste`, which uses the STE's peak lag, and the data's peak lag for the model as well; here each
/// field has its own.
public struct FieldNumbers: Sendable {
  /// The map from which peak lag, position and size are measured.
  public let map: ReceptiveField.Map
  public let peakBin: Int
  public let peakLag: Double
  public let staSNR: Double
  public let steSNR: Double
  public let modulationIndex: Double
  public let region: FieldRegion

  /// Signal to noise of the chosen map.
  public var snr: Double { map == .sta ? staSNR : steSNR }

  /// - Parameter map: the map to measure from; nil chooses the map with the larger signal to noise at its own peak.
  public init?(_ field: ReceptiveField, height: Int, width: Int, map: ReceptiveField.Map? = nil) {
    precondition(height * width == field.pixelCount, "\(height)x\(width) pixels of \(field.pixelCount)")
    func peak(_ map: ReceptiveField.Map) -> (bin: Int, lag: Double) {
      Self.peak((0..<field.lagCount).map { Self.variance(field.z(map, lag: $0)) })
    }
    func ratio(_ map: ReceptiveField.Map, at lag: Int) -> Double? {
      let floor = Self.variance(field.z(map, lag: 0)).squareRoot()
      guard floor > 0 else { return nil }
      return field.z(map, lag: lag).reduce(0) { max($0, abs($1)) } / floor
    }
    let candidates = (map.map { [$0] } ?? ReceptiveField.Map.allCases).compactMap { map in
      ratio(map, at: peak(map).bin).map { (map: map, snr: $0) }
    }
    // Of equal ones the first, which is the STA.
    guard let best = candidates.reduce(candidates.first, { $1.snr > ($0?.snr ?? 0) ? $1 : $0 }) else { return nil }
    let place = peak(best.map)
    guard let sta = ratio(.sta, at: place.bin), let ste = ratio(.ste, at: place.bin), sta + ste > 0 else { return nil }
    self.map = best.map
    peakBin = place.bin
    peakLag = place.lag
    staSNR = sta
    steSNR = ste
    modulationIndex = (ste - sta) / (ste + sta)
    region = FieldRegion(Array(field.z(best.map, lag: place.bin)), height: height, width: width)
  }

  /// Index of the largest value, and the vertex of the parabola through it and its neighbours; the index itself at either end.
  package static func peak(_ values: [Double]) -> (bin: Int, lag: Double) {
    let bin = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    guard bin > 0, bin + 1 < values.count else { return (bin, Double(bin)) }
    let (before, top, after) = (values[bin - 1], values[bin], values[bin + 1])
    let curvature = before - 2 * top + after
    return (bin, Double(bin) + (curvature < 0 ? (before - after) / (2 * curvature) : 0))
  }

  /// Variance with n - 1.
  static func variance(_ values: ArraySlice<Double>) -> Double {
    guard values.count > 1 else { return 0 }
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }
}
