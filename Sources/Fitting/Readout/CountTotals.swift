/// Sums of a cell's mask, and of its counts under it.
struct CountTotals {
  private(set) var bins = 0.0
  private(set) var spikes = 0.0

  init(counts: [Float], mask: [Float]) {
    for (weight, count) in zip(mask, counts) where weight > 0 {
      bins += Double(weight)
      spikes += Double(weight) * Double(count)
    }
  }
}
