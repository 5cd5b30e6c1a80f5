import Base
import Kernels

/// Features of several samples; a frame that several samples show is stored, and worked on, once.
///
/// Windows of consecutive frames overlap: what is computed frame by frame, and what a convolution over time computes
/// away from the window's ends, is the same in all of them. Each layer says which of its output frames are the same by
/// the input frames that they are made of; nothing is assumed about where samples come from.
package struct FeatureBatch: Sendable {
  /// Every frame there is, as the time steps of one sample.
  package var frames: Features
  /// For each sample, the frame at each time step.
  package var steps: [[Int]]
  package var cancellation = Cancellation()
  /// Of each sample's stimulus; nil where no layer asks for them.
  package var statistics: WindowStatistics?

  /// Size of one sample.
  package var shape: FeatureShape {
    var shape = frames.shape
    shape.time = steps.first?.count ?? 0
    return shape
  }

  package init(_ frames: Features, steps: [[Int]], cancellation: Cancellation) {
    self.frames = frames
    self.steps = steps
    self.cancellation = cancellation
  }

  /// Other features of the same samples.
  package init(_ frames: Features, steps: [[Int]], like other: FeatureBatch) {
    self.init(frames, steps: steps, cancellation: other.cancellation)
    statistics = other.statistics
  }

  package init(samples: [Features], like other: FeatureBatch) {
    self.init(samples: samples, cancellation: other.cancellation)
    statistics = other.statistics
  }

  /// Samples that share nothing, stored `[time, sample]`: what is done step by step finds all samples side by side.
  package init(samples: [Features], cancellation: Cancellation) {
    var shape = samples.first?.shape ?? FeatureShape(channels: 0, time: 0, height: 0, width: 0)
    let time = shape.time
    shape.time = time * samples.count
    var values: [Float] = []
    values.reserveCapacity(shape.count)
    for step in 0..<time {
      for sample in samples { values.append(contentsOf: sample.values[step * shape.frame..<(step + 1) * shape.frame]) }
    }
    self.init(
      Features(shape, values), steps: samples.indices.map { sample in (0..<time).map { $0 * samples.count + sample } },
      cancellation: cancellation)
  }

  /// One sample's features, its frames in order.
  package func sample(_ index: Int) -> Features {
    let size = frames.shape.frame
    var values: [Float] = []
    values.reserveCapacity(shape.count)
    for frame in steps[index] { values.append(contentsOf: frames.values[frame * size..<(frame + 1) * size]) }
    return Features(shape, values)
  }

  /// One sample's last time step, `[channel, height, width]`.
  package func lastStep(_ index: Int) -> [Float] {
    guard let frame = steps[index].last else { return [] }
    return Array(frames.values[frame * frames.shape.frame..<(frame + 1) * frames.shape.frame])
  }

  /// With the first time steps of every sample replaced by one frame of zeros, stored after all others.
  package func greying(newest count: Int) -> FeatureBatch {
    guard count > 0 else { return self }
    var out = self
    let grey = frames.shape.time
    out.frames.shape.time += 1
    out.frames.values.append(contentsOf: [Float](repeating: 0, count: frames.shape.frame))
    out.steps = steps.map { steps in steps.enumerated().map { $0 < count ? grey : $1 } }
    return out
  }

  /// Frames that depend each on one frame of this.
  package func mappingFrames(_ body: (Features) -> Features) -> FeatureBatch {
    var out = self
    out.frames = body(frames)
    return out
  }

  /// Samples worked on one by one.
  package func mappingSamples(_ body: (Int, Features) throws -> Features) throws -> FeatureBatch {
    let samples = try steps.indices.map { index in
      try cancellation.check()
      return try body(index, sample(index))
    }
    return FeatureBatch(samples: samples, like: self)
  }

  /// Output frames named by what they are made of: the same name is made once.
  ///
  /// - Parameter isBefore: the order in which frames are stored; that of the time steps where nil.
  package func sharing<Name: Hashable>(
    times: Int, inOrder isBefore: ((Name, Name) -> Bool)? = nil, named: (_ steps: [Int], _ time: Int) -> Name
  ) -> (names: [Name], steps: [[Int]]) {
    var names: [Name] = []
    var places: [Name: Int] = [:]
    let own = steps.map { steps in (0..<times).map { named(steps, $0) } }
    for time in 0..<times {
      for sample in own where places[sample[time]] == nil {
        places[sample[time]] = names.count
        names.append(sample[time])
      }
    }
    if let isBefore {
      names.sort(by: isBefore)
      for (place, name) in names.enumerated() { places[name] = place }
    }
    return (names, own.map { $0.compactMap { places[$0] } })
  }
}

extension FeatureBatch {
  /// The part of `counts` steps, rows and columns from `first` on.
  package func cropped(_ first: [Int], _ counts: [Int]) -> FeatureBatch {
    var out = self
    if counts[0] != shape.time { out.steps = steps.map { Array($0[first[0]..<first[0] + counts[0]]) } }
    out.frames = frames.cropped([0, first[1], first[2]], [frames.shape.time, counts[1], counts[2]])
    return out
  }

  /// Last time steps and centre of space, as large as `other`.
  package func cropped(like other: FeatureShape) -> FeatureBatch {
    let (first, counts) = shape.lastAndCentre(other)
    return cropped(first, counts)
  }

  /// Channels of both, these first.
  package func joined(_ other: FeatureBatch) -> FeatureBatch {
    let (pairs, steps) = pairs(with: other)
    let (own, others) = (frames.shape.frame, other.frames.shape.frame)
    var shape = frames.shape
    shape.channels += other.frames.shape.channels
    shape.time = pairs.count
    var values: [Float] = []
    values.reserveCapacity(shape.count)
    for pair in pairs {
      values.append(contentsOf: frames.values[pair.own * own..<(pair.own + 1) * own])
      values.append(contentsOf: other.frames.values[pair.other * others..<(pair.other + 1) * others])
    }
    return FeatureBatch(Features(shape, values), steps: steps, like: self)
  }

  /// The sum of both.
  package func adding(_ other: FeatureBatch) -> FeatureBatch {
    precondition(other.shape == shape, "sum of \(shape) and \(other.shape)")
    let (pairs, steps) = pairs(with: other)
    let size = frames.shape.frame
    // Where each frame meets one other alone, it is added to in place.
    var out = self
    if pairs.count == frames.shape.time, Set(pairs.map(\.own)).count == pairs.count {
      for pair in pairs {
        Elementwise.add(
          other.frames.values, from: pair.other * size, to: &out.frames.values, at: pair.own * size, count: size)
      }
      return out
    }
    var values: [Float] = []
    values.reserveCapacity(pairs.count * size)
    for pair in pairs { values.append(contentsOf: frames.values[pair.own * size..<(pair.own + 1) * size]) }
    for (place, pair) in pairs.enumerated() {
      Elementwise.add(other.frames.values, from: pair.other * size, to: &values, at: place * size, count: size)
    }
    var shape = frames.shape
    shape.time = pairs.count
    out.frames = Features(shape, values)
    out.steps = steps
    return out
  }

  package struct Pair: Hashable {
    var own: Int
    var other: Int
  }

  /// The frames of both that stand at the same step of the same sample.
  package func pairs(with other: FeatureBatch) -> (pairs: [Pair], steps: [[Int]]) {
    var both = self
    both.steps = zip(steps, other.steps).map { $0 + $1 }
    let times = shape.time
    let shared = both.sharing(times: times) { steps, time in Pair(own: steps[time], other: steps[times + time]) }
    return (shared.names, shared.steps)
  }
}
