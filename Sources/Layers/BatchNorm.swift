import Base
import Kernels

/// Normalisation per channel, scaled and shifted: by the running statistics of training, in training by the batch's own.
///
/// In training the mean and the (biased) variance are over all samples, time and space, each frame counted as often as
/// samples show it, and the running statistics move towards them (the variance unbiased) by `momentum`.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: torch.nn.BatchNorm3d; SEMANTICS 8 and 20
struct BatchNorm: NamedLayer, SampleLayer {
  static let typeNames = ["batch"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let eps: Double
  /// Nil: the running statistics are plain means over all batches so far.
  private let momentum: Double?
  private let weight: Parameter?
  private let bias: Parameter?
  private let mean: Parameter
  private let variance: Parameter
  private let batchCount: Parameter?
  private let factors: [(scale: Float, shift: Float)]

  init(_ site: inout Site) throws {
    guard !site.context.isFlat else { throw site.flatFailure() }
    let eps = try site.options.double("eps") ?? 1e-5
    let affine = try site.options.bool("affine") ?? true
    let momentum = try site.options.double("momentum") ?? (site.options.has("momentum") ? nil : Self.standardMomentum)
    try site.options.finish()
    try self.init(site.weights, channels: site.inputChannels, eps: eps, affine: affine, momentum: momentum)
  }

  private static let standardMomentum = 0.1

  init(
    _ weights: Weights, channels: Int, eps: Double = 1e-5, affine: Bool = true,
    momentum: Double? = BatchNorm.standardMomentum
  ) throws {
    name = weights.prefix
    outputChannels = channels
    self.eps = eps
    self.momentum = momentum
    weight = affine ? try weights.parameter("weight", [channels], start: .constant(1)) : nil
    bias = affine ? try weights.parameter("bias", [channels], start: .constant(0)) : nil
    mean = try weights.parameter("running_mean", [channels], start: .constant(0), isBuffer: true)
    variance = try weights.parameter("running_var", [channels], start: .constant(1), isBuffer: true)
    var count =
      weights.has("num_batches_tracked")
      ? try weights.parameter(
        "num_batches_tracked", [], start: .constant(0), isBuffer: true, isRead: weights.purpose == .training,
        isCounter: true) : nil
    count?.stored.dead = "counts training batches; evaluation does not read it"
    batchCount = count
    tensors = [weight, bias, mean, variance, count].compactMap(\.?.stored)
    factors = mean.values.indices.map { [weight, bias, mean, variance] channel in
      let scale = Double(weight?.values[channel] ?? 1) / (Double(variance.values[channel]) + eps).squareRoot()
      return (Float(scale), Float(Double(bias?.values[channel] ?? 0) - scale * Double(mean.values[channel])))
    }
  }

  var detail: String { "batch norm" }

  var reach: Reach { .frame }

  var quietStart: QuietStart { QuietStart(normWith: weight) }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    return input
  }

  func forward(_ input: Features) -> Features {
    input.scaled(by: factors)
  }

  /// By the running statistics.
  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    (
      forward(input),
      { gradient in
        let (out, products, totals) = input.scaledPullback(gradient, by: factors)
        let scales = products.indices.map { channel in
          (products[channel] - Double(mean.values[channel]) * totals[channel])
            / (Double(variance.values[channel]) + eps).squareRoot()
        }
        pass.add(scales.map { Float($0) }, to: weight)
        pass.add(totals.map { Float($0) }, to: bias)
        return out
      }
    )
  }

  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    try batch.cancellation.check()
    let (frames, pullback) = pass.trains ? tracedByBatch(batch, pass) : traced(batch.frames, pass)
    return (batch.mappingFrames { _ in frames }, pullback)
  }

  /// By the batch's statistics, through which every value acts on all outputs of its channel.
  private func tracedByBatch(_ batch: FeatureBatch, _ pass: Pass) -> TracedFeatures {
    let input = batch.frames
    let shows = batch.shows
    let count = Double(batch.steps.count * batch.shape.time * input.shape.plane)
    func sum(_ channel: Int, _ term: (Range<Int>) -> Double) -> Double {
      shows.indices.reduce(0.0) { sum, frame in
        shows[frame] == 0 ? sum : sum + Double(shows[frame]) * term(input.plane(time: frame, channel: channel))
      }
    }
    let means = (0..<outputChannels).map { sum($0) { Reduction.sum(input.values, in: $0) } / count }
    let variances = (0..<outputChannels).map { channel in
      sum(channel) { Reduction.squaredDeviation(input.values, in: $0, from: means[channel]) } / count
    }
    update(pass, means: means, variances: variances, count: count)
    let inverses = variances.map { 1 / ($0 + eps).squareRoot() }
    let weights = (0..<outputChannels).map { Double(weight?.values[$0] ?? 1) }
    let factors = (0..<outputChannels).map { channel -> (scale: Float, shift: Float) in
      let scale = weights[channel] * inverses[channel]
      return (Float(scale), Float(Double(bias?.values[channel] ?? 0) - scale * means[channel]))
    }
    return (
      input.scaled(by: factors),
      { gradient in
        var (out, products, totals) = input.scaledPullback(gradient, by: factors)
        for channel in 0..<outputChannels {
          products[channel] = inverses[channel] * (products[channel] - means[channel] * totals[channel])
          let scale = -weights[channel] * inverses[channel] / count
          for frame in shows.indices where shows[frame] > 0 {
            let share = scale * Double(shows[frame])
            Elementwise.combine(
              &out.values, in: input.plane(time: frame, channel: channel), scale: 1, with: input.values,
              scale: Float(share * inverses[channel] * products[channel]), center: Float(means[channel]),
              shift: Float(share * totals[channel]))
          }
        }
        pass.add(products.map { Float($0) }, to: weight)
        pass.add(totals.map { Float($0) }, to: bias)
        return out
      }
    )
  }

  private func update(_ pass: Pass, means: [Double], variances: [Double], count: Double) {
    let batches = Double(batchCount?.values.first ?? 0) + 1
    let share = momentum ?? 1 / batches
    func moved(_ old: Parameter, _ new: [Double]) -> [Float] {
      zip(old.values, new).map { Float((1 - share) * Double($0) + share * $1) }
    }
    pass.update(mean, to: moved(mean, means))
    pass.update(variance, to: moved(variance, variances.map { $0 * count / max(1, count - 1) }))
    pass.update(batchCount, to: [Float(batches)])
  }
}
