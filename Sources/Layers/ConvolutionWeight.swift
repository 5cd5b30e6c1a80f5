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
    /// Only where a kernel has no size in space.
    var taps = TapConstraint()
    /// Each output channel's kernels are delayed by a learned time; only where a kernel has no size in space.
    var isDelayed = false

    /// Reads `aa_signal`, `aa_window`, `aa_window_kwargs`, `use_weight_norm`, `weight_norm_dim`.
    init(_ options: inout Section) throws {
      usesWeightNorm = try options.bool("use_weight_norm") ?? false
      // Kept at 1 in training only.
      keepsUnitNorm = try options.bool("keep_unit_norm") ?? false
      let dim = try options.int("weight_norm_dim") ?? 0
      guard (-5..<5).contains(dim) else {
        throw Failure(.unsupported, "\(options.path("weight_norm_dim")): \(dim) is not an axis of a weight (0 to 4)")
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

    /// The taps that window and mask do not hold at 0, of a kernel of three axes.
    func liveTaps(of kernel: [Int]) -> LiveTaps {
      // A sum that is held at 0 gives weight to taps that the window would not.
      guard taps.zeroSum == nil, !isDelayed else {
        return LiveTaps(time: taps.maskedTaps..<kernel[0], height: 0..<kernel[1], width: 0..<kernel[2])
      }
      let axes = kernel.map { size -> Range<Int> in
        let values = size >= 5 ? window?.values(size) : nil
        guard let values, let first = values.firstIndex(where: { $0 != 0 }),
          let last = values.lastIndex(where: { $0 != 0 })
        else { return 0..<size }
        return first..<last + 1
      }
      let first = min(max(axes[0].lowerBound, taps.maskedTaps), axes[0].upperBound)
      return LiveTaps(time: first..<axes[0].upperBound, height: axes[1], width: axes[2])
    }

    /// `, weight norm, hann window`
    var detail: String {
      (usesWeightNorm ? ", weight norm" : "") + (window.map { ", \($0.kind) window" } ?? "")
        + (isDelayed ? ", learned delay" : "") + taps.detail
    }

    /// The window along time; ones where there is none.
    func timeWindow(_ size: Int) -> [Float] {
      size >= 5 ? window?.values(size) ?? [Float](repeating: 1, count: size) : [Float](repeating: 1, count: size)
    }
  }

  private(set) var tensors: [StoredTensor]
  /// Effective values; empty while only the architecture is built.
  private(set) var values: [Float]
  private let shape: [Int]
  private let options: Options
  /// The stored weight, or its direction v; with values only where gradients are needed.
  private var base: Parameter
  /// g
  private var length: Parameter?
  private var delay: Parameter?
  /// The kernels before the delay; empty where they are not needed.
  private var undelayed: [Float] = []

  init(_ weights: Weights, shape: [Int], options: Options, start given: Start? = nil) throws {
    let start = given ?? .weight(shape)
    self.shape = shape
    self.options = options
    let silent = Self.silentTaps(options, shape: shape)
    if !options.usesWeightNorm, options.window == nil {
      base = try weights.parameter("weight", shape, start: start)
      base.stored.silentTaps = silent
      tensors = [base.stored]
    } else {
      let stored = weights.scope("parametrizations.weight")
      var original = try stored.parameter("original", shape, start: start, isRead: !options.usesWeightNorm)
      if options.usesWeightNorm {
        original.stored.dead = "weight norm works with 0.v and 0.g; `original` is never read"
        base = try stored.parameter("0.v", shape, start: .copy(of: original.stored.name))
        base.stored.silentTaps = silent
        var length = try stored.parameter(
          "0.g", [shape[options.normAxis]],
          start: options.keepsUnitNorm
            ? .constant(1) : .lengths(of: original.stored.name, axis: options.normAxis))
        if options.keepsUnitNorm { length.stored.fixed = "keep_unit_norm: no gradient reaches it" }
        self.length = length
        tensors = [original.stored, base.stored, length.stored]
      } else {
        base = original
        base.stored.silentTaps = silent
        tensors = [base.stored]
      }
    }
    if options.window != nil {
      base.stored.window = shape.dropFirst(2).map(options.timeWindow)
      let stored = base.stored
      tensors = tensors.map { $0.name == stored.name ? stored : $0 }
    }
    if options.isDelayed {
      let delay = try weights.parameter("delay", [shape[0]], start: .constant(0))
      tensors.append(delay.stored)
      self.delay = delay
    }
    values = base.values
    guard weights.loads else { return }
    if let length { Self.normalise(&values, shape, axis: options.normAxis, to: length.values) }
    if let window = options.window { Self.apply(window, to: &values, shape: shape) }
    if let delay {
      if weights.purpose == .training { undelayed = values }
      values = kernelDelay.applied(to: values, delay.values)
    }
    options.taps.apply(to: &values, window: timeWindow)
    if weights.purpose != .training { base.values = [] }
  }

  /// The stored tensor that a gradient of the direction reaches.
  var baseName: String { base.stored.name }
  /// That tensor, and the lengths of its directions under weight norm.
  var storedParts: (weight: StoredTensor, length: StoredTensor?) { (base.stored, length?.stored) }
  /// Whether a pass asks for a gradient of one of the stored tensors.
  func isWanted(_ pass: Pass) -> Bool {
    pass.wants(base.stored) || pass.wants(length?.stored) || pass.wants(delay?.stored)
  }

  /// Adds what a gradient of the effective weight means for the stored tensors.
  ///
  /// With n = |v| and w = g v / n: dg = (dw . v) / n, dv = g (dw - v (dw . v) / n^2) / n.
  func pullback(_ gradient: [Float], _ pass: Pass) {
    var gradient = gradient
    options.taps.pullback(&gradient, window: timeWindow)
    if let delay {
      let back = kernelDelay.pullback(gradient, undelayed, delay.values)
      gradient = back.kernels
      pass.add(back.delays, to: delay)
    }
    if let window = options.window { Self.apply(window, to: &gradient, shape: shape) }
    guard let length else {
      pass.add(gradient, to: base)
      return
    }
    precondition(base.values.count == gradient.count, "\(base.stored.name) was not loaded for training")
    var lengths = [Float](repeating: 0, count: length.values.count)
    Self.forEachNorm(shape, axis: options.normAxis) { index, ranges in
      let norm = max(
        ranges.reduce(0.0) { $0 + Reduction.sumOfSquares(base.values, in: $1) }.squareRoot(), Self.smallestNorm)
      let product = ranges.reduce(0.0) {
        $0 + Reduction.dot(gradient, from: $1.lowerBound, base.values, from: $1.lowerBound, count: $1.count)
      }
      lengths[index] = Float(product / norm)
      let scale = Double(length.values[index]) / norm
      for range in ranges {
        Elementwise.combine(
          &gradient, in: range, scale: Float(scale), with: base.values,
          scale: Float(-scale * product / (norm * norm)), center: 0, shift: 0)
      }
    }
    pass.add(gradient, to: base)
    pass.add(lengths, to: length)
  }

  private var kernelDelay: KernelDelay { KernelDelay(taps: shape.count == 5 ? shape[2] : 1) }

  private var timeWindow: [Float] { options.timeWindow(shape.count == 5 ? shape[2] : 1) }

  /// Taps on which the window or the mask is 0; a Blackman window's ends miss it by rounding alone (1e-8 in torch).
  private static func silentTaps(_ options: Options, shape: [Int]) -> SilentTaps? {
    let sizes = shape.suffix(3)
    let masked = options.taps.maskedTaps
    guard sizes.count == 3, options.window != nil || masked > 0 else { return nil }
    var axes = sizes.map { size in
      size >= 5 && !options.isDelayed
        ? options.window?.values(size) ?? [Float](repeating: 1, count: size) : [Float](repeating: 1, count: size)
    }
    let windowed = axes.contains { $0.contains { abs($0) < 1e-6 } }
    for tap in 0..<masked { axes[0][tap] = 0 }
    let heard = axes.reduce(1) { $0 * $1.count { abs($0) >= 1e-6 } }
    let all = sizes.reduce(1, *)
    guard heard < all else { return nil }
    let isExact = axes.allSatisfy { $0.allSatisfy { $0 == 0 || abs($0) >= 1e-6 } }
    let causes = (windowed ? ["the \(options.window?.kind ?? "") window"] : []) + (masked > 0 ? ["the tap mask"] : [])
    return SilentTaps(
      count: all - heard, of: all, why: "\(isExact ? "" : "all but ")zeroed by \(causes.joined(separator: " and "))")
  }

  private static let smallestNorm = 1e-12

  private static func normalise(_ values: inout [Float], _ shape: [Int], axis: Int, to lengths: [Float]) {
    forEachNorm(shape, axis: axis) { index, ranges in
      let norm = ranges.reduce(0.0) { $0 + Reduction.sumOfSquares(values, in: $1) }.squareRoot()
      let scale = Float(Double(lengths[index]) / max(norm, smallestNorm))
      for range in ranges { Elementwise.scaleShift(&values, in: range, scale: scale, shift: 0) }
    }
  }

  /// The values that each length governs: a row of them, again in every outer block.
  private static func forEachNorm(_ shape: [Int], axis: Int, _ body: (_ index: Int, _ ranges: [Range<Int>]) -> Void) {
    let size = shape[(axis + 1)...].reduce(1, *)
    for index in 0..<shape[axis] {
      body(
        index,
        stride(from: index * size, to: shape.reduce(1, *), by: shape[axis] * size).map { $0..<$0 + size })
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
