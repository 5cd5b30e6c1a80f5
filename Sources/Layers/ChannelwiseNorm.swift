/// A norm that multiplies every channel of a sample by one number and adds another to it.
protocol ChannelwiseNorm: SampleLayer {
  /// Scale and shift of each channel, which follow from the sample.
  func factors(_ input: Features) -> [(scale: Float, shift: Float)]
}

extension ChannelwiseNorm {
  func forward(_ input: Features) -> Features { input.scaled(by: factors(input)) }
}
