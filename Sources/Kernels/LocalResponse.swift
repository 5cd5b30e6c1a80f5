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
    var shape = pixelShape(channels: channels, height: height, width: width)
    var scratch = [Float](repeating: 0, count: neighbours == .channels ? 0 : ck_pixel_response_scratch(&shape))
    values.withUnsafeBufferPointer { values in
      out.withUnsafeMutableBufferPointer { out in
        guard let x = values.baseAddress, let y = out.baseAddress else { return }
        for start in stride(from: 0, to: values.count, by: frame) {
          if neighbours == .channels {
            ck_channel_response(x + start, y + start, channels, plane, before, after, k, alpha, beta)
          } else {
            ck_pixel_response(x + start, y + start, &scratch, &shape)
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
    var shape = pixelShape(channels: channels, height: height, width: width)
    var scratch = [Float](
      repeating: 0, count: neighbours == .channels ? 512 * channels : ck_pixel_response_scratch(&shape))
    values.withUnsafeBufferPointer { values in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let x = values.baseAddress, let g = gradient.baseAddress else { return }
        for start in stride(from: 0, to: values.count, by: frame) {
          if neighbours == .channels {
            ck_channel_response_gradient(x + start, g + start, &scratch, channels, plane, before, after, k, alpha, beta)
          } else {
            ck_pixel_response_gradient(x + start, g + start, &scratch, &shape)
          }
        }
      }
    }
  }

  private func pixelShape(channels: Int, height: Int, width: Int) -> ck_pixel_response_shape {
    // Beyond the plane there is nothing.
    let most = max(height, width)
    return ck_pixel_response_shape(
      channels: channels, members: neighbours == .pixelsOfAllChannels ? channels : 1, height: height, width: width,
      before: min(before, most), after: min(after, most), k: k, alpha: alpha, beta: beta)
  }
}
