import Base
import Formats
import Foundation
import Layers

/// Where a pixel of the core's feature map lies on the stimulus: its place and its step, in stimulus pixels.
///
/// Follows the sampling grid of the adapter and the kernels, paddings and strides of the convolutional network; norms,
/// activations and the ConvGRU keep the place. Source: SEMANTICS 4, 7, 10.
public struct FeatureGeometry: Sendable, Equatable {
  /// Stimulus pixels a feature pixel.
  public var stepY: Double
  public var stepX: Double
  /// The feature map's centre from the stimulus's centre, in stimulus pixels, y down.
  public var centerY: Double
  public var centerX: Double

  /// - Parameters:
  ///   - features: height and width of the feature map.
  ///   - stimulus: height and width of the stimulus.
  /// - Returns: nil where the adapter is affine, or where the network has parts whose geometry is not known.
  public init?(
    architecture: TwinArchitecture, source: any ArraySource, head: Int, features: (height: Int, width: Int),
    stimulus: (height: Int, width: Int)
  ) {
    let configuration = architecture.configuration
    guard let path = ConvolutionPath(configuration["convnet"]) else { return nil }
    let prefix = source.info("adapters.\(head).log_scale") == nil ? "adapter." : "adapters.\(head)."
    guard source.info(prefix + "log_scale") != nil else {
      guard (configuration["adapter"]?["type"]?.stringValue ?? "none") == "none" else { return nil }
      stepY = path.step
      stepX = path.step
      centerY = path.center(features.height) - Double(stimulus.height - 1) / 2
      centerX = path.center(features.width) - Double(stimulus.width - 1) / 2
      return
    }
    guard let scale = try? source.tensor(prefix + "log_scale").values, scale.count == 2,
      let logSigma = try? source.tensor(prefix + "log_sigma").values.first,
      let grid = configuration.at("adapter.params.grid_size")?.intValue, grid > 1,
      (configuration.at("adapter.params.transform")?.stringValue ?? "scale") == "scale"
    else { return nil }
    let scaleX = Self.softplus(Double(scale[0]))
    let scaleY = Self.softplus(Double(scale[1]))
    let smallest = min(scaleX, scaleY)
    let antialias = smallest >= 1 ? 0 : 0.44 * (1 / smallest - 1)
    let sigma = (antialias * antialias + pow(Self.softplus(Double(logSigma)), 2)).squareRoot()
    // The blur drops the first row and column: what is left is centred half a pixel further down and right.
    let lost = sigma >= 1e-3 ? 1 : 0
    func place(_ size: Int, _ scale: Double, _ count: Int) -> (step: Double, center: Double) {
      let gridStep = scale * Double(size - lost - 1) / Double(grid - 1)
      let offset = path.center(count) - Double(grid - 1) / 2
      return (path.step * gridStep, offset * gridStep + Double(lost) / 2)
    }
    (stepY, centerY) = place(stimulus.height, scaleY, features.height)
    (stepX, centerX) = place(stimulus.width, scaleX, features.width)
  }

  private static func softplus(_ x: Double) -> Double { x > 20 ? x : log1p(exp(x)) }
}

/// The spatial side of a convolutional network: feature pixel `i` sits at `start + i * step` of its input.
private struct ConvolutionPath {
  var start = 0.0
  var step = 1.0

  init?(_ node: ConfigNode?) {
    guard let node, let type = node["type"]?.stringValue, type != "none" else { return }
    let parameters = node["params"]
    if let stem = parameters?["stem_config"], !stem.isNull {
      guard follow(stem) else { return nil }
    }
    for block in parameters?["block_configs"]?.listValue ?? [] {
      guard follow(block) else { return nil }
    }
  }

  /// Place of the middle of `count` feature pixels.
  func center(_ count: Int) -> Double { start + Double(count - 1) / 2 * step }

  private mutating func follow(_ block: ConfigNode) -> Bool {
    guard let convolution = block["conv_params"], let kernel = Self.axes(convolution["kernel_size"], default: 3) else {
      return false
    }
    let order =
      block["order"]?.listValue?.compactMap(\.stringValue) ?? ["pad", "conv", "norm", "act", "dropout", "pool"]
    let isCausal = (block["causal"] ?? convolution["causal"])?.boolValue ?? true
    let pads = order.contains("pad") ? isCausal && kernel[0] > 1 : !isCausal
    guard let padding = Self.axes(convolution["padding"], default: 0),
      let stride = Self.axes(convolution["stride"], default: 1),
      let dilation = Self.axes(convolution["dilation"], default: 1), kernel[1] == kernel[2], stride[1] == stride[2]
    else { return false }
    if order.contains("conv") {
      let reach = Double(kernel[1] - 1) / 2 * Double(dilation[1])
      start += (reach - (pads && kernel[1] > 1 ? Double(padding[1]) : 0)) * step
      step *= Double(stride[1])
    }
    guard order.contains("pool"), let pool = block["pool_params"], !pool.isNull, !(pool.mapValue ?? []).isEmpty else {
      return true
    }
    guard let type = pool["type"]?.stringValue, ["max", "avg"].contains(type),
      let size = Self.axes(pool["kernel_size"], default: 2),
      let poolStride = Self.axes(pool["stride"], default: size[1]),
      let poolPadding = Self.axes(pool["padding"], default: 0)
    else { return false }
    start += (Double(size[1] - 1) / 2 - Double(poolPadding[1])) * step
    step *= Double(poolStride[1])
    return true
  }

  /// Time, height, width of an option that is one number or three.
  private static func axes(_ node: ConfigNode?, default fallback: Int) -> [Int]? {
    guard let node, !node.isNull else { return [fallback, fallback, fallback] }
    guard let list = node.intList else { return nil }
    return list.count == 3 ? list : list.count == 1 ? [list[0], list[0], list[0]] : nil
  }
}

extension TwinArchitecture {
  /// Height and width of the core's features for an input of `[channel, time, height, width]`.
  ///
  /// - Throws: `mismatch` naming the layer and the shapes where this input can't work.
  public func featureSize(input: [Int], head: Int) throws -> (height: Int, width: Int) {
    guard input.count == 4, input.allSatisfy({ $0 > 0 }) else {
      throw Failure(.mismatch, "an input has four sizes (channel, time, height, width), not \(input)")
    }
    let size = FeatureShape(channels: input[0], time: input[1], height: input[2], width: input[3])
    let features = try shapes(size, head: head, withBehavior: true).recurrent
    return (features.height, features.width)
  }
}
