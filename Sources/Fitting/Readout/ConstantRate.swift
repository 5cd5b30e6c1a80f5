/// A readout that reads nothing: the bias with which the mean rate over a cell's valid bins is the mean count.
///
/// What spike history adds to the readout of each bin stays, so the rate need not be constant.
struct ConstantRate: Sendable {
  let bias: Double
  /// Mean of d (r - y ln(r + 1e-8)) over the valid bins, nats per bin; NaN without one.
  let loss: Double
  /// Mean of d rate / d bias over the valid bins.
  let slope: Double
  /// By row; nil where it is the same in all.
  let rates: [Double]?

  private static let smallestRate = 1e-6

  /// - Parameter cell: its counts are finite.
  init(_ objective: ReadoutObjective, cell: Int) {
    let (counts, mask) = (objective.counts[cell], objective.mask[cell])
    let totals = CountTotals(counts: counts, mask: mask)
    let (bins, spikes) = (totals.bins, totals.spikes)
    let baseline = objective.baselines.isEmpty ? 0 : objective.baselines[cell]
    let function = objective.rates
    // At least 1e-6, as VisionCore starts a bias.
    let rate = bins > 0 && spikes.isFinite ? max(spikes / bins, Self.smallestRate) : Self.smallestRate
    let plain = function.output(ofRate: rate, baseline: baseline)
    guard !objective.offsets.isEmpty, bins > 0 else {
      bias = plain
      // As a twin stores it; a bin's loss is a straight line over its count.
      let terms = function.terms(
        [Double](repeating: Double(Float(plain)), count: 2), counts: [0, 1], baseline: baseline)
      loss = bins > 0 ? terms[0].loss + spikes / bins * (terms[1].loss - terms[0].loss) : .nan
      slope = function.slope(plain)
      rates = nil
      return
    }
    let offsets = objective.offsets[cell].map(Double.init)
    let valid = mask.indices.filter { mask[$0] > 0 }
    let wanted = function.rate(plain, baseline: baseline)
    func mean(_ bias: Double) -> (rate: Double, slope: Double) {
      let traced = function.traced(valid.map { bias + offsets[$0] })
      var sums = (rate: 0.0, slope: 0.0)
      for (row, own) in zip(valid, traced) {
        sums.rate += Double(mask[row]) * own.value
        sums.slope += Double(mask[row]) * own.slope
      }
      return (sums.rate / bins + baseline, sums.slope / bins)
    }
    // The mean rate rises with the bias: Newton's steps, and halves of the interval where they leave it.
    let known = valid.map { offsets[$0] }
    var (low, high) = (plain - (known.max() ?? 0), plain - (known.min() ?? 0))
    var bias = (low + high) / 2
    var here = mean(bias)
    for _ in 0..<60 where abs(here.rate - wanted) > 1e-9 * wanted && high - low > 1e-9 {
      if here.rate > wanted { high = bias } else { low = bias }
      let next = bias - (here.rate - wanted) / here.slope
      bias = next > low && next < high ? next : (low + high) / 2
      here = mean(bias)
    }
    self.bias = bias
    slope = here.slope
    let terms = function.terms(offsets.map { bias + $0 }, counts: counts.map(Double.init), baseline: baseline)
    loss = valid.reduce(0.0) { $0 + Double(mask[$1]) * terms[$1].loss } / bins
    rates = terms.map(\.rate)
  }
}
