import Base
import Formats
import Foundation
import Kernels

/// A weighted mean over a frame of features and the older ones after it, without padding: with equal weights, or with weights
/// that fall off exponentially, by a learned time constant for each channel.
///
/// Weights w_j of the frame j steps older add up to 1: 1/N, or exp(-j/tau) over their sum with tau = softplus(rho) + 0.1
/// frames.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, channel, time - frames + 1, height, width]`
package struct TemporalPooling: Layer {
  /// What a configuration asks for under `frontend.params`.
  package struct Options {
    enum Kind: String, CaseIterable {
      case mean, exponential
    }

    let frames: Int
    let kind: Kind

    private static let mostFrames = 1024

    /// Reads `temporal_pool` and `temporal_pool_type`; nil where no more than one frame is asked for.
    ///
    /// - Throws: `unsupported` for an unknown type or size, or a type without a size.
    package init?(_ options: inout Section) throws {
      let frames = try options.size("temporal_pool", minimum: 0) ?? 0
      let word = try options.string("temporal_pool_type")
      let types = Kind.allCases.map(\.rawValue)
      if let word, !types.contains(word) {
        throw options.unknown("temporal_pool_type", "temporal pooling", word, among: types)
      }
      guard frames <= Self.mostFrames else {
        throw Failure(
          .unsupported, "\(options.path("temporal_pool")): \(frames) is not between 0 and \(Self.mostFrames)")
      }
      guard frames > 1 else { return nil }
      self.frames = frames
      kind = word.flatMap(Kind.init) ?? .mean
    }
  }

  package let name: String
  package let outputChannels: Int
  package let tensors: [StoredTensor]
  private let options: Options
  private let rho: Parameter?
  /// `[frame][channel]`
  private let weights: [[Float]]

  private static let smallestTau = 0.1
  private static let startTau = 0.5

  package init(_ weights: Weights, channels: Int, _ options: Options) throws {
    name = weights.prefix
    outputChannels = channels
    self.options = options
    guard options.kind == .exponential else {
      rho = nil
      tensors = []
      self.weights =
        weights.loads
        ? [[Float]](
          repeating: [Float](repeating: 1 / Float(options.frames), count: channels), count: options.frames) : []
      return
    }
    let start = log(exp(Self.startTau - Self.smallestTau) - 1)
    let rho = try weights.parameter("rho", [channels], start: .constant(Float(start)))
    self.rho = rho
    tensors = [rho.stored]
    let shares = rho.values.map { Self.shares(Self.tau($0), frames: options.frames) }
    self.weights = shares.isEmpty ? [] : (0..<options.frames).map { frame in shares.map { Float($0[frame]) } }
  }

  package var detail: String {
    "\(options.kind == .mean ? "mean" : "exponential mean, learned time constants,") over \(options.frames) frames"
  }

  package func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, outputChannels)
    var out = input
    out.time -= options.frames - 1
    guard out.time > 0 else { throw misfit("a mean over \(options.frames) frames does not fit", input) }
    return out
  }

  /// This layer with its values.
  package func loaded(from source: any ArraySource) throws -> TemporalPooling {
    try TemporalPooling(
      Weights(source: source, prefix: name, purpose: .inference), channels: outputChannels, options)
  }

  /// The weight of each channel's frame that is so many steps older.
  package func weight(frame: Int, channel: Int) -> Float { weights[frame][channel] }
  package var frames: Int { options.frames }

  package func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    try batch.cancellation.check()
    return pooled(batch, shared(batch))
  }

  package func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    try batch.cancellation.check()
    let shared = shared(batch)
    let input = batch.frames
    return (
      pooled(batch, shared),
      { gradient in
        var out = Features(zerosLike: input.shape)
        var slopes: [[Double]] = []
        for frame in 0..<options.frames {
          var own = Features(zerosLike: input.shape)
          for (place, name) in shared.names.enumerated() {
            Elementwise.add(
              gradient.values, from: place * input.shape.frame, to: &own.values, at: name[frame] * input.shape.frame,
              count: input.shape.frame)
          }
          if rho != nil { slopes.append(input.channelSums(own).products) }
          out = out.adding(own.scaled(by: weights[frame].map { (scale: $0, shift: 0) }))
        }
        pass.add(slope(slopes), to: rho)
        return out
      }
    )
  }

  /// Output frames by the frames that they are made of.
  private func shared(_ batch: FeatureBatch) -> (names: [[Int]], steps: [[Int]]) {
    batch.sharing(times: batch.shape.time - options.frames + 1) { steps, time in
      Array(steps[time..<time + options.frames])
    }
  }

  private func pooled(_ batch: FeatureBatch, _ shared: (names: [[Int]], steps: [[Int]])) -> FeatureBatch {
    var shape = batch.frames.shape
    shape.time = shared.names.count
    var out = Features(zerosLike: shape)
    for frame in 0..<options.frames {
      let scaled = batch.frames.scaled(by: weights[frame].map { (scale: $0, shift: 0) })
      for (place, name) in shared.names.enumerated() {
        Elementwise.add(
          scaled.values, from: name[frame] * shape.frame, to: &out.values, at: place * shape.frame, count: shape.frame)
      }
    }
    return FeatureBatch(out, steps: shared.steps, like: batch)
  }

  // MARK: - Time constants

  private static func tau(_ rho: Float) -> Double {
    let x = Double(rho)
    return (x > 20 ? x : log1p(exp(x))) + smallestTau
  }

  private static func shares(_ tau: Double, frames: Int) -> [Double] {
    let powers = (0..<frames).map { exp(-Double($0) / tau) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// Of rho, from the gradients of the weights, `[frame][channel]`: dw_j/dtau = w_j (j - mean j) / tau^2.
  private func slope(_ gradients: [[Double]]) -> [Float] {
    guard let rho else { return [] }
    return rho.values.enumerated().map { channel, value in
      let tau = Self.tau(value)
      let shares = Self.shares(tau, frames: options.frames)
      let mean = shares.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
      let ofTau = shares.enumerated().reduce(0) {
        $0 + gradients[$1.offset][channel] * $1.element * (Double($1.offset) - mean) / (tau * tau)
      }
      return Float(ofTau / (1 + exp(-Double(value))))
    }
  }
}
