import Kernels

/// Size of one sample's features.
public struct FeatureShape: Sendable, Equatable {
  public var channels: Int
  public var time: Int
  public var height: Int
  public var width: Int

  public init(channels: Int, time: Int, height: Int, width: Int) {
    self.channels = channels
    self.time = time
    self.height = height
    self.width = width
  }

  /// The part of the size of `other` that takes the last time steps and the centre of space: where it begins, and its
  /// counts, along time, height and width.
  package func lastAndCentre(_ other: FeatureShape) -> (first: [Int], counts: [Int]) {
    (
      [time - other.time, (height - other.height) / 2, (width - other.width) / 2],
      [other.time, other.height, other.width]
    )
  }

  package var plane: Int { height * width }
  package var frame: Int { channels * plane }
  package var count: Int { time * frame }

  /// A configuration can ask for any padding or grid; beyond 2^28 values (1 GiB) a sample is taken for a mistake.
  package var isReasonable: Bool {
    [channels, time, height, width].reduce(1.0) { $0 * Double($1) } <= Double(1 << 28)
  }
}

extension FeatureShape: CustomStringConvertible {
  /// `16x5x18x18`: channel, time, height, width.
  public var description: String { "\(channels)x\(time)x\(height)x\(width)" }
}

/// Features of one sample.
///
/// Stored `[time, channel, height, width]`, unlike the files' `[channel, time, …]`: a time step is one piece of
/// memory, which convolutions over time, recurrent steps and the readout's last step all want.
package struct Features: Sendable {
  package var shape: FeatureShape
  package var values: [Float]

  package init(_ shape: FeatureShape, _ values: [Float]) {
    precondition(values.count == shape.count, "features of \(shape) with \(values.count) values")
    self.shape = shape
    self.values = values
  }

  /// Range of one channel's plane at one time step.
  package func plane(time: Int, channel: Int) -> Range<Int> {
    let start = (time * shape.channels + channel) * shape.plane
    return start..<start + shape.plane
  }

  /// From `[channel, time, height, width]`.
  package init(channelsFirst values: ArraySlice<Float>, shape: FeatureShape) {
    if shape.channels == 1 || shape.time == 1 {
      self.init(shape, Array(values))
      return
    }
    var out: [Float] = []
    out.reserveCapacity(shape.count)
    for t in 0..<shape.time {
      for c in 0..<shape.channels {
        let start = values.startIndex + (c * shape.time + t) * shape.plane
        out.append(contentsOf: values[start..<start + shape.plane])
      }
    }
    self.init(shape, out)
  }

  /// As `[channel, time, height, width]`.
  package var channelsFirst: [Float] {
    if shape.channels == 1 || shape.time == 1 { return values }
    var out: [Float] = []
    out.reserveCapacity(shape.count)
    for c in 0..<shape.channels {
      for t in 0..<shape.time { out.append(contentsOf: values[plane(time: t, channel: c)]) }
    }
    return out
  }
}

extension Features {
  /// Every channel times its scale plus its shift.
  package func scaled(by factors: [(scale: Float, shift: Float)]) -> Features {
    var out = self
    for time in 0..<shape.time {
      for (channel, factor) in factors.enumerated() {
        Elementwise.scaleShift(
          &out.values, in: plane(time: time, channel: channel), scale: factor.scale, shift: factor.shift)
      }
    }
    return out
  }

  /// The part of `counts` steps, rows and columns from `first` on.
  package func cropped(_ first: [Int], _ counts: [Int]) -> Features {
    if counts == [shape.time, shape.height, shape.width] { return self }
    var out: [Float] = []
    out.reserveCapacity(counts[0] * shape.channels * counts[1] * counts[2])
    for time in first[0]..<first[0] + counts[0] {
      for channel in 0..<shape.channels {
        let start = plane(time: time, channel: channel).lowerBound + first[2]
        for row in first[1]..<first[1] + counts[1] {
          out.append(contentsOf: values[start + row * shape.width..<start + row * shape.width + counts[2]])
        }
      }
    }
    return Features(
      FeatureShape(channels: shape.channels, time: counts[0], height: counts[1], width: counts[2]), out)
  }
}
