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
    response(values, channels: channels, height: height, width: width, keepsPooled: false).output
  }

  /// The output, and sums that the way back would have to take again; none where they are cheap.
  public func traced(
    _ values: [Float], channels: Int, height: Int, width: Int
  ) -> (output: [Float], pooled: [Float]) {
    response(values, channels: channels, height: height, width: width, keepsPooled: neighbours != .channels)
  }

  private func response(
    _ values: [Float], channels: Int, height: Int, width: Int, keepsPooled: Bool
  ) -> (output: [Float], pooled: [Float]) {
    let plane = height * width
    let frame = channels * plane
    guard frame > 0 else { return (values, []) }
    var out = Elementwise.unfilled(values.count)
    var shape = pixelShape(channels: channels, height: height, width: width)
    let groups = channels / shape.members * plane
    var pooled = Elementwise.unfilled(keepsPooled ? values.count / frame * groups : 0)
    var scratch = [Float](repeating: 0, count: neighbours == .channels ? 0 : ck_pixel_response_scratch(&shape))
    values.withUnsafeBufferPointer { values in
      out.withUnsafeMutableBufferPointer { out in
        pooled.withUnsafeMutableBufferPointer { pooled in
          guard let x = values.baseAddress, let y = out.baseAddress else { return }
          for index in 0..<values.count / frame {
            let start = index * frame
            if neighbours == .channels {
              ck_channel_response(x + start, y + start, channels, plane, before, after, k, alpha, beta)
            } else {
              let kept = keepsPooled ? pooled.baseAddress.map { $0 + index * groups } : nil
              ck_pixel_response(x + start, y + start, kept, &scratch, &shape)
            }
          }
        }
      }
    }
    return (out, pooled)
  }

  /// The way back: the output's gradient becomes that of `values`.
  ///
  /// - Parameter pooled: as `traced` gave it.
  public func pullback(
    _ values: [Float], _ pooled: [Float], _ gradient: inout [Float], channels: Int, height: Int, width: Int
  ) {
    precondition(values.count == gradient.count)
    let plane = height * width
    let frame = channels * plane
    guard frame > 0 else { return }
    var shape = pixelShape(channels: channels, height: height, width: width)
    let groups = channels / shape.members * plane
    precondition(neighbours == .channels || pooled.count == values.count / frame * groups)
    var scratch = [Float](
      repeating: 0, count: neighbours == .channels ? 512 * channels : ck_pixel_response_scratch(&shape))
    values.withUnsafeBufferPointer { values in
      pooled.withUnsafeBufferPointer { pooled in
        gradient.withUnsafeMutableBufferPointer { gradient in
          guard let x = values.baseAddress, let g = gradient.baseAddress else { return }
          for index in 0..<values.count / frame {
            let start = index * frame
            if neighbours == .channels {
              ck_channel_response_gradient(
                x + start, g + start, &scratch, channels, plane, before, after, k, alpha, beta)
            } else if let pooled = pooled.baseAddress {
              ck_pixel_response_gradient(x + start, pooled + index * groups, g + start, &scratch, &shape)
            }
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
