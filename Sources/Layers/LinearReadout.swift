import Base
import Kernels

/// The last time step, averaged over space, through one linear map.
///
/// - Shapes: `[batch, channel, height, width]` -> `[batch, cell]`
/// - Source: SEMANTICS 13; `bias` is stored twice (`bias` and `fc.bias`), the second is used
struct LinearReadout: Readout {
  static let typeNames = ["linear"]

  let name: String
  let tensors: [StoredTensor]
  let cellCount: Int
  private let channels: Int
  private let map: LinearMap

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    channels = site.inputChannels
    site.options.ignore("n_units")
    let hasBias = try site.options.bool("bias") ?? site.weights.has("fc.bias")
    try site.options.finish()
    let matrix = try site.weights.parameter("fc.weight", [nil, channels], start: .uniform(fanIn: channels))
    cellCount = matrix.shape[0]
    var offset = hasBias ? try site.weights.parameter("fc.bias", [cellCount], start: .uniform(fanIn: channels)) : nil
    // Training knows the bias by the first of its two names.
    if offset != nil {
      try site.weights.declare("bias", [cellCount], start: .copy(of: site.weights.full("fc.bias")))
    }
    if site.weights.has("bias") { offset?.stored.gradientName = site.weights.full("bias") }
    map = LinearMap(matrix, offset, outputs: cellCount, inputs: channels)
    tensors = map.tensors
  }

  var detail: String { "linear readout of \(cellCount) cells" }

  func check(_ input: FeatureShape) throws {
    guard input.channels == channels else {
      throw Failure(.mismatch, "\(name): made for \(channels) channels, gets \(input)")
    }
  }

  func prepared(height: Int, width: Int) -> PreparedReadout {
    PreparedReadout { features in map(means(features, plane: height * width)) }
  }

  func traced(_ batch: FeatureBatch, _ pass: Pass) -> (output: [Float], pullback: ([Float]) -> Features) {
    let plane = batch.shape.plane
    let traced = map.traced(batch.steps.indices.flatMap { means(batch.lastStep($0), plane: plane) }, pass)
    return (
      traced.output,
      { gradient in
        let means = traced.pullback(gradient)
        var out = Features(zerosLike: batch.frames.shape)
        for (sample, steps) in batch.steps.enumerated() {
          guard let frame = steps.last else { continue }
          for channel in 0..<channels {
            Elementwise.scaleShift(
              &out.values, in: out.plane(time: frame, channel: channel), scale: 1,
              shift: means[sample * channels + channel] / Float(plane))
          }
        }
        return out
      }
    )
  }

  /// Of a map `[channel, plane]`, over space.
  private func means(_ features: [Float], plane: Int) -> [Float] {
    (0..<channels).map { channel in
      Float(Reduction.sum(features, in: channel * plane..<(channel + 1) * plane) / Double(plane))
    }
  }
}
