/// The taps of a kernel whose weights training can move; a window holds those outside at zero, so no gradient reaches them.
public struct LiveTaps: Sendable, Equatable {
  public var time: Range<Int>
  public var height: Range<Int>
  public var width: Range<Int>

  public init(time: Range<Int>, height: Range<Int>, width: Range<Int>) {
    self.time = time
    self.height = height
    self.width = width
  }
}

/// Gradients of a convolution that are asked for.
public struct WantedGradients: OptionSet, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  public static let input = WantedGradients(rawValue: 1)
  public static let weight = WantedGradients(rawValue: 2)
  public static let bias = WantedGradients(rawValue: 4)
  public static let all: WantedGradients = [.input, .weight, .bias]
}

extension LiveTaps {
  /// Adds `[out channel, in channel, live height, live width]` to some time taps of
  /// `[out channel, in channel, time, height, width]`.
  func add(
    _ sums: [Float], of taps: Range<Int>, to weight: inout [Float], _ bank: FilterBank,
    kernel: (height: Int, width: Int)
  ) {
    let filters = bank.outChannels * bank.inPerGroup
    let times = weight.count / max(1, filters * kernel.height * kernel.width)
    var place = 0
    for filter in 0..<filters {
      for row in height {
        for tap in taps {
          let start = ((filter * times + tap) * kernel.height + row) * kernel.width + width.lowerBound
          for column in 0..<width.count { weight[start + column] += sums[place + column] }
        }
        place += width.count
      }
    }
  }
}
