/// The metric by which runs are ranked, and which way is better.
public struct RankingMetric: Sendable, Equatable, Codable {
  public let name: String
  public let isLowerBetter: Bool

  public init(name: String, isLowerBetter: Bool? = nil) {
    self.name = name
    self.isLowerBetter = isLowerBetter ?? Self.isLowerBetter(name)
  }

  /// Words in the name of a quantity that training makes smaller.
  private static let lowered = ["loss", "err", "mse", "mae", "nll", "perplexity", "deviance", "cost"]
  private static let raised = ["bps", "bits", "acc", "corr", "r2", "auc", "score", "f1"]

  public static func isLowerBetter(_ name: String) -> Bool {
    let name = name.loweredASCII
    return lowered.contains { ByteSearch.isFound($0, in: name) }
      && !raised.contains { ByteSearch.isFound($0, in: name) }
  }

  /// The metric that VisionCore and other trainers select checkpoints by; nil where no name looks like a score.
  public static func chosen(among names: [String]) -> RankingMetric? {
    var best: (rank: Int, name: String)?
    for name in names {
      guard let rank = rank(name), rank < best?.rank ?? .max else { continue }
      best = (rank, name)
    }
    return best.map { RankingMetric(name: $0.name) }
  }

  /// Lower is taken first.
  private static func rank(_ name: String) -> Int? {
    switch name {
    case "val_bps_overall": return 0
    case "val_bits_per_spike": return 1
    case "val_bps": return 2
    case "val_loss": return 3
    case "val_loss_total", "valid_loss", "validation_loss", "val/loss", "eval_loss", "test_loss": return 4
    default: break
    }
    let lower = name.loweredASCII
    func holds(_ part: String) -> Bool { ByteSearch.isFound(part, in: lower) }
    guard !holds("nan_skip"), !holds("time"), !lower.hasPrefix("lr") else { return nil }
    let isScore = lowered.contains(where: holds) || raised.contains(where: holds)
    let isHeldOut = ["val", "eval", "test"].contains { lower.hasPrefix($0) }
    if isHeldOut, isScore { return holds("/") ? 6 : 5 }
    if lower.hasPrefix("best_val"), isScore { return 7 }
    if isScore, lower.hasSuffix("_epoch") { return 8 }
    return isScore ? 9 : nil
  }

  public func isBetter(_ a: Double, than b: Double) -> Bool { isLowerBetter ? a < b : a > b }

  /// The best of the finite values.
  public func best(_ values: [Double]) -> Double? { best(values[...]) }

  public func best(_ values: ArraySlice<Double>) -> Double? {
    var best: Double?
    for value in values where value.isFinite {
      if let known = best, !isBetter(value, than: known) { continue }
      best = value
    }
    return best
  }
}
