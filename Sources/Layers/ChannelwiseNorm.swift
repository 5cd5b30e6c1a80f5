import Kernels

/// A norm that multiplies every channel of a sample by one number and adds another to it.
protocol ChannelwiseNorm: SampleLayer {
  /// Scale and shift of each channel, which follow from the sample.
  func factors(_ moments: MixedScale.Moments) -> [(scale: Float, shift: Float)]

  /// The way back, for each channel; adds the gradients of the norm's parameters to the pass.
  ///
  /// - Parameters:
  ///   - totals: sums of the output's gradient over time and space.
  ///   - products: sums of its products with the input.
  func slopes(totals: [Double], products: [Double], _ moments: MixedScale.Moments, _ pass: Pass) -> [ChannelSlope]
}

/// How a channel's input gradient follows from its output gradient g and its input x: scale g + slope (x - center) + shift.
struct ChannelSlope: Sendable {
  var scale: Double
  var slope = 0.0
  var center = 0.0
  var shift = 0.0
}

extension Identity: ChannelwiseNorm {
  func factors(_ moments: MixedScale.Moments) -> [(scale: Float, shift: Float)] {
    [(scale: Float, shift: Float)](repeating: (1, 0), count: outputChannels)
  }

  func slopes(
    totals: [Double], products: [Double], _ moments: MixedScale.Moments, _ pass: Pass
  ) -> [ChannelSlope] {
    [ChannelSlope](repeating: ChannelSlope(scale: 1), count: outputChannels)
  }
}
