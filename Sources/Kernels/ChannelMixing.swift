/// Linear maps of neighbouring channels, the same at every position: channels mix within groups of `members`.
///
/// Shapes: `[time, channel, position]` -> same; weights `[channel, member]`, bias `[channel]`.
public struct ChannelMixing: Sendable {
  public let weights: [Float]
  public let bias: [Float]
  public let members: Int

  /// - Precondition: the channels fall into whole groups.
  public init(weights: [Float], bias: [Float], members: Int) {
    precondition(members > 0 && bias.count % members == 0 && weights.count == bias.count * members)
    self.weights = weights
    self.bias = bias
    self.members = members
  }

  public func callAsFunction(_ values: [Float], positions: Int) -> [Float] {
    var out = [Float](repeating: 0, count: values.count)
    forEachPair(values.count, positions) { channel, member, target, source in
      if member == 0 {
        Elementwise.scaleShift(&out, in: target..<target + positions, scale: 0, shift: bias[channel])
      }
      let weight = weights[channel * members + member]
      for index in 0..<positions { out[target + index] += weight * values[source + index] }
    }
    return out
  }

  /// From the output's gradient to those of values, weights and bias.
  public func pullback(
    _ gradient: [Float], values: [Float], positions: Int
  ) -> (values: [Float], weights: [Float], bias: [Float]) {
    precondition(gradient.count == values.count)
    var out = [Float](repeating: 0, count: values.count)
    var weightSums = [Double](repeating: 0, count: weights.count)
    var biasSums = [Double](repeating: 0, count: bias.count)
    forEachPair(values.count, positions) { channel, member, target, source in
      let place = channel * members + member
      if member == 0 { biasSums[channel] += Reduction.sum(gradient, in: target..<target + positions) }
      weightSums[place] += Reduction.dot(gradient, from: target, values, from: source, count: positions)
      for index in 0..<positions { out[source + index] += weights[place] * gradient[target + index] }
    }
    return (out, weightSums.map { Float($0) }, biasSums.map { Float($0) })
  }

  /// Every output plane with each of the input planes that it reads.
  private func forEachPair(
    _ count: Int, _ positions: Int, _ body: (_ channel: Int, _ member: Int, _ target: Int, _ source: Int) -> Void
  ) {
    let channels = bias.count
    for time in 0..<count / max(1, channels * positions) {
      for channel in 0..<channels {
        let target = (time * channels + channel) * positions
        for member in 0..<members {
          body(channel, member, target, (time * channels + channel / members * members + member) * positions)
        }
      }
    }
  }
}
