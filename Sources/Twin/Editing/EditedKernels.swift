import Base
import Formats
import Layers

/// The kernels of a frontend of learned temporal filters after some changes, and the stored tensors that make them so.
///
/// What acts is the stored kernel times the window, so a stored tap is the wanted one divided by the window's value there. Where
/// the window or the tap mask is 0, no stored value gives weight: what a change puts there is lost.
public struct EditedKernels: Sendable {
  /// Kernels that acted before, `[kernel][tap]`.
  public let before: [[Double]]
  public let after: [[Double]]
  /// Of each kernel, the share of its energy (sum of squares) that fell on taps that can't have weight.
  public let lost: [Double]
  /// Stored tensors with their new values.
  let tensors: [NamedArray]

  /// The smallest factor of the window by which a tap can be divided.
  private static let leastFactor: Float = 1e-6

  /// - Parameter rateHz: taps per second; nil where unknown.
  /// - Throws: `unsupported` for a frontend without such kernels, or one whose kernels are changed once more after the window;
  ///   as `KernelEdit`.
  init(_ edits: [KernelEdit], on architecture: TwinArchitecture, source: any ArraySource, rateHz: Double?) throws {
    let network = try TwinNetwork(architecture: architecture, source: source, heads: [])
    guard let filters = architecture.frontendFilters, let kernels = network.effectiveKernels else {
      throw Failure(
        .unsupported, "the frontend is not of the type learnable_temporal: it has no kernels that could be changed")
    }
    guard !filters.isDelayed else {
      throw Failure(
        .unsupported, "a learned delay moves the kernels after the window, so they can't be set",
        hint: "take it away first: --set frontend.params.delay=null")
    }
    let factors = filters.factors
    let isLive = factors.map { abs($0) >= Self.leastFactor }
    let taps = factors.count
    try KernelEdit.checkBand(edits, taps: taps, rateHz: rateHz)
    var (before, after, lost): ([[Double]], [[Double]], [Double]) = ([], [], [])
    for start in stride(from: 0, to: kernels.values.count, by: taps) {
      let old = kernels.values[start..<start + taps].map(Double.init)
      var (kernel, energy, gone) = (old, 0.0, 0.0)
      for edit in edits {
        let wanted = try edit.applied(to: kernel, isLive: isLive, rateHz: rateHz)
        kernel = wanted.indices.map { isLive[$0] ? wanted[$0] : 0 }
        energy = Self.energy(wanted)
        gone += energy - Self.energy(kernel)
      }
      before.append(old)
      after.append(kernel)
      lost.append(gone > 0 ? gone / (gone + Self.energy(kernel)) : 0)
    }
    (self.before, self.after, self.lost) = (before, after, lost)
    tensors = try Self.stored(after, from: before, filters, isLive, source)
    let replaced = ReplacedArrays(
      source, without: [],
      with: Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first }))
    let acting = try TwinNetwork(architecture: architecture, source: replaced, heads: []).effectiveKernels
    try Self.check(acting?.values ?? [], after)
  }

  private static func energy(_ kernel: [Double]) -> Double { kernel.reduce(0) { $0 + $1 * $1 } }

  /// A sum that is held at 0 would change them once more.
  private static func check(_ acting: [Float], _ wanted: [[Double]]) throws {
    let values = wanted.flatMap(\.self)
    let largest = values.reduce(0) { max($0, abs($1)) }
    guard acting.count == values.count, zip(acting, values).allSatisfy({ abs(Double($0) - $1) <= 1e-4 * largest })
    else {
      throw Failure(
        .unsupported,
        "frontend.params.zero_sum holds the sum of every kernel at 0, and these changes would give it another",
        hint: "take it away first: --set frontend.params.zero_sum=null")
    }
  }

  /// The stored kernels that act as `kernels`; under weight norm the direction and its length.
  private static func stored(
    _ kernels: [[Double]], from old: [[Double]], _ filters: FrontendFilters, _ isLive: [Bool], _ source: any ArraySource
  ) throws -> [NamedArray] {
    var base = try source.tensor(filters.name)
    let taps = filters.factors.count
    guard base.values.count == kernels.count * taps else {
      throw Failure(
        .mismatch, "`\(filters.name)` has \(base.values.count) values, not \(kernels.count) kernels of \(taps)")
    }
    let isNormed = filters.name.hasSuffix(".0.v")
    for (row, kernel) in kernels.enumerated() {
      // What stays keeps its bits.
      for tap in 0..<taps where isLive[tap] && (isNormed || kernel[tap] != old[row][tap]) {
        base.values[row * taps + tap] = Float(kernel[tap] / Double(filters.factors[tap]))
      }
      // A length counts all taps; without weight norm, what the window hides may stay.
      if isNormed { for tap in 0..<taps where !isLive[tap] { base.values[row * taps + tap] = 0 } }
    }
    guard isNormed else { return [NamedArray(filters.name, base)] }
    let name = String(filters.name.dropLast()) + "g"
    var lengths = try source.tensor(name)
    guard let channels = base.shape.first, channels > 0, lengths.values.count == channels else {
      throw Failure(.unsupported, "`\(name)` has a length for another axis than the kernels'")
    }
    let width = base.values.count / channels
    let former = try source.tensor(filters.name)
    for channel in 0..<channels {
      let range = channel * width..<(channel + 1) * width
      let square = base.values[range].reduce(0.0) { $0 + Double($1) * Double($1) }
      lengths.values[channel] = Float(square.squareRoot())
      // A direction of length 0 would be none: the length says that nothing acts.
      if square == 0 { for index in range { base.values[index] = former.values[index] } }
    }
    return [NamedArray(filters.name, base), NamedArray(name, lengths)]
  }
}

extension EditedTwin {
  /// The twin with its temporal kernels changed, one change after the other.
  ///
  /// - Throws: as `EditedKernels`.
  public func changingKernels(_ edits: [KernelEdit]) throws -> (twin: EditedTwin, kernels: EditedKernels) {
    let kernels = try EditedKernels(edits, on: architecture, source: source, rateHz: architecture.tapRateHz)
    let names = Set(kernels.tensors.map(\.name))
    var twin = self
    twin.changed = changed.filter { !names.contains($0.name) } + kernels.tensors
    for index in twin.fates.indices where names.contains(twin.fates[index].name) && twin.fates[index].outcome != .new {
      twin.fates[index].outcome = .changed
    }
    twin.source = ReplacedArrays(
      source, without: [],
      with: Dictionary(kernels.tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first }))
    twin.architecture = try TwinArchitecture(
      configuration: architecture.configuration, source: twin.source, heads: architecture.headConfigurations)
    return (twin, kernels)
  }
}

extension TwinArchitecture {
  /// Taps of the frontend's kernels per second; nil where the configuration has no rate.
  public var tapRateHz: Double? { samplingRate.map { $0 / Double(tapStep) } }
}
