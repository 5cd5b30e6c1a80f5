import RunLogs

/// Whether losses tell that every epoch had the same batches in the same order.
///
/// A batch that is hard is hard again: with the same batches, the losses at one place of two consecutive epochs go up and down
/// together. Each epoch's own trend (a line) is taken away first.
struct RepeatedBatches {
  let correlation: Double
  let count: Int

  /// Fewer pairs of losses tell nothing.
  static let fewest = 24
  /// Different batches of one order by session reach 0.3 by chance.
  static let least = 0.6

  /// - Returns: nil where the log has too few losses at the same places of its epochs.
  init?(_ log: RunLog) {
    guard let losses = log.curves.first(where: { ["train_loss_step", "train_loss", "loss"].contains($0.name) }),
      let length = Self.stepsPerEpoch(log)
    else { return nil }
    var epochs: [Int: [(place: Int, value: Double)]] = [:]
    for (step, value) in zip(losses.steps, losses.values) where value.isFinite && step >= 0 {
      epochs[step / length, default: []].append((step % length, value))
    }
    let residuals = epochs.compactMapValues(Self.withoutTrend)
    var pairs: [(Double, Double)] = []
    for (epoch, places) in residuals {
      guard let next = residuals[epoch + 1] else { continue }
      for (place, value) in places { if let other = next[place] { pairs.append((value, other)) } }
    }
    guard pairs.count >= Self.fewest else { return nil }
    let (aa, bb) = (pairs.reduce(0) { $0 + $1.0 * $1.0 }, pairs.reduce(0) { $0 + $1.1 * $1.1 })
    guard aa > 0, bb > 0 else { return nil }
    correlation = pairs.reduce(0) { $0 + $1.0 * $1.1 } / (aa * bb).squareRoot()
    count = pairs.count
  }

  /// From validations, which carry the last step of their epoch; nil where epochs have different lengths.
  private static func stepsPerEpoch(_ log: RunLog) -> Int? {
    guard let held = log.curves.first(where: { $0.name == "val_loss" || $0.name == "val_bps_overall" }) else {
      return nil
    }
    let ends = zip(held.steps, held.epochs).compactMap { step, epoch in epoch.map { (step, $0) } }
    guard let first = ends.first, first.0 >= 0 else { return nil }
    let length = (first.0 + 1) / (first.1 + 1)
    guard length > 1, ends.allSatisfy({ $0.0 + 1 == length * ($0.1 + 1) }) else { return nil }
    return length
  }

  private static func withoutTrend(_ points: [(place: Int, value: Double)]) -> [Int: Double]? {
    guard points.count >= 4 else { return nil }
    let count = Double(points.count)
    let (x, y) = (points.reduce(0) { $0 + Double($1.place) } / count, points.reduce(0) { $0 + $1.value } / count)
    let (xx, xy) = points.reduce((0.0, 0.0)) { sums, point in
      let d = Double(point.place) - x
      return (sums.0 + d * d, sums.1 + d * (point.value - y))
    }
    let slope = xx > 0 ? xy / xx : 0
    return Dictionary(points.map { ($0.place, $0.value - y - slope * (Double($0.place) - x)) }) { $1 }
  }
}
