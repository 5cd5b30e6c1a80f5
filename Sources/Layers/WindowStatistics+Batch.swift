import Kernels

extension WindowStatistics {
  /// Frames, and pairs of frames, that several windows show are summed once.
  package init(_ batch: FeatureBatch) {
    let frames = batch.frames
    let size = frames.shape.frame
    var sums: [Int: (sum: Double, squares: Double)] = [:]
    var changes: [FeatureBatch.Pair: Double] = [:]
    func range(_ frame: Int) -> Range<Int> { frame * size..<(frame + 1) * size }
    func sum(_ frame: Int) -> (sum: Double, squares: Double) {
      if let known = sums[frame] { return known }
      let own = (
        Reduction.sum(frames.values, in: range(frame)), Reduction.sumOfSquares(frames.values, in: range(frame))
      )
      sums[frame] = own
      return own
    }
    func change(_ pair: FeatureBatch.Pair) -> Double {
      if pair.own == pair.other { return 0 }
      if let known = changes[pair] { return known }
      let own = Self.squaredDifference(frames.values, range(pair.own), range(pair.other))
      changes[pair] = own
      return own
    }
    let moments = batch.steps.map { steps -> Moments in
      let count = Double(max(1, steps.count * size))
      let mean = steps.reduce(0) { $0 + sum($1).sum } / count
      let squares = steps.reduce(0) { $0 + sum($1).squares } / count
      let pairs = zip(steps, steps.dropFirst()).map { FeatureBatch.Pair(own: min($0, $1), other: max($0, $1)) }
      return Moments(
        mean: mean, variance: max(0, squares - mean * mean),
        change: pairs.reduce(0) { $0 + change($1) } / Double(max(1, pairs.count * size)))
    }
    self.init(moments)
  }

  private static func squaredDifference(_ values: [Float], _ a: Range<Int>, _ b: Range<Int>) -> Double {
    // |a - b|^2 = |a|^2 + |b|^2 - 2 a b cancels where both are alike: the difference itself.
    var difference = Array(values[a])
    Elementwise.combine(
      &difference, in: 0..<a.count, scale: -1, with: Array(values[b]), scale: 1, center: 0, shift: 0)
    return Reduction.sumOfSquares(difference)
  }

  /// Adds to the gradient of the batch's frames what gradients of the statistics mean for them.
  package func pullback(_ gradients: [[Double]], _ batch: FeatureBatch, to frames: inout Features) {
    let size = batch.frames.shape.frame
    for (sample, steps) in batch.steps.enumerated() where gradients[sample].contains(where: { $0 != 0 }) {
      let (slope, moments) = (gradients[sample], moments[sample])
      let count = Double(steps.count * size)
      let divisor = 2 * moments.variance + Self.eps
      // Of the variance: through the standard deviation, and through the divisor of the temporal frequency.
      let ofVariance =
        slope[1] / (2 * (moments.variance + Self.eps).squareRoot()) - slope[2] * 2 * moments.change
        / (divisor * divisor)
      let ofPair = slope[2] / divisor * 2 / Double(max(1, (steps.count - 1) * size))
      for (place, frame) in steps.enumerated() {
        let own = frame * size..<(frame + 1) * size
        Elementwise.combine(
          &frames.values, in: own, scale: 1, with: batch.frames.values, scale: Float(2 * ofVariance / count),
          center: Float(moments.mean), shift: Float(slope[0] / count))
        for neighbour in [place - 1, place + 1] where steps.indices.contains(neighbour) {
          var difference = Array(batch.frames.values[own])
          let start = steps[neighbour] * size
          Elementwise.combine(
            &difference, in: 0..<size, scale: Float(ofPair),
            with: Array(batch.frames.values[start..<start + size]), scale: Float(-ofPair), center: 0, shift: 0)
          Elementwise.add(difference, to: &frames.values, at: own.lowerBound, count: size)
        }
      }
    }
  }
}
