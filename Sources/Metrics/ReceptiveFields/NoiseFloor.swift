import Base
import Foundation

/// The signal-to-noise ratio that a receptive field must exceed to be called clear, by its number of spikes.
///
/// Formula: for each number of spikes the ratios of 64 fields of noise (`FieldNoise`) give mean m and standard deviation s of
/// their logarithm; the floor is exp(m + 3.68 s), which one field of noise in 200 exceeds where the logarithm has a Gumbel
/// distribution (that of a maximum). Between two numbers of spikes the logarithm of the floor is interpolated over the
/// logarithm of the number; above 640 spikes the floor is that of 640.
/// Undefined: below 5 spikes, where no field can be told from noise.
/// Source: Gumbel 1958 for the distribution of a maximum.
package struct NoiseFloor: Sendable {
  /// Fewest effective spikes of a clear field.
  package static let fewestSpikes = 5.0
  /// Numbers of spikes at which noise is simulated.
  static let counts = [5, 10, 20, 40, 80, 160, 320, 640]
  /// Standard deviations of a Gumbel distribution from its mean to its 99.5th percentile.
  private static let deviations = 3.68

  struct Level: Sendable {
    var count: Double
    /// Floors of STA, STE and the larger of the two; nil without a field of noise.
    var sta: Double?
    var ste: Double?
    var larger: Double?

    init(count: Double, sta: [Double], ste: [Double]) {
      self.count = count
      self.sta = NoiseFloor.floor(sta)
      self.ste = NoiseFloor.floor(ste)
      larger = NoiseFloor.floor(zip(sta, ste).map(max))
    }
  }

  /// Ascending by number of spikes.
  let levels: [Level]

  /// No noise was simulated: no field is clear.
  package static let unknown = NoiseFloor(levels: [])

  private static func floor(_ ratios: [Double]) -> Double? {
    let logs = ratios.filter { $0 > 0 && $0.isFinite }.map { log($0) }
    guard logs.count > 1 else { return nil }
    return exp(Moments.mean(logs) + deviations * Moments.variance(logs, missing: 1).squareRoot())
  }

  /// The floor of a field with this effective number of spikes.
  ///
  /// - Parameter map: the map that was asked for; nil where the map with the larger ratio is read.
  /// - Returns: nil where no field can be clear.
  package func value(at count: Double, map: ReceptiveField.Map?) -> Double? {
    guard count >= Self.fewestSpikes, let last = levels.last else { return nil }
    func floor(_ level: Level) -> Double? {
      switch map {
      case .sta: level.sta
      case .ste: level.ste
      case nil: level.larger
      }
    }
    guard count < last.count, let above = levels.firstIndex(where: { $0.count > count }) else { return floor(last) }
    guard above > 0 else { return floor(levels[0]) }
    let (low, high) = (levels[above - 1], levels[above])
    guard let from = floor(low), let to = floor(high) else { return nil }
    let share = log(count / low.count) / log(high.count / low.count)
    return exp(log(from) + share * (log(to) - log(from)))
  }
}
