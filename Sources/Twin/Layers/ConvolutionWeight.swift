import Base
import Kernels

/// The weight that a convolution works with: window * (g v / |v|).
///
/// Weight norm comes first (over all axes but one, as a rule the output channel), the window second, on axes of 5
/// taps or more. With weight norm, `original` is stored but dead.
///
/// - Shapes: `[out channel, in channel / groups, time, height, width]`
/// - Source: SEMANTICS 6
struct ConvolutionWeight: Sendable {
  /// How a convolution's weight is parametrised.
  struct Options: Sendable {
    var usesWeightNorm = false
    /// The norm g was held at its start in training.
    var keepsUnitNorm = false
    /// The axis that keeps a norm of its own; 0 is the output channel.
    var normAxis = 0
    var window: SignalWindow?

    /// Reads `aa_signal`, `aa_window`, `aa_window_kwargs`, `use_weight_norm`, `weight_norm_dim`.
    init(_ options: inout Section) throws {
      usesWeightNorm = try options.bool("use_weight_norm") ?? false
      // Kept at 1 in training only.
      keepsUnitNorm = try options.bool("keep_unit_norm") ?? false
      let dim = try options.int("weight_norm_dim") ?? 0
      guard (-5..<5).contains(dim) else {
        throw Failure(.unsupported, "\(options.path("weight_norm_dim")): \(dim) is no axis of a weight (0 to 4)")
      }
      normAxis = dim < 0 ? dim + 5 : dim
      if try options.bool("aa_freq") ?? false {
        throw Failure(.unsupported, "\(options.path("aa_freq")): windows in the frequency domain are not known")
      }
      options.ignore("aa_fft_pad", "aa_double_time")
      let hasWindow = try options.bool("aa_signal") ?? false
      guard hasWindow else {
        options.ignore("aa_window", "aa_window_kwargs")
        return
      }
      let kind = try options.string("aa_window") ?? "hann"
      var windowOptions = try options.section("aa_window_kwargs")
      window = try SignalWindow(kind: kind, at: options.path("aa_window"), options: &windowOptions)
    }

    init() {}

    /// `, weight norm, hann window`
    var detail: String {
      (usesWeightNorm ? ", weight norm" : "") + (window.map { ", \($0.kind) window" } ?? "")
    }
  }

  var tensors: [StoredTensor]
  /// Effective values; empty while only the architecture is built.
  var values: [Float]

  init(_ weights: Weights, shape: [Int], options: Options) throws {
    guard options.usesWeightNorm || options.window != nil else {
      let plain = try weights.parameter("weight", shape)
      tensors = [plain.stored]
      values = plain.values
      return
    }
    let stored = weights.scope("parametrizations.weight")
    let original = try stored.parameter("original", shape, isRead: !options.usesWeightNorm)
    let silent = options.window.flatMap { Self.silentTaps($0, shape: shape) }
    tensors = [original.stored]
    values = original.values
    if options.usesWeightNorm {
      var direction = try stored.parameter("0.v", shape)
      var length = try stored.parameter("0.g", [shape[options.normAxis]])
      tensors[0].dead = "weight norm works with 0.v and 0.g; `original` is never read"
      direction.stored.silentTaps = silent
      if options.keepsUnitNorm { length.stored.fixed = "keep_unit_norm: no gradient reaches it" }
      tensors += [direction.stored, length.stored]
      values = direction.values
      if weights.loads { Self.normalise(&values, shape, axis: options.normAxis, to: length.values) }
    } else {
      tensors[0].silentTaps = silent
    }
    if weights.loads, let window = options.window { Self.apply(window, to: &values, shape: shape) }
  }

  /// Taps on which the window is 0; a Blackman window's ends miss it by rounding alone (1e-8 in torch).
  private static func silentTaps(_ window: SignalWindow, shape: [Int]) -> SilentTaps? {
    let sizes = shape.suffix(3)
    guard sizes.count == 3 else { return nil }
    let axes = sizes.map { $0 >= 5 ? window.values($0) : [Float](repeating: 1, count: $0) }
    let heard = axes.reduce(1) { $0 * $1.count { abs($0) >= 1e-6 } }
    let all = sizes.reduce(1, *)
    guard heard < all else { return nil }
    let isExact = axes.allSatisfy { $0.allSatisfy { $0 == 0 || abs($0) >= 1e-6 } }
    return SilentTaps(
      count: all - heard, of: all, why: "\(isExact ? "" : "all but ")zeroed by the \(window.kind) window")
  }

  private static func normalise(_ values: inout [Float], _ shape: [Int], axis: Int, to lengths: [Float]) {
    let size = shape[(axis + 1)...].reduce(1, *)
    // Each length governs `size` values in a row, again in every outer block.
    for (index, length) in lengths.enumerated() {
      let starts = stride(from: index * size, to: values.count, by: lengths.count * size)
      let norm = starts.reduce(0.0) { $0 + Reduction.sumOfSquares(values, in: $1..<$1 + size) }.squareRoot()
      let scale = Float(Double(length) / max(norm, 1e-12))
      for start in starts { Elementwise.scaleShift(&values, in: start..<start + size, scale: scale, shift: 0) }
    }
  }

  private static func apply(_ window: SignalWindow, to values: inout [Float], shape: [Int]) {
    let axes = shape.suffix(3).map { $0 >= 5 ? window.values($0) : [Float](repeating: 1, count: $0) }
    guard axes.count == 3 else { return }
    let product = axes[0].flatMap { t in axes[1].flatMap { y in axes[2].map { x in t * y * x } } }
    for start in stride(from: 0, to: values.count, by: product.count) {
      Elementwise.multiply(product, to: &values, at: start, count: product.count)
    }
  }
}
