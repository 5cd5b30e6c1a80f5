import Base
import CKernels

extension Convolution {
  /// What a gradient of the output gives.
  public struct Gradients: Sendable {
    /// `[frame, in channel, height, width]`
    public var input: [Float]
    /// As the weight.
    public var weight: [Float]
    /// `[out channel]`
    public var bias: [Float]
  }

  /// The plan of one sample in which every tap takes part, also those whose weights are 0 now: their gradient is not.
  public func fullPlan(frames: Int) -> FramePlan {
    FramePlan(time, frames: frames, padding: padding, used: 0..<time.kernel)
  }

  /// From the gradient of the output frames of `plan` to those of input, weight and bias.
  ///
  /// For large kernels the weight's gradient is summed in spectra, for few channels from shifted planes. Else each input frame
  /// is unrolled into columns once, and one product for each output frame that it enters adds to the gradient. The input's
  /// gradient is a convolution of the output's with the filters turned round, by whatever method suits its shape. With
  /// strides it is instead the product of filters and gradient, added back from the columns to the pixels.
  ///
  /// Shapes: `gradient` `[output frame, out channel, height', width']`, `input` `[frame, in channel, height, width]`.
  ///
  /// - Parameters:
  ///   - wanted: those that are asked for; others come back empty (the input) or as zeros.
  ///   - cancellation: once it is set, what comes back is not to be used.
  public func pullback(
    _ gradient: [Float], input: [Float], height h: Int, width w: Int, plan: FramePlan, wanted: WantedGradients = .all,
    cancellation: Cancellation = Cancellation()
  ) -> Gradients {
    let shape = SpatialShape(inputHeight: h, inputWidth: w, height: height, width: width, padding: padding)
    let plane = shape.outputPlane
    let frames = input.count / max(1, inChannels * h * w)
    precondition(
      gradient.count == plan.outputs.count * outChannels * plane && input.count == frames * inChannels * h * w
        && plan.outputs.joined().allSatisfy {
          (0..<frames).contains($0.input) && $0.taps.lowerBound >= 0 && $0.taps.upperBound <= time.kernel
        }, "gradient of a convolution beyond its arrays")
    var result = Gradients(
      input: wanted.contains(.input) ? [Float](repeating: 0, count: input.count) : [],
      weight: [Float](repeating: 0, count: bank.values.count), bias: [Float](repeating: 0, count: outChannels))
    if wanted.contains(.bias) {
      for channel in 0..<outChannels {
        var sum = 0.0
        for frame in plan.outputs.indices {
          let start = (frame * outChannels + channel) * plane
          sum += Reduction.sum(gradient, in: start..<start + plane)
        }
        result.bias[channel] = Float(sum)
      }
    }
    let turned = height.stride == 1 && width.stride == 1 && bank.groups == 1
    let uses = plan.usesByInput
    var direct = wanted
    if turned { direct.remove(.input) }
    let spectra = FrequencyWeightGradient(bank, live, shape)
    if turned, direct.contains(.weight), spectra.isFaster(plan) {
      spectra.add(gradient, input, plan, to: &result.weight) { cancellation.isCancelled }
      direct.remove(.weight)
    } else if direct.contains(.weight), let shifted = ShiftedWeightGradient(bank, live, shape), shifted.isFaster(plan) {
      shifted.add(gradient, input, plan, to: &result.weight) { cancellation.isCancelled }
      direct.remove(.weight)
    }
    if cancellation.isCancelled { return result }
    if !direct.isDisjoint(with: [.input, .weight]) {
      var products = ColumnProducts(bank, live, shape, direct)
      for (frame, uses) in uses {
        if cancellation.isCancelled { return result }
        products.add(frame: frame, uses: uses, input: input, gradient: gradient, to: &result.input)
      }
      products.store(&result.weight)
    }
    if turned, wanted.contains(.input) {
      addTurned(gradient, shape, uses, to: &result.input, cancellation: cancellation)
    }
    return result
  }

  /// The gradient of the padded input is a full convolution; what lies in padding goes to the pixels that it repeats.
  private func addTurned(
    _ gradient: [Float], _ shape: SpatialShape, _ uses: [(frame: Int, uses: [FramePlan.Use])], to result: inout [Float],
    cancellation: Cancellation
  ) {
    let turned = turned
    let plan = FramePlan(outputs: uses.map { $0.uses.map { FramePlan.Term(taps: $0.taps, input: $0.output) } })
    let whole = turned(
      gradient, height: shape.outputHeight, width: shape.outputWidth, plan: plan, cancellation: cancellation)
    var fold = ck_fold_shape(
      height: turned.height.outputs(shape.outputHeight), width: turned.width.outputs(shape.outputWidth),
      out_height: shape.inputHeight, out_width: shape.inputWidth,
      top: height.low - live.height.lowerBound * height.dilation,
      left: width.low - live.width.lowerBound * width.dilation,
      replicate: padding == .replicate ? 1 : 0)
    let plane = fold.height * fold.width
    whole.withUnsafeBufferPointer { whole in
      result.withUnsafeMutableBufferPointer { result in
        guard let whole = whole.baseAddress, let result = result.baseAddress else { return }
        for (place, use) in uses.enumerated() {
          for channel in 0..<inChannels {
            ck_fold(
              whole + (place * inChannels + channel) * plane,
              result + (use.frame * inChannels + channel) * shape.inputPlane, &fold)
          }
        }
      }
    }
  }
}

extension FramePlan {
  /// An output frame that an input frame enters, and the taps that it meets there.
  typealias Use = (output: Int, taps: Range<Int>)

  /// For each input frame that is read, in order, where it goes.
  var usesByInput: [(frame: Int, uses: [Use])] {
    var uses: [Int: [Use]] = [:]
    for (output, terms) in outputs.enumerated() {
      for term in terms { uses[term.input, default: []].append((output, term.taps)) }
    }
    return uses.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
