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
