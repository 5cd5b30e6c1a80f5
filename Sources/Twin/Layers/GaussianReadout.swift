import Base
import Kernels

/// Per cell: weights over channels, pooled under a rotated Gaussian on the last time step's map.
///
/// out = sum over pixels of mask (w . features) + bias, with the cell's mask as `GaussianMask` has it. Where the mask
/// underflows, only the bias is left.
///
/// - Shapes: `[batch, channel, height, width]` -> `[batch, cell]`; features `[cell, channel]`, mean and std
///   `[cell, 2]` (y, x), theta and bias `[cell]`
/// - Units: mean and std in pixels of the feature map
/// - Source: SEMANTICS 13
public struct GaussianReadout: Readout {
  static let typeNames = ["gaussian"]

  let name: String
  let tensors: [StoredTensor]
  public let cellCount: Int
  public let channels: Int
  /// Weights over channels, cell by cell.
  public let features: [Float]
  /// Centres (y, x), cell by cell, in pixels from the middle of the map.
  public let mean: [Float]
  /// Widths along the rotated axes (first y), cell by cell.
  public let std: [Float]
  public let theta: [Float]
  public let bias: [Float]?

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    channels = site.inputChannels
    // The number of cells comes from the tensors; the rest says where training started.
    site.options.ignore("n_units", "initial_std", "initial_mean_scale")
    let hasBias = try site.options.bool("bias") ?? site.weights.has("bias")
    try site.options.finish()
    let weight = try site.weights.parameter("features.weight", [nil, site.inputChannels, 1, 1])
    let cellCount = weight.shape[0]
    self.cellCount = cellCount
    let center = try site.weights.parameter("mean", [cellCount, 2])
    let width = try site.weights.parameter("std", [cellCount, 2])
    let angle = try site.weights.parameter("theta", [cellCount])
    let offset = hasBias ? try site.weights.parameter("bias", [cellCount]) : nil
    features = weight.values
    mean = center.values
    std = width.values
    theta = angle.values
    bias = offset?.values
    tensors = [offset, center, width, angle, weight].compactMap(\.?.stored)
  }

  /// A readout from fitted values.
  ///
  /// - Precondition: sizes agree with `theta`'s and `channels`.
  public init(features: [Float], mean: [Float], std: [Float], theta: [Float], bias: [Float]?, channels: Int) {
    let cellCount = theta.count
    precondition(
      features.count == cellCount * channels && mean.count == 2 * cellCount && std.count == 2 * cellCount
        && bias.map { $0.count == cellCount } ?? true, "readout parameters do not fit \(cellCount) cells")
    self.cellCount = cellCount
    self.channels = channels
    self.features = features
    self.mean = mean
    self.std = std
    self.theta = theta
    self.bias = bias
    name = "readout"
    tensors = []
  }

  var detail: String { "gaussian readout of \(cellCount) cells" }

  func check(_ input: FeatureShape) throws {
    guard input.channels == channels else {
      throw Failure(.mismatch, "\(name): made for \(channels) channels, gets \(input)")
    }
  }

  /// Where a cell reads from.
  package func mask(_ cell: Int) -> GaussianMask {
    // The limit as a float32, as VisionCore clamps.
    let limit = Float(GaussianMask.smallestStd)
    return GaussianMask(
      meanY: Double(mean[2 * cell]), meanX: Double(mean[2 * cell + 1]), stdY: Double(max(std[2 * cell], limit)),
      stdX: Double(max(std[2 * cell + 1], limit)), theta: Double(theta[cell]))
  }

  /// Masks of all cells on a map, `[cell, height * width]`.
  public func masks(height: Int, width: Int) -> [Float] {
    (0..<cellCount).flatMap { mask($0).values(height: height, width: width).map { Float($0) } }
  }

  func prepared(height: Int, width: Int) -> PreparedReadout {
    let masks = masks(height: height, width: width)
    return PreparedReadout { [features, bias, cellCount, channels] map in
      let plane = height * width
      var weighted = Elementwise.unfilled(cellCount * plane)
      BLAS.sgemm(m: cellCount, n: plane, k: channels, a: features, b: map, c: &weighted)
      return (0..<cellCount).map { cell in
        let sum = Reduction.dot(weighted, from: cell * plane, masks, from: cell * plane, count: plane)
        return Float(sum) + (bias?[cell] ?? 0)
      }
    }
  }
}
