import Base
import Layers

/// A tensor of weights in another shape of the same rank.
///
/// Axes from the third on are those of a kernel: it is cropped around its centre, or stands among zeros in the centre of the
/// larger one. On the first two axes channels are matched part by part, in each from the first one on; those that are new take
/// other values.
struct ResizedTensor {
  let tensor: Tensor
  let outcome: TensorFate.Outcome
  /// For each position on the first axis the old one; nil for a new channel.
  let rows: [Int?]

  /// - Parameters:
  ///   - fresh: the values of channels that `old` does not have, in the new shape.
  ///   - parts: by axis, how the channels of `old` and of the new tensor are put together; an axis without is one part.
  init(_ old: Tensor, fresh: Tensor, parts: (old: [Int: JoinedChannels], new: [Int: JoinedChannels]) = ([:], [:])) {
    let shape = fresh.shape
    precondition(old.rank == fresh.rank)
    // By axis, for each new position the old one, or where there is none.
    let sources = shape.indices.map { axis in
      axis >= 2
        ? Self.taps(from: old.shape[axis], to: shape[axis])
        : Self.channels(
          from: Self.fitting(parts.old[axis], old.shape[axis]), to: Self.fitting(parts.new[axis], shape[axis]))
    }
    var values = fresh.values
    var position = [Int](repeating: 0, count: shape.count)
    for index in values.indices {
      var place = 0
      var isMissing = (channel: false, tap: false)
      for axis in shape.indices {
        if let source = sources[axis][position[axis]] {
          place = place * old.shape[axis] + source
        } else if axis < 2 {
          isMissing.channel = true
        } else {
          isMissing.tap = true
        }
      }
      if !isMissing.channel { values[index] = isMissing.tap ? 0 : old.values[place] }
      for axis in shape.indices.reversed() {
        position[axis] += 1
        if position[axis] < shape[axis] { break }
        position[axis] = 0
      }
    }
    tensor = Tensor(shape: shape, values: values)
    rows = sources.first ?? []
    outcome = zip(old.shape, shape).contains { $0 > $1 } ? .cropped : .embedded
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
      var first = start
      for (index, size) in parts.enumerated() {
        let known = before.indices.contains(index) ? before[index] : 0
        sources += (0..<size).map { $0 < known ? first + $0 : nil }
        first += known
      }
      start += before.reduce(0, +)
    }
    return sources
  }

  private static func taps(from old: Int, to new: Int) -> [Int?] {
    let shift = new >= old ? (new - old) / 2 : -((old - new) / 2)
    return (0..<new).map { index in
      let source = index - shift
      return source >= 0 && source < old ? source : nil
    }
  }
}
