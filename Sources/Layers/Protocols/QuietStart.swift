/// How a layer of a block that is put into a trained network can start, so that the block changes little at first.
package struct QuietStart: Sendable {
  /// What makes its output small, with gradients that are not 0.
  package enum Silence: Sendable {
    /// A small input.
    case smallInput
    /// Small values of these tensors, whatever the input is.
    case gains([String])
    /// Nothing.
    case never
  }

  /// Which inputs come out as they went in.
  package enum Passing: Sendable {
    case all
    /// All, where these tensors are 0.
    case allWithout([String])
    case nonNegative
    case none
  }

  package var silence = Silence.smallInput
  package var passing = Passing.none
  /// Whether its output is never below 0; nil where that is so for inputs that are not.
  package var isNonNegative: Bool? = false

  package init(_ silence: Silence = .smallInput, passing: Passing = .none, isNonNegative: Bool? = false) {
    self.silence = silence
    self.passing = passing
    self.isNonNegative = isNonNegative
  }

  /// A norm that takes the scale of its input away, and gives it another by `gain`.
  init(normWith gain: Parameter?) {
    self.init(gain.map { .gains([$0.stored.name]) } ?? .never)
  }
}

/// A block of convolutions, as far as its start depends on it.
package struct BlockForm: Sendable {
  /// A convolution of the main path.
  package struct Filter: Sendable {
    /// Its weight, or the direction of the weight under weight norm.
    package var weight: StoredTensor
    package var bias: StoredTensor?
    /// Lengths of the directions, and the axis that has them.
    package var length: StoredTensor?
    package var lengthAxis: Int
    package var inputChannels: Int
    package var outputChannels: Int
    package var hasStride: Bool
    /// Steps and pixels by which the output is smaller than the input, along time, height and width.
    package var crop: [Int]
    /// The place in a kernel that passes values on to their place in the cropped map, and the window there; nil where there is
    /// none, or the window is 0.
    package var passing: (tap: Int, window: Float)?
  }

  package var filters: [Filter]
  /// Layers before and behind the convolutions.
  package var before: [any Layer]
  package var after: [any Layer]
  package var hasPool: Bool
  /// Whether the input is added to its output.
  package var isResidual = false
  /// The convolution that the input takes where channels or strides change.
  package var shortcut: StoredTensor?
  /// Behind the sum.
  package var last: (any Layer)?

  /// Whether its output is never below 0.
  package var isNonNegative: Bool {
    let layers = isResidual ? [last].compactMap(\.self) : after
    return layers.reduce(false) { $1.quietStart.isNonNegative ?? $0 }
  }
}

/// A layer that is a block of convolutions.
package protocol ConvolutionalBlock: Layer {
  var form: BlockForm { get }
}
