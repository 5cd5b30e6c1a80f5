import CKernels

/// Values divided by the root of a running mean of their squares: gain x / sqrt(floor + s) + shift, one channel's planes.
///
/// s starts as the first frame's squares; then s = keep s + (1 - keep) x^2 at every pixel.
public struct RunningNorm: Sendable {
  public var keep: Float
  public var floor: Float
  public var gain: Float
  public var shift: Float

  /// Gradients of the four numbers.
  public struct Gradients: Sendable {
    public var gain: Double
    public var shift: Double
    public var floor: Double
    public var keep: Double

    public init(gain: Double = 0, shift: Double = 0, floor: Double = 0, keep: Double = 0) {
      self.gain = gain
      self.shift = shift
      self.floor = floor
      self.keep = keep
    }
  }

  public init(keep: Float, floor: Float, gain: Float, shift: Float) {
    self.keep = keep
    self.floor = floor
    self.gain = gain
    self.shift = shift
  }

  /// Writes the outputs to `out`, which is not `values`.
  ///
  /// - Parameters:
  ///   - starts: where the channel's plane of each frame begins, in the order in which the mean runs.
  ///   - size: values of a plane.
  public func apply(_ values: [Float], to out: inout [Float], starts: [Int], size: Int) {
    precondition(starts.allSatisfy { $0 >= 0 && $0 + size <= min(values.count, out.count) })
    var running = [Float](repeating: 0, count: size)
    values.withUnsafeBufferPointer { values in
      out.withUnsafeMutableBufferPointer { out in
        guard let x = values.baseAddress, let y = out.baseAddress else { return }
        for (index, start) in starts.enumerated() {
          ck_running_norm(x + start, &running, y + start, size, keep, floor, gain, shift, index == 0 ? 1 : 0)
        }
      }
    }
  }

  /// The way back: the output's gradient becomes that of `values`.
  public func pullback(_ values: [Float], _ gradient: inout [Float], starts: [Int], size: Int) -> Gradients {
    precondition(starts.allSatisfy { $0 >= 0 && $0 + size <= min(values.count, gradient.count) })
    var sums = [0.0, 0.0, 0.0, 0.0]
    // A frame of zeros before the first one stands for what the first one does not read.
    var running = [Float](repeating: 0, count: size * (starts.count + 1))
    var carried = [Float](repeating: 0, count: size)
    values.withUnsafeBufferPointer { values in
      gradient.withUnsafeMutableBufferPointer { gradient in
        running.withUnsafeMutableBufferPointer { running in
          guard let x = values.baseAddress, let g = gradient.baseAddress, let s = running.baseAddress else { return }
          for (index, start) in starts.enumerated() {
            let own = s + (index + 1) * size
            own.update(from: s + index * size, count: size)
            ck_running_norm(x + start, own, nil, size, keep, floor, gain, shift, index == 0 ? 1 : 0)
          }
          for (index, start) in starts.enumerated().reversed() {
            ck_running_norm_gradient(
              x + start, s + (index + 1) * size, s + index * size, g + start, &carried, size, keep, floor, gain,
              index == 0 ? 1 : 0, &sums)
          }
        }
      }
    }
    return Gradients(gain: sums[0], shift: sums[1], floor: sums[2], keep: sums[3])
  }
}
