import Base
import CKernels

/// A 3-D convolution (correlation) with its filters prepared by a backend.
///
/// Shapes: input and output `[time, channel, height, width]`; weight
/// `[out channel, in channel / groups, kernel time, kernel height, kernel width]`.
public struct Convolution: Sendable {
  public typealias Axis = KernelAxis
  public typealias Padding = BorderPadding

  public let outChannels: Int
  public let inChannels: Int
  public private(set) var time: Axis
  public private(set) var height: Axis
  public private(set) var width: Axis
  public let padding: Padding

  private let bias: [Float]?
  let bank: FilterBank
  let live: LiveTaps
  private let prepared: any FrameConvolution
  private let backend: any Backend
  /// For gradients alone.
  private let turnedOnce = Prepared<Int, Convolution>()
  private var plans = Prepared<Int, FramePlan>()

  /// - Parameter live: taps that training can move, all of them if nil; weights of others are zero.
  /// - Precondition: `weight` has the values that the shapes ask for.
  public init(
    weight: [Float], bias: [Float]? = nil, outChannels: Int, inChannels: Int, groups: Int = 1, time: Axis,
    height: Axis, width: Axis, padding: Padding = .zero, live: LiveTaps? = nil,
    backend: any Backend = Backends.standard
  ) {
    precondition(
      weight.count == outChannels * (inChannels / groups) * time.kernel * height.kernel * width.kernel
        && bias.map { $0.count == outChannels } ?? true && outChannels % groups == 0 && inChannels % groups == 0,
      "convolution weights do not fit their shape")
    self.outChannels = outChannels
    self.inChannels = inChannels
    self.time = time
    self.height = height
    self.width = width
    self.padding = padding
    self.bias = bias
    bank = FilterBank(
      weight, outChannels: outChannels, inChannels: inChannels, groups: groups, time: time.kernel,
      height: height.kernel, width: width.kernel)
    self.live =
      live ?? LiveTaps(time: 0..<time.kernel, height: 0..<height.kernel, width: 0..<width.kernel)
    self.backend = backend
    prepared = backend.convolution(Filters(bank: bank))
  }

  /// The full convolution from output to input channels, every plane of the filters' live taps turned by 180 degrees,
  /// without bias; time taps keep their numbers.
  ///
  /// - Precondition: one group, stride 1 in space.
  var turned: Convolution { turnedOnce(0) { makeTurned() } }

  private func makeTurned() -> Convolution {
    let (rows, columns) = (live.height, live.width)
    var weight: [Float] = []
    weight.reserveCapacity(bank.values.count)
    for channel in 0..<inChannels {
      for out in 0..<outChannels {
        for tap in 0..<time.kernel {
          let plane = ((out * inChannels + channel) * time.kernel + tap) * height.kernel
          for row in rows.reversed() {
            for column in columns.reversed() { weight.append(bank.values[(plane + row) * width.kernel + column]) }
          }
        }
      }
    }
    func full(_ axis: Axis, _ taps: Range<Int>) -> Axis {
      let reach = axis.dilation * (taps.count - 1)
      return Axis(kernel: taps.count, dilation: axis.dilation, low: reach, high: reach)
    }
    return Convolution(
      weight: weight, outChannels: inChannels, inChannels: outChannels, time: Axis(kernel: time.kernel),
      height: full(height, rows), width: full(width, columns), backend: backend)
  }

  /// The same filters with other padding, which may be negative to leave outputs away.
  public func with(time: Axis, height: Axis, width: Axis) -> Convolution {
    if (time, height, width) == (self.time, self.height, self.width) { return self }
    var copy = self
    copy.time = time
    copy.height = height
    copy.width = width
    copy.plans = Prepared()
    return copy
  }

  /// Output size for an input of `[time, height, width]`.
  public func outputSize(time t: Int, height h: Int, width w: Int) -> (time: Int, height: Int, width: Int) {
    (time.outputs(t), height.outputs(h), width.outputs(w))
  }

  /// How one sample of `frames` time steps goes through this convolution.
  public func plan(frames: Int) -> FramePlan {
    plans(frames) { FramePlan(time, frames: frames, padding: padding, used: bank.time) }
  }

  /// The convolution of one sample.
  ///
  /// - Precondition: the kernel fits the input: every output size is at least 1.
  public func callAsFunction(_ input: [Float], time t: Int, height h: Int, width w: Int) -> [Float] {
    callAsFunction(input, height: h, width: w, plan: plan(frames: t))
  }

  /// The convolution of frames of any samples, as `plan` says.
  ///
  /// - Parameter cancellation: once it is set, what comes back is not to be used.
  public func callAsFunction(
    _ input: [Float], height h: Int, width w: Int, plan: FramePlan, cancellation: Cancellation = Cancellation()
  ) -> [Float] {
    let plane = height.outputs(h) * width.outputs(w)
    var output = Elementwise.unfilled(plan.outputs.count * outChannels * plane)
    start(&output, plane: plane)
    add(input, height: h, width: w, plan: plan, to: &output, cancellation: cancellation)
    return output
  }

  /// Fills `output` with the bias, or with zeros.
  private func start(_ output: inout [Float], plane: Int) {
    output.withUnsafeMutableBufferPointer { buffer in
      guard let out = buffer.baseAddress, plane > 0 else { return }
      guard let bias else {
        ck_fill(out, buffer.count, 0)
        return
      }
      for index in 0..<buffer.count / plane { ck_fill(out + index * plane, plane, bias[index % outChannels]) }
    }
  }

  /// Adds the convolution (without bias) of `input` to frames of `output`, from `offset` on.
  ///
  /// A frame of `output` holds this convolution's channels first; `frameStride` is its number of values where it
  /// holds more.
  public func add(
    _ input: [Float], height h: Int, width w: Int, plan: FramePlan, to output: inout [Float], at offset: Int = 0,
    frameStride: Int? = nil, cancellation: Cancellation = Cancellation()
  ) {
    let shape = SpatialShape(inputHeight: h, inputWidth: w, height: height, width: width, padding: padding)
    let frame = outChannels * shape.outputPlane
    let stride = frameStride ?? frame
    let terms = plan.outputs.lazy.joined()
    precondition(
      shape.outputHeight > 0 && shape.outputWidth > 0 && offset >= 0 && stride >= frame
        && (plan.outputs.isEmpty || offset + (plan.outputs.count - 1) * stride + frame <= output.count)
        && terms.allSatisfy {
          $0.input >= 0 && ($0.input + 1) * inChannels * h * w <= input.count && $0.taps.lowerBound >= 0
            && $0.taps.upperBound <= time.kernel
        },
      "convolution beyond its arrays")
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        guard let input = input.baseAddress, let output = output.baseAddress else { return }
        let call = ConvolutionCall(shape: shape, plan: plan, cancellation: cancellation)
        prepared.add(input, call, to: output + offset, frameStride: stride)
      }
    }
  }
}
