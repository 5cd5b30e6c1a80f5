import Base
import Formats
import Layers

/// A block that an edit puts into the convnet, and how it starts: near the identity where its form allows it, so that the
/// rates of the twin hardly change before training.
///
/// In a resnet, and in a densenet, the block's own part starts at `share` of its usual size. In a network without shortcuts its
/// kernels start as deltas that pass each channel on. No tensor starts where all of its gradient is 0.
///
/// Source: De and Smith 2020 (SkipInit); Goyal et al. 2017, section 5.1 (a norm's gain of 0 at the end of a residual branch).
public struct NewBlock: Sendable, Equatable {
  /// Among the convnet's blocks, from 0 on.
  public let place: Int
  /// Why it starts at random, as in an untrained twin; nil where it starts near the identity.
  public let obstacle: String?
  /// Steps and pixels that it takes from the map, along time, height and width; nil where strides and pools say how many.
  public let crop: [Int]?
  /// Values of tensors that do not start as in an untrained twin.
  let starts: [String: Tensor]

  /// Of its usual size, what a block adds at first.
  private static let share: Float = 0.01
  /// The same for a norm's gain: behind a norm the size does not follow the block's input, which may be small.
  private static let gainShare: Float = 0.001

  /// `near the identity`, or `at random: its pool makes the map smaller`
  public var start: String { obstacle.map { "at random: \($0)" } ?? "near the identity" }

  /// What stands around a block.
  struct Surroundings {
    var isDense = false
    /// Whether it is the last one.
    var isLast = true
    /// The block before it; nil for the first one without a stem.
    var previous: BlockForm?
    /// How the channels of its input are put together.
    var input: ChannelParts
  }

  /// - Parameters:
  ///   - fresh: the values of a tensor in an untrained twin.
  ///   - parts: of a tensor, by axis, how its channels are put together.
  init(
    place: Int, _ form: BlockForm, in around: Surroundings, fresh: (String) -> Tensor?,
    parts: (String) -> [Int: JoinedChannels]
  ) {
    self.place = place
    let sizes = form.filters.reduce([0, 0, 0]) { zip($0, $1.crop).map(+) }
    crop = form.hasPool || form.filters.contains { $0.hasStride } ? nil : sizes
    let result: Result<[String: Tensor], Obstacle>
    if form.isResidual || around.isDense {
      result = Self.silent(form, around, fresh, parts)
    } else {
      result = Self.passing(form, around, fresh)
    }
    switch result {
    case .success(let starts): (self.starts, obstacle) = (starts, nil)
    case .failure(let found): (starts, obstacle) = ([:], found.text)
    }
  }

  private struct Obstacle: Error {
    let text: String
  }

  // MARK: - Beside a path that passes the input on

  private static func silent(
    _ form: BlockForm, _ around: Surroundings, _ fresh: (String) -> Tensor?, _ parts: (String) -> [Int: JoinedChannels]
  ) -> Result<[String: Tensor], Obstacle> {
    guard let filter = form.filters.last else { return .failure(Obstacle(text: "it has no convolution")) }
    if form.hasPool || form.filters.contains(where: { $0.hasStride }) {
      return .failure(Obstacle(text: "its \(form.hasPool ? "pool" : "stride") makes the map smaller"))
    }
    if around.isDense, !around.isLast {
      return .failure(Obstacle(text: "its channels stand before those of the blocks behind it"))
    }
    if let last = form.last {
      switch last.quietStart.passing {
      case .all: break
      case .nonNegative where around.previous?.isNonNegative == true: break
      default: return .failure(Obstacle(text: "the activation behind its sum (\(last.detail)) changes its input"))
      }
    }
    var starts: [String: Tensor] = [:]
    /// Makes a tensor small.
    func scale(_ name: String?, by factor: Float) {
      guard let name, var tensor = starts[name] ?? fresh(name) else { return }
      for index in tensor.values.indices { tensor.values[index] *= factor }
      starts[name] = tensor
    }
    if let shortcut = form.shortcut {
      let (own, input) = (shortcut.shape, around.input.reduce(0, +))
      guard own.count > 1, own[0] >= input, own[1] == input else {
        return .failure(Obstacle(text: "it has fewer channels than its input"))
      }
      scale(shortcut.name, by: share)
      guard let small = starts[shortcut.name] else { return .failure(Obstacle(text: "its shortcut has no values")) }
      starts[shortcut.name] = ResizedTensor.passing(around.input, as: around.input, small, parts(shortcut.name))
    }
    var silence = QuietStart.Silence.smallInput
    var culprit = ""
    for layer in form.after {
      let own = layer.quietStart.silence
      if case .smallInput = own { continue }
      (silence, culprit) = (own, layer.detail)
    }
    switch silence {
    case .never: return .failure(Obstacle(text: "its \(culprit) lets no small values out"))
    case .gains(let names): for name in names { scale(name, by: gainShare) }
    case .smallInput:
      if let fixed = filter.length?.fixed {
        return .failure(Obstacle(text: "its kernels keep their length (\(fixed))"))
      }
      scale(filter.length?.name ?? filter.weight.name, by: share)
      scale(filter.bias?.name, by: 0)
    }
    return .success(starts)
  }

  // MARK: - Alone

  private static func passing(
    _ form: BlockForm, _ around: Surroundings, _ fresh: (String) -> Tensor?
  ) -> Result<[String: Tensor], Obstacle> {
    func changes(_ what: String) -> Result<[String: Tensor], Obstacle> { .failure(Obstacle(text: what)) }
    if form.hasPool || form.filters.contains(where: { $0.hasStride }) {
      return changes("its \(form.hasPool ? "pool" : "stride") makes the map smaller")
    }
    var starts: [String: Tensor] = [:]
    var rejoins = false
    for layer in form.before + form.after {
      // Positive and negative parts give back the value that they are parts of.
      if layer is SplitReLU, let before = around.previous, before.after.last is SplitReLU, !before.isResidual,
        !rejoins, form.after.last?.name == layer.name
      {
        rejoins = true
        continue
      }
      switch layer.quietStart.passing {
      case .all: break
      case .nonNegative where around.previous?.isNonNegative == true && !rejoins: break
      case .allWithout(let names):
        for name in names { starts[name] = fresh(name).map { Tensor(zeros: $0.shape) } }
      default: return changes("its \(layer.detail) changes its input")
      }
    }
    for (place, filter) in form.filters.enumerated() {
      let isLast = place == form.filters.count - 1
      guard let tap = filter.passing else { return changes("its kernels have no tap that passes a value on") }
      let halves = around.input.count == 2 && around.input.first == around.input.last
      let isJoining = rejoins && isLast
      let isWide =
        isJoining
        ? halves && filter.inputChannels == 2 * filter.outputChannels : filter.inputChannels == filter.outputChannels
      guard isWide else { return changes("it has another number of channels than its input") }
      guard var weight = fresh(filter.weight.name), weight.rank > 1 else {
        return changes("its kernels have no values")
      }
      let (rows, columns) = (weight.shape[0], weight.shape[1])
      guard !isJoining || columns == filter.inputChannels, rows > 0, columns > 0 else {
        return changes("its groups keep positive and negative parts apart")
      }
      let taps = weight.count / (rows * columns)
      guard tap.tap < taps else { return changes("its kernels have no tap that passes a value on") }
      weight = Tensor(zeros: weight.shape)
      for row in 0..<rows {
        weight.values[(row * columns + row % columns) * taps + tap.tap] = 1 / tap.window
        if isJoining { weight.values[(row * columns + rows + row) * taps + tap.tap] = -1 / tap.window }
      }
      starts[filter.weight.name] = weight
      if let name = filter.length?.name {
        let lengths = weight.lengths(along: filter.lengthAxis)
        guard lengths.values.allSatisfy({ $0 > 0 }) else { return changes("its weight norm runs along the kernels") }
        starts[name] = lengths
      }
      if let name = filter.bias?.name { starts[name] = fresh(name).map { Tensor(zeros: $0.shape) } }
    }
    return .success(starts)
  }
}

extension Tensor {
  /// Lengths of the slices along an axis.
  fileprivate func lengths(along axis: Int) -> Tensor {
    let inner = shape.dropFirst(axis + 1).reduce(1, *)
    var sums = [Double](repeating: 0, count: shape[axis])
    for (index, value) in values.enumerated() { sums[index / inner % shape[axis]] += Double(value) * Double(value) }
    return Tensor(shape: [shape[axis]], values: sums.map { Float($0.squareRoot()) })
  }
}
