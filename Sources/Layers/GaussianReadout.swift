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
  package static let typeNames = ["gaussian"]

  package let name: String
  package let tensors: [StoredTensor]
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
  /// Its tensors; none for a readout that was made from values.
  private let parameters: [Part: Parameter]

  package init(_ site: inout Site) throws {
    name = site.weights.prefix
    channels = site.inputChannels
    // The number of cells comes from the tensors; the rest says where training starts.
    site.options.ignore("n_units")
    let spread = Float(try site.options.double("initial_std") ?? 5)
    let scatter = try site.options.double("initial_mean_scale") ?? 0
    let hasBias = try site.options.bool("bias") ?? site.weights.has("bias")
    try site.options.finish()
    let weight = try site.weights.parameter(
      Part.features.rawValue, [nil, site.inputChannels, 1, 1], start: .uniform(fanIn: site.inputChannels))
    let cellCount = weight.shape[0]
    self.cellCount = cellCount
    func values(_ part: Part, _ shape: [Int], _ start: Start) throws -> Parameter {
      try site.weights.parameter(part.rawValue, shape, start: start)
    }
    var parameters: [Part: Parameter] = [
      .features: weight, .mean: try values(.mean, [cellCount, 2], .normal(scatter)),
      .std: try values(.std, [cellCount, 2], .constant(spread)),
      .theta: try values(.theta, [cellCount], .constant(0)),
    ]
    parameters[.bias] = hasBias ? try values(.bias, [cellCount], .constant(0)) : nil
    self.parameters = parameters
    features = weight.values
    mean = parameters[.mean]?.values ?? []
    std = parameters[.std]?.values ?? []
    theta = parameters[.theta]?.values ?? []
    bias = parameters[.bias]?.values
    tensors = Part.allCases.compactMap { parameters[$0]?.stored }
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
    parameters = [:]
  }

  package var detail: String { "gaussian readout of \(cellCount) cells" }

  package func check(_ input: FeatureShape) throws {
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

  package func prepared(height: Int, width: Int) -> PreparedReadout {
    let masks = masks(height: height, width: width)
    return PreparedReadout { [bias, cellCount] map in
      let plane = height * width
      let weighted = weighted(map, plane: plane)
      return (0..<cellCount).map { cell in
        let sum = Reduction.dot(weighted, from: cell * plane, masks, from: cell * plane, count: plane)
        return Float(sum) + (bias?[cell] ?? 0)
      }
    }
  }

  /// Each cell's sum over channels at every position, `[cell, plane]`, of a map `[channel, plane]`.
  private func weighted(_ map: [Float], plane: Int) -> [Float] {
    var weighted = Elementwise.unfilled(cellCount * plane)
    BLAS.sgemm(m: cellCount, n: plane, k: channels, a: features, b: map, c: &weighted)
    return weighted
  }

  /// With e a cell's gradient: its weights get e times the features under the mask, its mask e times the weighted sum,
  /// the features e times weight and mask.
  package func traced(_ batch: FeatureBatch, _ pass: Pass) -> (output: [Float], pullback: ([Float]) -> Features) {
    let (height, width) = (batch.shape.height, batch.shape.width)
    let plane = height * width
    let prepared = prepared(height: height, width: width)
    return (
      batch.steps.indices.flatMap { prepared.forward(batch.lastStep($0)) },
      { gradient in
        let masks = masks(height: height, width: width)
        var out = Features(zerosLike: batch.frames.shape)
        var weights = [Float](repeating: 0, count: cellCount * channels)
        var maskGradient = [Float](repeating: 0, count: cellCount * plane)
        var offsets = [Double](repeating: 0, count: cellCount)
        for (sample, steps) in batch.steps.enumerated() {
          guard let frame = steps.last else { continue }
          let map = batch.lastStep(sample)
          var weighted = weighted(map, plane: plane)
          var scaled = masks
          for cell in 0..<cellCount {
            let own = gradient[sample * cellCount + cell]
            offsets[cell] += Double(own)
            let range = cell * plane..<(cell + 1) * plane
            Elementwise.scaleShift(&weighted, in: range, scale: own, shift: 0)
            Elementwise.scaleShift(&scaled, in: range, scale: own, shift: 0)
          }
          Elementwise.add(weighted, to: &maskGradient, count: weighted.count)
          BLAS.sgemm(m: cellCount, n: channels, k: plane, a: scaled, b: map, transposeB: true, beta: 1, c: &weights)
          BLAS.sgemm(
            m: channels, n: plane, k: cellCount, a: features, lda: channels, transposeA: true, b: scaled, beta: 1,
            c: &out.values, cOffset: frame * out.shape.frame)
        }
        pass.add(weights, to: parameters[.features])
        pass.add(offsets.map { Float($0) }, to: parameters[.bias])
        addPlaces(maskGradient, height: height, width: width, pass)
        return out
      }
    )
  }

  /// From the gradients of the masks to those of centres, widths and angles; a width at its limit gets none.
  private func addPlaces(_ maskGradient: [Float], height: Int, width: Int, _ pass: Pass) {
    var (centers, widths, angles): ([Float], [Float], [Float]) = ([], [], [])
    for cell in 0..<cellCount {
      let mask = mask(cell)
      let gradients = mask.gradients(mask.values(height: height, width: width), height: height, width: width)
      let place = (0..<5).map { index in
        (0..<height * width).reduce(0.0) {
          $0 + Double(maskGradient[cell * height * width + $1]) * gradients[$1 * 5 + index]
        }
      }
      centers += [Float(place[0]), Float(place[1])]
      for axis in 0..<2 {
        let stored = std[2 * cell + axis]
        widths.append(stored >= Float(GaussianMask.smallestStd) ? Float(place[2 + axis] / Double(stored)) : 0)
      }
      angles.append(Float(place[4]))
    }
    pass.add(centers, to: parameters[.mean])
    pass.add(widths, to: parameters[.std])
    pass.add(angles, to: parameters[.theta])
  }
}
