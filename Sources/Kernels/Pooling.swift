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
    let frames = input.count / max(1, channels * h * w)
    precondition(
      outH > 0 && outW > 0 && windows.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0..<frames).contains($0) } },
      "pooling does not fit")
    var output = Elementwise.unfilled(windows.count * channels * outH * outW)
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        guard let input = input.baseAddress, let output = output.baseAddress else { return }
        for (z, window) in windows.enumerated() {
          let offsets = window.map { $0 * channels * h * w }
          var shape = ck_pool_shape(
            depth: offsets.count, height: h, width: w, out_height: outH, out_width: outW, kernel_h: height.kernel,
            kernel_w: width.kernel, stride_h: height.stride, stride_w: width.stride, pad_h: height.low,
            pad_w: width.low)
          for c in 0..<channels {
            let source = input + c * h * w
            let target = output + (z * channels + c) * outH * outW
            switch kind {
            case .maximum: ck_max_pool(source, offsets, target, &shape)
            case .average:
              ck_sum_pool(source, offsets, target, &shape)
              ck_scale_shift(target, target, outH * outW, 1 / Float(time.kernel * height.kernel * width.kernel), 0)
            }
          }
        }
      }
    }
    return output
  }
}
