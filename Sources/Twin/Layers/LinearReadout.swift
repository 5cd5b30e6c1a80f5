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
  private let weight: [Float]
  private let bias: [Float]?

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    channels = site.inputChannels
    site.options.ignore("n_units")
    let hasBias = try site.options.bool("bias") ?? site.weights.has("fc.bias")
    try site.options.finish()
    let matrix = try site.weights.parameter("fc.weight", [nil, channels])
    cellCount = matrix.shape[0]
    let offset = hasBias ? try site.weights.parameter("fc.bias", [cellCount]) : nil
    weight = matrix.values
    bias = offset?.values
    tensors = [matrix, offset].compactMap(\.?.stored)
  }

  var detail: String { "linear readout of \(cellCount) cells" }

  func check(_ input: FeatureShape) throws {
    guard input.channels == channels else {
      throw Failure(.mismatch, "\(name): made for \(channels) channels, gets \(input)")
    }
  }

  func prepared(height: Int, width: Int) -> PreparedReadout {
    PreparedReadout { [weight, bias, cellCount, channels] map in
      let plane = height * width
      let means = (0..<channels).map { channel in
        Float(Reduction.sum(map, in: channel * plane..<(channel + 1) * plane) / Double(plane))
      }
      var out = bias ?? [Float](repeating: 0, count: cellCount)
      BLAS.sgemv(rows: cellCount, columns: channels, a: weight, x: means, beta: 1, y: &out)
      return out
    }
  }
}
