import Base
import Formats
import Foundation
import Kernels

/// Two causal filters at every pixel, the second of which divides the first.
///
/// out = alpha y / max(1 + relu(beta) z, 1e-6). Fixed filters are used as stored; learned ones are gamma filters whose
/// time constants and orders are parameters, and z mixes the fast and a slow one by gamma.
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
  /// alpha, beta, gamma, tau_y_ms, n_y, tau_z_ms, n_z
  private let parameters: [Parameter]
  private let samplingRate: Double
  private let gain: DivisiveGain
  /// Filters of y and z, `[2, lag]`, oldest lag first.
  private let filters: [Float]

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    guard site.inputChannels == 1 else {
      throw Failure(.unsupported, "\(site.options.path): adaptation reads one channel, not \(site.inputChannels)")
    }
    let isLearned = try site.options.bool("learnable_params") ?? false
    let length = try site.options.size("filter_length") ?? 200
    site.options.ignore("height", "width")
    // Where training starts; the stored values are used.
    let names = ["alpha", "beta", "gamma", "tau_y_ms", "n_y", "tau_z_ms", "n_z"]
    let standard: [Double] = [1, 0.00008, 0.5, 5, 5, 60, 2]
    let starts = try zip(names, standard).map { Float(try site.options.double($0) ?? $1) }
    try site.options.finish()
    self.isLearned = isLearned
    self.length = length
    let weights = site.weights
    parameters = try zip(names, starts).map { name, start in
      try weights.parameter(name, [], start: .constant(start), isBuffer: !isLearned)
    }
    samplingRate = site.context.samplingRate
    let filterStarts = Self.stored(starts, length, rate: samplingRate)
    let stored =
      isLearned
      ? []
      : try zip(["Ky_filter", "Kz_filter"], filterStarts).map { name, start in
        try weights.parameter(name, [1, 1, length], start: .values(start), isBuffer: true)
      }
    tensors = (parameters + stored).enumerated().map { index, parameter in
      var tensor = parameter.stored
      if !isLearned, (2..<names.count).contains(index) { tensor.dead = "the stored filters are used instead" }
      return tensor
    }
    guard weights.loads else {
      gain = DivisiveGain(alpha: 0, beta: 0)
      filters = []
      return
    }
    let values = parameters.map { $0.values.first ?? 0 }
    gain = DivisiveGain(alpha: values[0], beta: max(values[1], 0))
    guard isLearned else {
      filters = stored.flatMap(\.values)
      return
    }
    filters = Self.stored(values, length, rate: samplingRate).flatMap { $0 }
  }

  /// The filters y and z, newest step last, from the seven parameters.
  private static func stored(_ values: [Float], _ length: Int, rate: Double) -> [[Float]] {
    let (fast, slow) = filters(values, rate: rate)
    let mix = min(max(values[2], 0), 1)
    let (y, z) = (fast.values(length), slow.values(length))
    return [y.reversed(), zip(y, z).map { mix * $0 + (1 - mix) * $1 }.reversed()]
  }

  private static func filters(_ values: [Float], rate: Double) -> (fast: GammaFilter, slow: GammaFilter) {
    (
      GammaFilter(milliseconds: values[3], order: values[4], smallestOrder: 0.5, rate: rate),
      GammaFilter(milliseconds: values[5], order: values[6], smallestOrder: 0.1, rate: rate)
    )
  }

  var detail: String { "dynamic adaptation, \(length) lags\(isLearned ? ", learned" : "")" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, 1)
    return input
  }

  func forward(_ input: Features) -> Features {
    let shape = input.shape
    let signals = convolution(shape.time)(
      padded(input), time: shape.time + reach(shape.time) - 1, height: shape.height, width: shape.width)
    return Features(shape, gain(signals, positions: shape.plane))
  }

  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    let shape = input.shape
    let convolution = convolution(shape.time)
    let padded = padded(input)
    let plan = convolution.fullPlan(frames: shape.time + reach(shape.time) - 1)
    let signals = convolution(padded, height: shape.height, width: shape.width, plan: plan)
    return (
      Features(shape, gain(signals, positions: shape.plane)),
      { gradient in
        let divided = gain.pullback(gradient.values, signals: signals, positions: shape.plane)
        let gradients = convolution.pullback(
          divided.signals, input: padded, height: shape.height, width: shape.width, plan: plan)
        if isLearned { addParameters(gradients.weight, divided.alpha, divided.beta, pass) }
        return Features(shape, Array(gradients.input.suffix(shape.count)))
      }
    )
  }

  /// Older lags than the input has meet zeros only.
  private func reach(_ time: Int) -> Int { min(length, time) }

  private func convolution(_ time: Int) -> Convolution {
    let reach = reach(time)
    return Convolution(
      weight: Array(filters[length - reach..<length] + filters[2 * length - reach..<2 * length]), outChannels: 2,
      inChannels: 1, time: .init(kernel: reach), height: .init(kernel: 1), width: .init(kernel: 1))
  }

  private func padded(_ input: Features) -> [Float] {
    [Float](repeating: 0, count: (reach(input.shape.time) - 1) * input.shape.plane) + input.values
  }

  /// From the gradients of the filters, `[y or z, lag]` with the oldest lag first, to the seven parameters'. A value beyond
  /// its limit has none.
  private func addParameters(_ filterGradient: [Float], _ alpha: Float, _ beta: Float, _ pass: Pass) {
    let values = parameters.map { $0.values.first ?? 0 }
    let reach = filterGradient.count / 2
    let y = filterGradient[..<reach].reversed().map(Double.init)
    let z = filterGradient[reach...].reversed().map(Double.init)
    let (fast, slow) = Self.filters(values, rate: samplingRate)
    let (fastValues, slowValues) = (fast.values(reach), slow.values(reach))
    let mix = Double(min(max(values[2], 0), 1))
    let mixGradient = (0..<reach).reduce(0.0) { $0 + z[$1] * Double(fastValues[$1] - slowValues[$1]) }
    let (fastTime, fastOrder) = fast.pullback(zip(y, z).map { $0 + mix * $1 })
    let (slowTime, slowOrder) = slow.pullback(z.map { (1 - mix) * $0 })
    let gradients: [Double] = [
      Double(alpha), values[1] > 0 ? Double(beta) : 0, values[2] >= 0 && values[2] <= 1 ? mixGradient : 0, fastTime,
      fastOrder, slowTime, slowOrder,
    ]
    for (parameter, gradient) in zip(parameters, gradients) { pass.add([Float(gradient)], to: parameter) }
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
