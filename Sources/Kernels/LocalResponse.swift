import CKernels

/// Each value divided by a power of the mean square of its neighbours: x / (k + alpha mean)^beta.
///
/// Shapes: `[time, channel, position]`. Neighbours are the channels `i - size / 2` to `i + (size - 1) / 2`, or the rows and
/// columns; those that are missing count as 0, and every mean divides by the full size.
public struct LocalResponse: Sendable {
  /// Where a value's neighbours are.
  public enum Neighbours: Sendable {
    case channels
    /// A square of pixels of the same channel.
    case pixels
    /// A square of pixels, all channels averaged.
    case pixelsOfAllChannels
  }

  private let neighbours: Neighbours
  private let size: Int
  private let alpha: Float
  private let beta: Float
  private let k: Float

  public init(_ neighbours: Neighbours, size: Int, alpha: Float, beta: Float, k: Float) {
    self.neighbours = neighbours
    self.size = size
    self.beta = beta
    self.k = k
    let count = neighbours == .channels ? Float(size) : Float(size) * Float(size)
    self.alpha = alpha / count
  }

  private var before: Int { size / 2 }
  private var after: Int { (size - 1) / 2 }

  public func callAsFunction(_ values: [Float], channels: Int, height: Int, width: Int) -> [Float] {
    let plane = height * width
    let frame = channels * plane
    guard frame > 0 else { return values }
    var out = Elementwise.unfilled(values.count)
    var work = Scratch(self, channels: channels, height: height, width: width)
    values.withUnsafeBufferPointer { values in
      out.withUnsafeMutableBufferPointer { out in
        guard let x = values.baseAddress, let y = out.baseAddress else { return }
        for start in stride(from: 0, to: values.count, by: frame) {
          guard neighbours != .channels else {
            ck_channel_response(x + start, y + start, channels, plane, before, after, k, alpha, beta)
            continue
          }
          for group in 0..<work.groups {
            work.pool(x + start, group: group)
            for channel in work.channels(of: group) {
              ck_product(work.gain, x + start + channel * plane, y + start + channel * plane, plane)
            }
          }
        }
      }
    }
    return out
  }

  /// The way back: the output's gradient becomes that of `values`.
  public func pullback(_ values: [Float], _ gradient: inout [Float], channels: Int, height: Int, width: Int) {
    precondition(values.count == gradient.count)
    let plane = height * width
    let frame = channels * plane
    guard frame > 0 else { return }
    var work = Scratch(self, channels: channels, height: height, width: width)
    var scratch = [Float](repeating: 0, count: neighbours == .channels ? 512 * channels : 0)
    values.withUnsafeBufferPointer { values in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let x = values.baseAddress, let g = gradient.baseAddress else { return }
        for start in stride(from: 0, to: values.count, by: frame) {
          guard neighbours != .channels else {
            ck_channel_response_gradient(x + start, g + start, &scratch, channels, plane, before, after, k, alpha, beta)
            continue
          }
          for group in 0..<work.groups {
            work.pool(x + start, group: group)
            work.pullback(x + start, g + start, group: group)
          }
        }
      }
    }
  }

  /// Planes for one group of channels that share a divisor.
  private struct Scratch {
    let response: LocalResponse
    let groups: Int
    let size: Int
    let height: Int
    let width: Int
    let before: Int
    let after: Int
    var squares: [Float]
    var pooled: [Float]
    var rows: [Float]
    var gain: [Float]

    init(_ response: LocalResponse, channels: Int, height: Int, width: Int) {
      self.response = response
      self.height = height
      self.width = width
      groups = response.neighbours == .pixelsOfAllChannels ? 1 : channels
      size = response.neighbours == .pixelsOfAllChannels ? channels : 1
      // Beyond the plane there is nothing.
      before = min(response.before, max(height, width))
      after = min(response.after, max(height, width))
      let isNeeded = response.neighbours != .channels
      let empty = [Float](repeating: 0, count: isNeeded ? height * width : 0)
      (squares, pooled, gain) = (empty, empty, empty)
      rows = [Float](repeating: 0, count: isNeeded ? ck_box_scratch(height, width, before + after) : 0)
    }

    private var plane: Int { height * width }

    func channels(of group: Int) -> Range<Int> { group * size..<(group + 1) * size }

    /// Fills `pooled` and `gain`.
    mutating func pool(_ x: UnsafePointer<Float>, group: Int) {
      let channels = channels(of: group)
      ck_squares(x + channels.lowerBound * plane, &squares, plane, 1 / Float(size))
      for channel in channels.dropFirst() { ck_add_squares(x + channel * plane, &squares, plane, 1 / Float(size)) }
      ck_box_plane(squares, &pooled, &rows, height, width, before, after)
      ck_power_gain(pooled, &gain, plane, response.k, response.alpha, response.beta)
    }

    /// After `pool` of the same values.
    mutating func pullback(_ x: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>, group: Int) {
      ck_fill(&squares, plane, 0)
      for channel in channels(of: group) {
        ck_power_gain_slope(
          pooled, gain, x + channel * plane, g + channel * plane, &squares, plane, response.k, response.alpha,
          response.beta)
      }
      // A pixel goes into the sums of those that lie the other way round.
      ck_box_plane(squares, &pooled, &rows, height, width, after, before)
      for channel in channels(of: group) {
        ck_divided_gradient(
          x + channel * plane, gain, pooled, g + channel * plane, plane, 2 * response.alpha / Float(size))
      }
    }
  }
}
