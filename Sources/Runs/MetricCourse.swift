import Base
import Formats

/// A metric's values by epoch, of a run of a set.
extension RunSet {
  /// One value an epoch, in order: the last that was logged in it. Where the log knows no epochs, every point.
  ///
  /// - Returns: nil where the run has no such metric.
  /// - Throws: what is wrong with its log.
  public func values(of metric: String, in run: RunSummary) throws -> [Double]? {
    guard !run.isBroken, run.kind != .checkpoints else { return nil }
    let log = try log(run, metric == run.metric?.name ? .ranking : .whole)
    guard let curve = log[metric: metric] else { return nil }
    var byEpoch: [(epoch: Int, value: Double)] = []
    var places: [Int: Int] = [:]
    for (epoch, value) in zip(curve.epochs, curve.values) {
      guard let epoch else { return curve.values }
      if let place = places[epoch] {
        byEpoch[place].value = value
      } else {
        places[epoch] = byEpoch.count
        byEpoch.append((epoch, value))
      }
    }
    return byEpoch.sorted { $0.epoch < $1.epoch }.map(\.value)
  }
}

/// Smoothed curves, as TensorBoard draws them.
public enum CurveSmoothing {
  /// An exponential moving average that starts without bias. Undefined values stay as they are and do not enter.
  ///
  /// - Parameter weight: of what came before, at least 0 and below 1.
  public static func smoothed(_ values: [Double?], weight: Double) -> [Double?] {
    var (last, count) = (0.0, 0)
    return values.map { value in
      guard let value, value.isFinite else { return value }
      last = last * weight + (1 - weight) * value
      count += 1
      var remaining = 1.0
      for _ in 0..<min(count, 10_000) { remaining *= weight }
      return last / (1 - remaining)
    }
  }
}
