import CKernels

/// Moving windows over time, height and width, channel by channel.
///
/// Shapes: `[time, channel, height, width]` -> the same with pooled sizes.
public struct Pooling: Sendable {
  public enum Kind: Sendable {
    case maximum
    /// The mean over the whole window; padding counts as zeros.
    case average
  }

  public var kind: Kind
  public var time: KernelAxis
  public var height: KernelAxis
  public var width: KernelAxis

  /// - Precondition: dilation 1, equal padding on both sides.
  public init(_ kind: Kind, time: KernelAxis, height: KernelAxis, width: KernelAxis) {
    self.kind = kind
    self.time = time
    self.height = height
    self.width = width
  }

  /// One sample.
  public func callAsFunction(_ input: [Float], channels: Int, time t: Int, height h: Int, width w: Int) -> [Float] {
    callAsFunction(input, channels: channels, height: h, width: w, windows: windows(frames: t))
  }

  /// For each output of a sample of `frames` time steps, the steps under its window.
  public func windows(frames: Int) -> [[Int]] {
    (0..<time.outputs(frames)).map { output in
      let first = output * time.stride - time.low
      return Array(max(first, 0)..<min(first + time.kernel, frames))
    }
  }

  /// Frames of any samples: `windows` has for each output frame the input frames under its window.
  public func callAsFunction(_ input: [Float], channels: Int, height h: Int, width w: Int, windows: [[Int]]) -> [Float]
  {
    let outH = height.outputs(h)
    let outW = width.outputs(w)
    var output = Elementwise.unfilled(windows.count * channels * outH * outW)
    let total = input.count
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        guard let input = input.baseAddress, let output = output.baseAddress else { return }
        forEachPlane(channels, height: h, width: w, windows, count: total) { offset, frames, place, shape in
          let target = output + place
          switch kind {
          case .maximum: ck_max_pool(input + offset, frames, target, &shape)
          case .average:
            ck_sum_pool(input + offset, frames, target, &shape)
            ck_scale_shift(target, target, outH * outW, share, 0)
          }
        }
      }
    }
    return output
  }

  /// From the output's gradient to the input's, `[time, channel, height, width]` like it.
  ///
  /// A maximum's gradient goes to the first of the largest values, as in torch.
  public func pullback(
    _ gradient: [Float], input: [Float], channels: Int, height h: Int, width w: Int, windows: [[Int]]
  ) -> [Float] {
    precondition(gradient.count == windows.count * channels * height.outputs(h) * width.outputs(w))
    var result = [Float](repeating: 0, count: input.count)
    input.withUnsafeBufferPointer { input in
      gradient.withUnsafeBufferPointer { gradient in
        result.withUnsafeMutableBufferPointer { result in
          guard let x = input.baseAddress, let gradient = gradient.baseAddress, let result = result.baseAddress
          else { return }
          forEachPlane(channels, height: h, width: w, windows, count: input.count) { offset, frames, place, shape in
            switch kind {
            case .maximum: ck_max_pool_gradient(x + offset, frames, gradient + place, result + offset, &shape)
            case .average: ck_sum_pool_gradient(frames, gradient + place, result + offset, share, &shape)
            }
          }
        }
      }
    }
    return result
  }

  /// One value of a window in its mean.
  private var share: Float { 1 / Float(time.kernel * height.kernel * width.kernel) }

  /// Calls `body` for each channel of each window: the channel's place in a frame, the frames' places, and the place of
  /// the output plane.
  private func forEachPlane(
    _ channels: Int, height h: Int, width w: Int, _ windows: [[Int]], count: Int,
    _ body: (_ offset: Int, _ frames: [Int], _ place: Int, _ shape: inout ck_pool_shape) -> Void
  ) {
    let outH = height.outputs(h)
    let outW = width.outputs(w)
    let frames = count / max(1, channels * h * w)
    precondition(
      outH > 0 && outW > 0 && windows.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0..<frames).contains($0) } },
      "pooling does not fit")
    for (z, window) in windows.enumerated() {
      let offsets = window.map { $0 * channels * h * w }
      var shape = ck_pool_shape(
        depth: offsets.count, height: h, width: w, out_height: outH, out_width: outW, kernel_h: height.kernel,
        kernel_w: width.kernel, stride_h: height.stride, stride_w: width.stride, pad_h: height.low,
        pad_w: width.low)
      for c in 0..<channels { body(c * h * w, offsets, (z * channels + c) * outH * outW, &shape) }
    }
  }
}
