import Base
import Kernels

/// Positive and negative part as separate channels; only the positive one is scaled.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, 2 channel, time, height, width]`
/// - Source: concat[relu(x) |ongain|, relu(-x)]; SEMANTICS 9
package struct SplitReLU: NamedLayer, SampleLayer {
  package static let typeNames = ["splitrelu"]

  package let name: String
  package let outputChannels: Int
  package let tensors: [StoredTensor]
  private let parameter: Parameter
  /// |ongain|
  package let gain: Float

  package init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = 2 * site.inputChannels
    // Whether training may move the gain, and where it started: the stored value is used either way.
    let isTrained = try site.options.bool("trainable_gain") ?? false
    site.options.ignore("split_dim")
    try site.options.finish()
    var parameter = try site.weights.parameter("ongain", [1], start: .constant(1))
    if !isTrained { parameter.stored.fixed = "the gain is not trainable: no gradient reaches it" }
    self.parameter = parameter
    tensors = [parameter.stored]
    gain = abs(parameter.values.first ?? 1)
  }

  package var detail: String { "split relu" }

  package var reach: Reach { .frame }

  package func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts { input + input }

  package var quietStart: QuietStart { QuietStart(isNonNegative: true) }

  package func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels / 2)
    var out = input
    out.channels = outputChannels
    return out
  }

  package func forward(_ input: Features) -> Features {
    var shape = input.shape
    shape.channels *= 2
    var out = Elementwise.unfilled(shape.count)
    for time in 0..<shape.time {
      Elementwise.splitRelu(
        input.values, from: time * input.shape.frame, count: input.shape.frame, gain: gain, into: &out,
        on: time * shape.frame, off: time * shape.frame + input.shape.frame)
    }
    return Features(shape, out)
  }

  package func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        var out = Features(input.shape, Elementwise.unfilled(input.shape.count))
        var sum = 0.0
        for time in 0..<input.shape.time {
          let on = time * gradient.shape.frame
          sum += Elementwise.splitReluPullback(
            input.values, from: time * input.shape.frame, count: input.shape.frame, gain: gain, of: gradient.values,
            on: on, off: on + input.shape.frame, to: &out.values)
        }
        let own = parameter.values.first ?? 0
        pass.add([own > 0 ? Float(sum) : own < 0 ? Float(-sum) : 0], to: parameter)
        return out
      }
    )
  }
}
