import Base
import Layers

/// A tensor of weights in another shape of the same rank.
///
/// Axes from the third on are those of a kernel: it is cropped around its centre, or stands among zeros in the centre of the
/// larger one. Under a window it is the kernel as it acts that keeps its values: a stored value is divided by the new window and
/// multiplied by the old one. On the first two axes channels are matched part by part, in each from the first one on; those that
/// are new take other values.
struct ResizedTensor {
  let tensor: Tensor
  let outcome: TensorFate.Outcome
  /// For each position on the first axis the old one; nil for a new channel.
  let rows: [Int?]
  /// What became of kernels of another size; nil where their size is the same.
  private(set) var kernels: ResizedKernels?

  /// - Parameters:
  ///   - fresh: the values of channels that `old` does not have, in the new shape.
  ///   - parts: by axis, how the channels of `old` and of the new tensor are put together; an axis without is one part.
  ///   - windows: over the kernels of `old` and over the new ones, along each of their axes; nil where there is none.
  init(
    _ old: Tensor, fresh: Tensor, parts: (old: [Int: JoinedChannels], new: [Int: JoinedChannels]) = ([:], [:]),
    windows: (old: [[Float]]?, new: [[Float]]?) = (nil, nil)
  ) {
    let shape = fresh.shape
    precondition(old.rank == fresh.rank)
    let sizes = (old: Array(old.shape.dropFirst(2)), new: Array(shape.dropFirst(2)))
    let (oldTaps, newTaps) = (sizes.old.reduce(1, *), sizes.new.reduce(1, *))
    let channels = shape.indices.prefix(2).map { axis in
      Self.channels(
        from: Self.fitting(parts.old[axis], old.shape[axis]), to: Self.fitting(parts.new[axis], shape[axis]))
    }
    let taps = KernelTaps(from: sizes.old, to: sizes.new, windows: windows)
    let columns = channels.count > 1 ? channels[1] : [0]
    let oldColumns = old.rank > 1 ? old.shape[1] : 1
    var values = fresh.values
    var lost = 0.0
    for (row, source) in (channels.first ?? [0]).enumerated() {
      guard let source else { continue }
      var energy = (before: 0.0, after: 0.0)
      for (column, from) in columns.enumerated() {
        guard let from else { continue }
        let start = (row * columns.count + column) * newTaps
        let oldStart = (source * oldColumns + from) * oldTaps
        for tap in 0..<newTaps {
          let value = taps.sources[tap].map { old.values[oldStart + $0] * taps.factors[tap] } ?? 0
          values[start + tap] = value
          energy.after += square(value * taps.windows.new[tap])
        }
        for tap in 0..<oldTaps { energy.before += square(old.values[oldStart + tap] * taps.windows.old[tap]) }
      }
      if energy.before > 0 { lost = max(lost, 1 - energy.after / energy.before) }
    }
    tensor = Tensor(shape: shape, values: values)
    rows = channels.first ?? []
    outcome = zip(old.shape, shape).contains { $0 > $1 } ? .cropped : .embedded
    if sizes.old != sizes.new {
      // Rounding alone is no loss.
      kernels = ResizedKernels(shift: KernelTaps.shifts(from: sizes.old, to: sizes.new), lost: lost < 1e-6 ? 0 : lost)
    }
    func square(_ value: Float) -> Double { Double(value) * Double(value) }
  }

  /// A 1x1x1 weight that passes channels on.
  ///
  /// - Parameters:
  ///   - input: the parts of the channels that are passed on.
  ///   - output: how they are put together behind it.
  ///   - fresh: the values for channels that are new.
  ///   - parts: of the weight, by axis.
  static func passing(
    _ input: ChannelParts, as output: ChannelParts, _ fresh: Tensor, _ parts: [Int: JoinedChannels]
  ) -> Tensor {
    let count = input.reduce(0, +)
    var identity = Tensor(zeros: [count, count] + fresh.shape.dropFirst(2).map { _ in 1 })
    for channel in 0..<count { identity.values[channel * count + channel] = 1 }
    return ResizedTensor(identity, fresh: fresh, parts: (old: [0: [output], 1: [input]], new: parts)).tensor
  }

  /// The parts, or one where they are not those of an axis of this length.
  private static func fitting(_ channels: JoinedChannels?, _ length: Int) -> JoinedChannels {
    channels.flatMap { $0.joined().reduce(0, +) == length ? $0 : nil } ?? [[length]]
  }

  private static func channels(from old: JoinedChannels, to new: JoinedChannels) -> [Int?] {
    var sources: [Int?] = []
    var start = 0
    for (place, parts) in new.enumerated() {
      let before = old.indices.contains(place) ? old[place] : []
      // Where one side is not in parts, the other one isn't taken apart either.
      let isWhole = min(before.count, parts.count) == 1 && before.count != parts.count
      let (from, to) = isWhole ? ([before.reduce(0, +)], [parts.reduce(0, +)]) : (before, parts)
      var first = start
      for (index, size) in to.enumerated() {
        let known = from.indices.contains(index) ? from[index] : 0
        sources += (0..<size).map { $0 < known ? first + $0 : nil }
        first += known
      }
      start += before.reduce(0, +)
    }
    return sources
  }
}

/// What became of kernels that have another size now.
public struct ResizedKernels: Sendable, Equatable {
  /// Taps by which they stand later, along time, height and width.
  public var shift: [Int]
  /// The largest share of an output channel's energy (sum of squares of its kernels as they act) that has no place any more.
  public var lost: Double

  /// `1 tap later; up to 7.2 % of a filter's energy has no place`
  public var text: String {
    let time = shift.count == 3 ? shift[0] : 0
    let moved =
      time == 0 ? [] : ["\(abs(time) == 1 ? "1 tap" : "\(abs(time)) taps") \(time > 0 ? "later" : "earlier")"]
    let kept =
      lost == 0 ? [] : ["up to \(NumberText.sentence(100 * lost)) % of a filter's energy has no place any more"]
    return moved.isEmpty && kept.isEmpty ? "they act as before" : (moved + kept).joined(separator: "; ")
  }
}

/// Where each tap of a kernel of another size comes from.
private struct KernelTaps {
  /// For each new tap the old one; nil where there is none, or where the new window is 0.
  let sources: [Int?]
  /// What the old stored value is multiplied by.
  let factors: [Float]
  /// What stored values are multiplied by on their way to the kernel that acts.
  let windows: (old: [Float], new: [Float])

  /// The smallest factor of the window by which a tap can be divided.
  private static let leastFactor: Float = 1e-6

  init(from old: [Int], to new: [Int], windows: (old: [[Float]]?, new: [[Float]]?)) {
    let own = (old: Self.product(windows.old, old), new: Self.product(windows.new, new))
    self.windows = own
    let places = zip(new.indices, Self.shifts(from: old, to: new)).map { axis, shift in
      (0..<new[axis]).map { index in (0..<old[axis]).contains(index - shift) ? index - shift : nil }
    }
    let isSame = old == new
    var sources: [Int?] = [0]
    for (axis, list) in places.enumerated() {
      sources = sources.flatMap { start in list.map { place in start.flatMap { s in place.map { s * old[axis] + $0 } } }
      }
    }
    self.sources =
      isSame ? sources : sources.enumerated().map { abs(own.new[$0.offset]) < Self.leastFactor ? nil : $0.element }
    factors = self.sources.enumerated().map { tap, source in
      guard let source, !isSame else { return 1 }
      return own.old[source] / own.new[tap]
    }
  }

  /// By how many taps a kernel moves so that its centre stays the centre.
  static func shifts(from old: [Int], to new: [Int]) -> [Int] {
    zip(old, new).map { $1 >= $0 ? ($1 - $0) / 2 : -(($0 - $1) / 2) }
  }

  private static func product(_ window: [[Float]]?, _ sizes: [Int]) -> [Float] {
    let axes = sizes.enumerated().map { axis, size -> [Float] in
      let own = window.flatMap { $0.indices.contains(axis) ? $0[axis] : nil }
      return own?.count == size ? own ?? [] : [Float](repeating: 1, count: size)
    }
    return axes.reduce([1]) { found, axis in found.flatMap { value in axis.map { value * $0 } } }
  }
}
