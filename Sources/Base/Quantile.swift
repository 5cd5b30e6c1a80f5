/// The value below which a share of some values lies, linear between ranks.
///
/// Source: Hyndman and Fan 1996, type 7, which numpy and R use by default.
public enum Quantile {
  /// The middle value; the mean of the two middle ones of an even count. Nil for no values.
  public static func median(_ values: [Double]) -> Double? { of(values, share: 0.5) }

  /// - Parameter share: between 0 and 1.
  /// - Returns: nil for no values.
  public static func of(_ values: [Double], share: Double) -> Double? { of(sorted: values.sorted(), share: share) }

  /// The same of values that are in order already.
  public static func of(sorted: [Double], share: Double) -> Double? {
    precondition(share >= 0 && share <= 1, "the share \(share) is not between 0 and 1")
    guard let last = sorted.indices.last else { return nil }
    let rank = share * Double(last)
    let below = Int(rank)
    let part = rank - Double(below)
    let (low, high) = (sorted[below], sorted[min(below + 1, last)])
    if part == 0 { return low }
    let difference = high - low
    // Half way the sum is exact, and infinite values have no difference.
    return part == 0.5 || !difference.isFinite ? low * (1 - part) + high * part : low + part * difference
  }
}
