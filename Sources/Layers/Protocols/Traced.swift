import Kernels

/// From the gradient of a layer's output frames to that of its input frames.
///
/// Adds the gradients of the layer's parameters to the pass. A gradient has the frames of its batch: where samples share a
/// frame, its gradient is the sum over them. To be called once.
package typealias Pullback = (Features) throws -> Features

package typealias TracedBatch = (output: FeatureBatch, pullback: Pullback)
package typealias TracedFeatures = (output: Features, pullback: Pullback)

/// Layers one after the other.
package func chained(_ pullbacks: [Pullback]) -> Pullback {
  { gradient in try pullbacks.reversed().reduce(gradient) { try $1($0) } }
}

extension Features {
  /// Nothing, in the shape of `other`.
  package init(zerosLike other: FeatureShape) { self.init(other, [Float](repeating: 0, count: other.count)) }

  package func adding(_ other: Features) -> Features {
    var out = self
    Elementwise.add(other.values, to: &out.values, count: values.count)
    return out
  }

  /// The way back of `scaled`, to whose input this belongs: sums over time and space for scale and shift.
  package func scaledPullback(
    _ gradient: Features, by factors: [(scale: Float, shift: Float)]
  ) -> (input: Features, scale: [Double], shift: [Double]) {
    let sums = channelSums(gradient)
    return (gradient.scaled(by: factors.map { (scale: $0.scale, shift: 0) }), sums.products, sums.totals)
  }

  /// For each channel, the sum of a gradient and of its products with these values.
  package func channelSums(_ gradient: Features) -> (totals: [Double], products: [Double]) {
    var totals = [Double](repeating: 0, count: shape.channels)
    var products = totals
    for time in 0..<shape.time {
      for channel in 0..<shape.channels {
        let plane = plane(time: time, channel: channel)
        totals[channel] += Reduction.sum(gradient.values, in: plane)
        products[channel] += Reduction.dot(
          gradient.values, from: plane.lowerBound, values, from: plane.lowerBound, count: plane.count)
      }
    }
    return (totals, products)
  }

  /// The way back of `cropped`: zeros around.
  package func uncropped(_ first: [Int], _ counts: [Int], to whole: FeatureShape) -> Features {
    if counts == [whole.time, whole.height, whole.width] { return self }
    var out = Features(zerosLike: whole)
    for time in 0..<counts[0] {
      for channel in 0..<whole.channels {
        let source = plane(time: time, channel: channel).lowerBound
        let target = out.plane(time: first[0] + time, channel: channel).lowerBound + first[2]
        for row in 0..<counts[1] {
          Elementwise.add(
            values, from: source + row * counts[2], to: &out.values, at: target + (first[1] + row) * whole.width,
            count: counts[2])
        }
      }
    }
    return out
  }
}

extension FeatureBatch {
  /// Samples traced one by one.
  package func tracedSamples(_ body: (Int, Features) throws -> TracedFeatures) throws -> TracedBatch {
    let traced = try steps.indices.map { index in
      try cancellation.check()
      return try body(index, sample(index))
    }
    let output = FeatureBatch(samples: traced.map(\.output), like: self)
    return (
      output,
      { [frames, steps, cancellation] gradient in
        var result = Features(zerosLike: frames.shape)
        for (index, sample) in traced.enumerated() {
          try cancellation.check()
          let own = try sample.pullback(
            Features(
              sample.output.shape,
              BlockGather.gather(gradient.values, size: gradient.shape.frame, order: output.steps[index])))
          for (time, frame) in steps[index].enumerated() {
            Elementwise.add(
              own.values, from: time * frames.shape.frame, to: &result.values, at: frame * frames.shape.frame,
              count: frames.shape.frame)
          }
        }
        return result
      }
    )
  }

  /// How often each frame is shown.
  package var shows: [Int] {
    var shows = [Int](repeating: 0, count: frames.shape.time)
    for frame in steps.joined() { shows[frame] += 1 }
    return shows
  }

  /// As `cropped`.
  package func tracedCropped(_ first: [Int], _ counts: [Int]) -> TracedBatch {
    let whole = frames.shape
    return (
      cropped(first, counts),
      { $0.uncropped([0, first[1], first[2]], [whole.time, counts[1], counts[2]], to: whole) }
    )
  }

  package func tracedCropped(like other: FeatureShape) -> TracedBatch {
    let (first, counts) = shape.lastAndCentre(other)
    return tracedCropped(first, counts)
  }

  /// As `joined`; the pullback gives the gradients of both.
  package func tracedJoined(
    _ other: FeatureBatch
  ) -> (output: FeatureBatch, pullback: (Features) -> (own: Features, other: Features)) {
    let pairs = pairs(with: other).pairs
    let (own, others) = (frames.shape, other.frames.shape)
    return (
      joined(other),
      { gradient in
        var (left, right) = (Features(zerosLike: own), Features(zerosLike: others))
        for (place, pair) in pairs.enumerated() {
          let start = place * gradient.shape.frame
          Elementwise.add(
            gradient.values, from: start, to: &left.values, at: pair.own * own.frame, count: own.frame)
          Elementwise.add(
            gradient.values, from: start + own.frame, to: &right.values, at: pair.other * others.frame,
            count: others.frame)
        }
        return (left, right)
      }
    )
  }

  /// As `adding`; the pullback gives the gradients of both.
  package func tracedAdding(
    _ other: FeatureBatch
  ) -> (output: FeatureBatch, pullback: (Features) -> (own: Features, other: Features)) {
    let output = adding(other)
    // In-place sums keep the order of the own frames, others that of the pairs.
    var whole = output
    whole.steps = zip(zip(steps, other.steps), output.steps).map { $0.0 + $0.1 + $1 }
    let times = shape.time
    let uses = whole.sharing(times: times) { steps, time in
      Use(own: steps[time], other: steps[times + time], output: steps[2 * times + time])
    }.names
    let (own, others) = (frames.shape, other.frames.shape)
    return (
      output,
      { gradient in
        var (left, right) = (Features(zerosLike: own), Features(zerosLike: others))
        let size = own.frame
        for use in uses {
          Elementwise.add(
            gradient.values, from: use.output * size, to: &left.values, at: use.own * size, count: size)
          Elementwise.add(
            gradient.values, from: use.output * size, to: &right.values, at: use.other * size, count: size)
        }
        return (left, right)
      }
    )
  }

  private struct Use: Hashable {
    var own: Int
    var other: Int
    var output: Int
  }
}
