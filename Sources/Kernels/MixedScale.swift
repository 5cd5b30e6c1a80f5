import CKernels

/// Scales of channels beside a factor of every position: y = x (scale_c + mixed_c f_p) + shift_c, where f is one over the root
/// mean square of the channels at the position.
///
/// What norms of channels and one over channels are together takes one pass over the values for what they need, and one for
/// the output; the way back takes two.
///
/// Shapes: values `[time, channel, position]`.
public struct MixedScale: Sendable {
  /// Of each channel, over time and positions.
  public struct Moments: Sendable {
    /// Values of a channel.
    public let count: Int
    public let totals: [Double]
    public let squares: [Double]

    public init(count: Int, totals: [Double], squares: [Double]) {
      self.count = count
      self.totals = totals
      self.squares = squares
    }
  }

  /// Of each channel, over time and positions: sums of the output's gradient g, of g x, and of g x f.
  public struct Sums: Sendable {
    public let totals: [Double]
    public let products: [Double]
    public let mixed: [Double]
    /// What the input is multiplied by for its part in the factors: `[time, position]`.
    fileprivate let pulls: [Float]
  }

  public let moments: Moments
  private let values: [Float]
  private let channels: Int
  private let positions: Int
  /// `[time, position]`
  private let factors: [Float]

  /// - Parameter eps: is added to the mean square.
  public init(_ values: [Float], channels: Int, positions: Int, eps: Float) {
    let frame = channels * positions
    precondition(
      frame > 0 && values.count % frame == 0, "\(values.count) values in frames of \(channels) x \(positions)")
    self.values = values
    self.channels = channels
    self.positions = positions
    let times = values.count / frame
    var totals = [Double](repeating: 0, count: channels)
    var squares = totals
    factors = [Float](unsafeUninitializedCapacity: times * positions) { factors, filled in
      filled = times * positions
      values.withUnsafeBufferPointer { values in
        guard let x = values.baseAddress, let factors = factors.baseAddress else { return }
        for time in 0..<times {
          ck_mixed_moments(
            x + time * frame, channels, positions, eps, &totals, &squares, factors + time * positions)
        }
      }
    }
    moments = Moments(count: times * positions, totals: totals, squares: squares)
  }

  /// The output for scales, mixed scales and shifts of the channels.
  public func callAsFunction(scales: [Float], mixed: [Float], shifts: [Float]) -> [Float] {
    precondition([scales.count, mixed.count, shifts.count].allSatisfy { $0 == channels })
    return mapFrames { x, factors, out, _ in
      ck_mixed_scale(x, out, channels, positions, factors, scales, mixed, shifts)
    }
  }

  /// Sums that the gradients of all scales follow from.
  ///
  /// - Parameter weights: of the output's gradient in that of the factors' part, by channel.
  public func sums(_ gradient: [Float], weights: [Float]) -> Sums {
    precondition(gradient.count == values.count && weights.count == channels)
    var totals = [Double](repeating: 0, count: channels)
    var (products, mixed) = (totals, totals)
    var pulls = Elementwise.unfilled(factors.count)
    values.withUnsafeBufferPointer { values in
      gradient.withUnsafeBufferPointer { gradient in
        factors.withUnsafeBufferPointer { factors in
          pulls.withUnsafeMutableBufferPointer { pulls in
            guard let x = values.baseAddress, let g = gradient.baseAddress, let f = factors.baseAddress,
              let pulls = pulls.baseAddress
            else { return }
            for time in 0..<factors.count / positions {
              let (frame, plane) = (time * channels * positions, time * positions)
              ck_mixed_sums(
                x + frame, g + frame, channels, positions, f + plane, weights, &totals, &products, &mixed, pulls + plane
              )
            }
          }
        }
      }
    }
    return Sums(totals: totals, products: products, mixed: mixed, pulls: pulls)
  }

  /// The input's gradient: g (scale + mixed f) + x (slope + its part in the factors) + shift.
  public func pullback(
    _ gradient: [Float], _ sums: Sums, scales: [Float], mixed: [Float], slopes: [Float], shifts: [Float]
  ) -> [Float] {
    precondition(
      gradient.count == values.count
        && [scales.count, mixed.count, slopes.count, shifts.count].allSatisfy { $0 == channels })
    return gradient.withUnsafeBufferPointer { gradient in
      sums.pulls.withUnsafeBufferPointer { pulls in
        mapFrames { x, factors, out, time in
          guard let g = gradient.baseAddress, let pulls = pulls.baseAddress else { return }
          ck_mixed_gradient(
            x, g + time * channels * positions, out, channels, positions, factors, pulls + time * positions, scales,
            mixed, slopes, shifts)
        }
      }
    }
  }

  private func mapFrames(
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ time: Int) -> Void
  ) -> [Float] {
    var out = Elementwise.unfilled(values.count)
    values.withUnsafeBufferPointer { values in
      factors.withUnsafeBufferPointer { factors in
        out.withUnsafeMutableBufferPointer { out in
          guard let x = values.baseAddress, let f = factors.baseAddress, let y = out.baseAddress else { return }
          for time in 0..<factors.count / positions {
            let frame = time * channels * positions
            body(x + frame, f + time * positions, y + frame, time)
          }
        }
      }
    }
    return out
  }
}
