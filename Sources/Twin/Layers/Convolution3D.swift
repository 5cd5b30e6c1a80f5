import Base
import Kernels

/// A convolution over time, height and width with the padding of its block.
///
/// - Shapes: `[batch, in channel, time, height, width]` -> `[batch, out channel, time', height', width']`
/// - Source: SEMANTICS 6 and 7
struct Convolution3D: Layer {
  /// Kernel, stride, dilation and padding along time, height and width.
  struct Geometry: Sendable {
    var kernel: [Int]
    var stride = [1, 1, 1]
    var dilation = [1, 1, 1]
    /// Before and after, per axis.
    var low = [0, 0, 0]
    var high = [0, 0, 0]
    var padding = Kernels.Convolution.Padding.replicate

    func axis(_ index: Int) -> Kernels.Convolution.Axis {
      .init(
        kernel: kernel[index], stride: stride[index], dilation: dilation[index], low: low[index], high: high[index])
    }
  }

  let name: String
  let detail: String
  let tensors: [StoredTensor]
  let inputChannels: Int
  let outputChannels: Int
  private let axes: [Kernels.Convolution.Axis]
  private let kernel: Kernels.Convolution?

  /// Reads `weight` (parametrised or not) and, with `hasBias`, `bias` under `weights`; where `isPlanar`, the stored
  /// weight has no time axis.
  init(
    _ weights: Weights, inputChannels: Int, outputChannels: Int, groups: Int = 1, geometry: Geometry,
    options: ConvolutionWeight.Options = .init(), hasBias: Bool, kind: String = "conv", isPlanar: Bool = false
  ) throws {
    name = weights.prefix
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    axes = (0..<3).map(geometry.axis)
    let size = geometry.kernel.map(String.init).joined(separator: "x")
    let stride =
      geometry.stride == [1, 1, 1] ? "" : ", stride " + geometry.stride.map(String.init).joined(separator: "x")
    detail = "\(size) \(kind) \(inputChannels) to \(outputChannels)\(stride)\(options.detail)\(hasBias ? ", bias" : "")"
    let shape = [outputChannels, inputChannels / groups] + geometry.kernel.suffix(isPlanar ? 2 : 3)
    let weight = try ConvolutionWeight(weights, shape: shape, options: options)
    let bias = hasBias ? try weights.parameter("bias", [outputChannels]) : nil
    tensors = weight.tensors + (bias.map { [$0.stored] } ?? [])
    guard weights.loads else {
      kernel = nil
      return
    }
    kernel = Kernels.Convolution(
      weight: weight.values, bias: bias?.values, outChannels: outputChannels, inChannels: inputChannels, groups: groups,
      time: axes[0], height: axes[1], width: axes[2], padding: geometry.padding)
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, inputChannels)
    let out = FeatureShape(
      channels: outputChannels, time: axes[0].outputs(input.time), height: axes[1].outputs(input.height),
      width: axes[2].outputs(input.width))
    guard out.time > 0, out.height > 0, out.width > 0 else {
      throw misfit("a \(axes.map { String($0.kernel) }.joined(separator: "x")) kernel does not fit", input)
    }
    return try checked(out, for: input)
  }

  func forward(_ input: Features) -> Features {
    let size = input.shape
    guard let kernel else { preconditionFailure("\(name) is not loaded") }
    let out = kernel.outputSize(time: size.time, height: size.height, width: size.width)
    return Features(
      FeatureShape(channels: outputChannels, time: out.time, height: out.height, width: out.width),
      kernel(input.values, time: size.time, height: size.height, width: size.width))
  }

  /// The same convolution on a part of its outputs: `counts` of them from `first` on, per axis.
  func forward(_ input: Features, outputs first: [Int], counts: [Int]) -> Features {
    guard let kernel else { preconditionFailure("\(name) is not loaded") }
    let sizes = [input.shape.time, input.shape.height, input.shape.width]
    let cropped = (0..<3).map { index -> Kernels.Convolution.Axis in
      var axis = axes[index]
      axis.low -= first[index] * axis.stride
      axis.high = (counts[index] - 1) * axis.stride + axis.dilation * (axis.kernel - 1) + 1 - sizes[index] - axis.low
      return axis
    }
    let part = kernel.with(time: cropped[0], height: cropped[1], width: cropped[2])
    return Features(
      FeatureShape(channels: outputChannels, time: counts[0], height: counts[1], width: counts[2]),
      part(input.values, time: sizes[0], height: sizes[1], width: sizes[2]))
  }
}
