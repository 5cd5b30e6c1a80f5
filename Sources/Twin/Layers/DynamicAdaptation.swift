import Base
import Formats
import Foundation
import Kernels

/// Two causal filters at every pixel, the second of which divides the first.
///
/// out = alpha y / max(1 + relu(beta) z, 1e-6). Fixed filters are used as stored; learned ones follow from the
/// parameters: K(t) = t^n exp(-t / tau) / (tau^(n + 1) Gamma(n + 1)), and z mixes the fast and a slow one by gamma.
///
/// - Shapes: `[batch, 1, time, height, width]` -> same
/// - Source: Clark et al. 2013, eq. 15, as VisionCore applies it (SEMANTICS 5)
struct DynamicAdaptation: NamedLayer, SampleLayer {
  static let typeNames = ["da"]

  let name: String
  let outputChannels = 1
  let tensors: [StoredTensor]
  private let length: Int
  private let isLearned: Bool
  private let alpha: Float
  private let beta: Float
  /// Filters of y and z, `[2, lag]`, oldest lag first.
  private let filters: [Float]

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    guard site.inputChannels == 1 else {
      throw Failure(.unsupported, "\(site.options.path): adaptation reads one channel, not \(site.inputChannels)")
    }
    let isLearned = try site.options.bool("learnable_params") ?? false
    let length = try site.options.size("filter_length") ?? 200
    site.options.ignore("height", "width", "alpha", "beta", "gamma", "tau_y_ms", "tau_z_ms", "n_y", "n_z")
    try site.options.finish()
    self.isLearned = isLearned
    self.length = length
    let weights = site.weights
    let names = ["alpha", "beta", "gamma", "tau_y_ms", "n_y", "tau_z_ms", "n_z"]
    let parameters = try names.map { try weights.parameter($0, [], isBuffer: !isLearned) }
    let stored =
      isLearned
      ? [] : try ["Ky_filter", "Kz_filter"].map { try weights.parameter($0, [1, 1, length], isBuffer: true) }
    tensors = (parameters + stored).enumerated().map { index, parameter in
      var tensor = parameter.stored
      if !isLearned, (2..<names.count).contains(index) { tensor.dead = "the stored filters are used instead" }
      return tensor
    }
    guard weights.loads else {
      (alpha, beta, filters) = (0, 0, [])
      return
    }
    let values = parameters.map { $0.values.first ?? 0 }
    alpha = values[0]
    beta = max(values[1], 0)
    guard isLearned else {
      filters = stored.flatMap(\.values)
      return
    }
    let rate = site.context.samplingRate
    let fast = Self.filter(milliseconds: values[3], order: max(values[4], 0.5), rate: rate, length: length)
    let slow = Self.filter(milliseconds: values[5], order: max(values[6], 0.1), rate: rate, length: length)
    let mix = min(max(values[2], 0), 1)
    let mixed = zip(fast, slow).map { mix * $0 + (1 - mix) * $1 }
    filters = fast.reversed() + mixed.reversed()
  }

  private static func filter(milliseconds: Float, order: Float, rate: Double, length: Int) -> [Float] {
    let n = Double(order)
    let tau = max(Double(max(milliseconds, 0.01)) / 1000 * rate, 0.1)
    let norm = max(pow(tau, n + 1) * tgamma(n + 1), 1e-9)
    return (0..<length).map { Float(pow(Double($0), n) * exp(-Double($0) / tau) / norm) }
  }

  var detail: String { "dynamic adaptation, \(length) lags\(isLearned ? ", learned" : "")" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, 1)
    return input
  }

  func forward(_ input: Features) -> Features {
    let shape = input.shape
    // Older lags than the input has meet zeros only.
    let reach = min(length, shape.time)
    let recent = filters[length - reach..<length] + filters[2 * length - reach..<2 * length]
    let convolution = Convolution(
      weight: Array(recent), outChannels: 2, inChannels: 1, time: .init(kernel: reach), height: .init(kernel: 1),
      width: .init(kernel: 1))
    let before = [Float](repeating: 0, count: (reach - 1) * shape.plane)
    let both = convolution(
      before + input.values, time: shape.time + reach - 1, height: shape.height, width: shape.width)
    var out = input
    for time in 0..<shape.time {
      let y = 2 * time * shape.plane
      let z = y + shape.plane
      for index in 0..<shape.plane {
        out.values[time * shape.plane + index] = alpha * both[y + index] / max(1 + beta * both[z + index], 1e-6)
      }
    }
    return out
  }
}

extension DynamicAdaptation: TemporalFilters {
  /// y is what is divided, z what divides it.
  func temporalKernels(from source: any ArraySource) -> [TemporalKernel] {
    ["y", "z (divides)"].enumerated().map { index, name in
      TemporalKernel(
        name: name, lags: Array(0..<length), side: .newer, plane: [1, 1],
        weights: [filters[index * length..<(index + 1) * length].reversed()],
        fixed: isLearned ? nil : "stored as a buffer, training does not move it")
    }
  }
}
