import Base
import Foundation
import Kernels

/// Per cell: weights over channels, pooled under a rotated Gaussian on the last time step's map.
///
/// u = R(theta) ((y, x) - mean) in pixels from the map's centre, mask = exp(-0.5 sum (u / std)^2) / (sum + 1e-8),
/// out = sum mask (w . features) + bias; std is at least 1e-3. A mask that underflows leaves the bias alone.
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

  /// Names of its tensors in a checkpoint of several sessions, without `model.`.
  public static func parameterNames(head: Int) -> [String] {
    ["bias", "mean", "std", "theta", "features.weight"].map { "readouts.\(head).\($0)" }
  }

  var detail: String { "gaussian readout of \(cellCount) cells" }

  func check(_ input: FeatureShape) throws {
    guard input.channels == channels else {
      throw Failure(.mismatch, "\(name): made for \(channels) channels, gets \(input)")
    }
  }

  /// Masks of all cells on a map, `[cell, height * width]`.
  public func masks(height: Int, width: Int) -> [Float] {
    var out: [Float] = []
    out.reserveCapacity(cellCount * height * width)
    // In float64: a narrow mask far from its centre is the exponential of a large difference.
    for cell in 0..<cellCount {
      let cosine = cos(Double(theta[cell]))
      let sine = sin(Double(theta[cell]))
      let widthY = Double(max(std[2 * cell], 1e-3))
      let widthX = Double(max(std[2 * cell + 1], 1e-3))
      var mask: [Double] = []
      mask.reserveCapacity(height * width)
      for i in 0..<height {
        let y = Double(i) - Double(height - 1) / 2 - Double(mean[2 * cell])
        for j in 0..<width {
          let x = Double(j) - Double(width - 1) / 2 - Double(mean[2 * cell + 1])
          let u = (y * cosine + x * sine) / widthY
          let v = (x * cosine - y * sine) / widthX
          mask.append(exp(-0.5 * (u * u + v * v)))
        }
      }
      let sum = mask.reduce(0, +) + 1e-8
      for value in mask { out.append(Float(value / sum)) }
    }
    return out
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
