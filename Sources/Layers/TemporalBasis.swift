import Base
import Formats
import Kernels

/// Every pixel's past projected onto stored basis functions of time.
///
/// Causal: output(t) = sum_j basis_j x(t - j); the stored basis is reversed in time. Otherwise the basis is turned
/// back and reads around t. Zeros outside; `chomp` drops the first outputs.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, channel basis, time - chomp, height, width]`
/// - Source: SEMANTICS 5
struct TemporalBasis: NamedLayer {
  static let typeNames = ["temporal_basis"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let inputChannels: Int
  private let count: Int
  private let length: Int
  private let chomp: Int
  private let isCausal: Bool
  /// Along time alone; nil while not loaded.
  private let basis: Convolution?
  private let norm: BatchNorm?
  /// `[function, tap]` as the convolution applies them.
  private let filters: [Float]

  init(_ site: inout Site) throws {
    name = site.weights.prefix
    inputChannels = site.inputChannels
    isCausal = try site.options.bool("causal") ?? true
    chomp = try site.options.size("chomp", minimum: 0) ?? 0
    let hasNorm = try site.options.bool("batch_norm") ?? false
    let start = try Self.start(&site.options)
    site.options.ignore("sampling_rate")
    try site.options.finish()
    // How the basis was made says how a new one starts; a stored one is used as it is.
    let sizes: [Int?] = site.weights.source is Blueprint ? [start.count, 1, start[0].count] : [nil, 1, nil]
    let stored = try site.weights.parameter(
      "basis", sizes, start: .values(start.flatMap { $0.reversed().map(Float.init) }), isBuffer: true)
    count = stored.shape[0]
    length = stored.shape[2]
    guard count > 0, length > 0 else {
      throw Failure(.mismatch, "\(stored.stored.name): a basis of shape \(stored.shape) holds nothing")
    }
    outputChannels = inputChannels * count
    let functions = stored.values
    let size = length
    filters =
      isCausal
      ? functions
      : (0..<(functions.count / size)).flatMap { Array(functions[$0 * size..<($0 + 1) * size].reversed()) }
    basis =
      site.weights.loads
      ? Convolution(
        weight: filters, outChannels: count, inChannels: 1, time: .init(kernel: size), height: .init(kernel: 1),
        width: .init(kernel: 1), backend: site.weights.backend) : nil
    norm = hasNorm ? try BatchNorm(site.weights.scope("bn"), channels: count) : nil
    tensors = [stored.stored] + (norm?.tensors ?? [])
  }

  /// The functions that VisionCore makes of the options.
  private static func start(_ options: inout Section) throws -> [[Double]] {
    var basis = RaisedCosines()
    basis.deltas = try options.size("num_delta_funcs", minimum: 0) ?? 0
    basis.cosines = try options.size("num_cosine_funcs", minimum: 0) ?? 10
    basis.bins = try options.size("history_bins") ?? 32
    basis.isLogarithmic = try options.bool("log_spacing") ?? true
    basis.binMilliseconds = try options.double("bin_size_ms") ?? 5
    basis.isNormalised = try options.bool("normalize") ?? true
    basis.isOrthogonal = try options.bool("orthogonalize") ?? false
    let ends = try options.doubles("peak_range_ms") ?? [5, 100]
    guard ends.count == 2, ends[0] < ends[1], ends.allSatisfy(\.isFinite), ends[0] > 0 || !basis.isLogarithmic else {
      throw Failure(.unsupported, "\(options.path("peak_range_ms")): two ascending times are needed")
    }
    basis.peaks = ends[0]...ends[1]
    guard basis.deltas + basis.cosines > 0, basis.deltas <= basis.bins else {
      throw Failure(
        .unsupported,
        "\(options.path): \(basis.deltas) deltas and \(basis.cosines) cosines do not fit \(basis.bins) bins")
    }
    return basis.functions
  }

  var detail: String { "temporal basis of \(count) functions, \(length) lags" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, inputChannels)
    var out = input
    out.channels = outputChannels
    out.time = input.time - chomp
    guard out.time > 0 else { throw misfit("chomp leaves nothing of \(input.time) time steps", input) }
    return out
  }

  func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    try batch.cancellation.check()
    return try batch.mappingSamples { forward($1) }
  }

  private func forward(_ input: Features) -> Features {
    var projected = projected(input)
    if let norm { projected = norm.forward(projected) }
    return Features(
      outputShape(input.shape),
      BlockGather.gather(projected.values, size: input.shape.plane, order: order(input.shape)))
  }

  /// All samples together, so that the norm can see them all.
  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    var samples = try batch.tracedSamples { _, input in (projected(input), { unprojected($0, input) }) }
    var pullbacks = [samples.pullback]
    if let norm {
      let normed = try norm.traced(samples.output, pass)
      samples.output = normed.output
      pullbacks.append(normed.pullback)
    }
    let shape = batch.shape
    let ordered = try samples.output.tracedSamples { _, projected in
      let order = order(shape)
      return (
        Features(outputShape(shape), BlockGather.gather(projected.values, size: shape.plane, order: order)),
        { gradient in
          Features(
            projected.shape,
            BlockGather.pullback(
              gradient.values, size: shape.plane, order: order, count: projected.values.count / shape.plane))
        }
      )
    }
    return (ordered.output, chained(pullbacks + [ordered.pullback]))
  }

  private func outputShape(_ shape: FeatureShape) -> FeatureShape {
    FeatureShape(channels: outputChannels, time: shape.time - chomp, height: shape.height, width: shape.width)
  }

  /// `[time, function, input channel height, width]`: channels are alike, so their planes side by side are one wide plane.
  private func projected(_ input: Features) -> Features {
    guard let basis else { preconditionFailure("\(name) is not loaded") }
    let shape = input.shape
    return Features(
      FeatureShape(channels: count, time: shape.time, height: shape.channels * shape.height, width: shape.width),
      basis(
        padded(input), time: shape.time + length - 1, height: shape.channels * shape.height, width: shape.width))
  }

  private func unprojected(_ gradient: Features, _ input: Features) -> Features {
    guard let basis else { preconditionFailure("\(name) is not loaded") }
    let shape = input.shape
    let padded = basis.pullback(
      gradient.values, input: padded(input), height: shape.channels * shape.height, width: shape.width,
      plan: basis.fullPlan(frames: shape.time + length - 1)
    ).input
    return Features(shape, Array(padded[before * shape.frame..<(before + shape.time) * shape.frame]))
  }

  /// Zeros that a window needs before its first step.
  private var before: Int { isCausal ? length - 1 : length / 2 }

  private func padded(_ input: Features) -> [Float] {
    let frame = input.shape.frame
    let zeros = [Float](repeating: 0, count: max(before, length - 1 - before) * frame)
    return Array(zeros.prefix(before * frame) + input.values + zeros.prefix((length - 1 - before) * frame))
  }

  /// Planes of `[time, function, channel]` in the order `[time, channel, function]`, without the first `chomp` steps.
  private func order(_ shape: FeatureShape) -> [Int] {
    (chomp..<shape.time).flatMap { time in
      (0..<shape.channels).flatMap { channel in
        (0..<count).map { (time * count + $0) * shape.channels + channel }
      }
    }
  }
}

extension TemporalBasis: TemporalFilters {
  func temporalKernels(from source: any ArraySource) -> [TemporalKernel] {
    // A causal function meets its own step with its last tap.
    let lags = (0..<length).map { isCausal ? $0 : $0 - length / 2 }
    return (0..<count).map { function in
      let taps = Array(filters[function * length..<(function + 1) * length])
      return TemporalKernel(
        name: "basis \(function)", lags: lags, side: isCausal ? .newer : .both, plane: [1, 1],
        weights: [isCausal ? taps.reversed() : taps], fixed: "stored as a buffer, training does not move it")
    }
  }
}
