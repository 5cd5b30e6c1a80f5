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
  public var time: Convolution.Axis
  public var height: Convolution.Axis
  public var width: Convolution.Axis

  /// - Precondition: dilation 1, equal padding on both sides.
  public init(_ kind: Kind, time: Convolution.Axis, height: Convolution.Axis, width: Convolution.Axis) {
    self.kind = kind
    self.time = time
    self.height = height
    self.width = width
  }

  public func callAsFunction(_ input: [Float], channels: Int, time t: Int, height h: Int, width w: Int) -> [Float] {
    let outT = time.outputs(t)
    let outH = height.outputs(h)
    let outW = width.outputs(w)
    precondition(input.count == t * channels * h * w && outT > 0 && outH > 0 && outW > 0, "pooling does not fit")
    var output = Elementwise.unfilled(outT * channels * outH * outW)
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        guard let input = input.baseAddress, let output = output.baseAddress else { return }
        for z in 0..<outT {
          let first = max(z * time.stride - time.low, 0)
          let last = min(z * time.stride - time.low + time.kernel, t)
          var shape = ck_pool_shape(
            depth: last - first, height: h, width: w, frame_step: channels * h * w, out_height: outH, out_width: outW,
            kernel_h: height.kernel, kernel_w: width.kernel, stride_h: height.stride, stride_w: width.stride,
            pad_h: height.low, pad_w: width.low)
          for c in 0..<channels {
            let source = input + (first * channels + c) * h * w
            let target = output + (z * channels + c) * outH * outW
            switch kind {
            case .maximum: ck_max_pool(source, target, &shape)
            case .average:
              ck_sum_pool(source, target, &shape)
              ck_scale_shift(target, target, outH * outW, 1 / Float(time.kernel * height.kernel * width.kernel), 0)
            }
          }
        }
      }
    }
    return output
  }
}
