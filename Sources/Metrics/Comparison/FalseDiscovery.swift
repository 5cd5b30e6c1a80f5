/// Adjusts the p values of several tests for the false discovery rate.
///
/// Source: Benjamini and Hochberg 1995; scipy.stats.false_discovery_control.
public enum FalseDiscovery {
  /// - Returns: for each p the smallest false discovery rate (q) at which its test is significant; nil where p is nil.
  public static func adjusted(_ values: [Double?]) -> [Double?] {
    let known = values.indices.compactMap { index in values[index].map { (index, $0) } }.sorted { $0.1 < $1.1 }
    var result = [Double?](repeating: nil, count: values.count)
    var lowest = 1.0
    for (rank, (index, p)) in known.enumerated().reversed() {
      lowest = min(lowest, p * Double(known.count) / Double(rank + 1))
      result[index] = lowest
    }
    return result
  }
}
