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
  /// Each input frame is unrolled into columns once. Per output frame that it enters, one product adds to the weight's
  /// gradient. The input's gradient is a convolution of the output's with the filters turned round, by whatever method
  /// suits its shape. With strides it is instead the product of filters and gradient, added back from the columns to the
  /// pixels.
  ///
  /// Shapes: `gradient` `[output frame, out channel, height', width']`, `input` `[frame, in channel, height, width]`.
  ///
  /// - Parameter cancellation: once it is set, what comes back is not to be used.
  public func pullback(
    _ gradient: [Float], input: [Float], height h: Int, width w: Int, plan: FramePlan,
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
      input: [Float](repeating: 0, count: input.count), weight: [Float](repeating: 0, count: bank.values.count),
      bias: [Float](repeating: 0, count: outChannels))
    for channel in 0..<outChannels {
      var sum = 0.0
      for frame in plan.outputs.indices {
        let start = (frame * outChannels + channel) * plane
        sum += Reduction.sum(gradient, in: start..<start + plane)
      }
      result.bias[channel] = Float(sum)
    }
    let turned = height.stride == 1 && width.stride == 1 && bank.groups == 1
    var products = ColumnProducts(bank, shape, addsToInput: !turned)
    let uses = plan.usesByInput
    for (frame, uses) in uses {
      if cancellation.isCancelled { return result }
      products.add(frame: frame, uses: uses, input: input, gradient: gradient, to: &result.input)
    }
    products.store(&result.weight)
    if turned { addTurned(gradient, shape, uses, to: &result.input, cancellation: cancellation) }
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
      out_height: shape.inputHeight, out_width: shape.inputWidth, top: height.low, left: width.low,
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
  fileprivate var usesByInput: [(frame: Int, uses: [Use])] {
    var uses: [Int: [Use]] = [:]
    for (output, terms) in outputs.enumerated() {
      for term in terms { uses[term.input, default: []].append((output, term.taps)) }
    }
    return uses.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

/// The products of a convolution's way back, an input frame at a time.
///
/// Columns are `[height tap, in channel of the group, width tap, output position]`.
private struct ColumnProducts {
  private let bank: FilterBank
  private let shape: SpatialShape
  private let kernel: (height: Int, width: Int)
  /// Rows of the columns.
  private let depth: Int
  /// The columns of a 1x1 kernel of stride 1 without padding are the frame itself.
  private let isPlain: Bool
  private var columns: [Float]
  private var columnGradient: [Float]
  /// By set of taps, their summed filters and the gradient of these: `[out channel, depth]`.
  private var weights: [Range<Int>: [Float]] = [:]
  private var gradients: [Range<Int>: [Float]] = [:]

  private let addsToInput: Bool

  init(_ bank: FilterBank, _ shape: SpatialShape, addsToInput: Bool) {
    self.bank = bank
    self.addsToInput = addsToInput
    self.shape = shape
    kernel = (shape.height.kernel, shape.width.kernel)
    depth = kernel.height * bank.inPerGroup * kernel.width
    isPlain =
      kernel == (1, 1) && [shape.height, shape.width].allSatisfy { $0.stride == 1 && $0.low == 0 && $0.high == 0 }
    columns = isPlain ? [] : Elementwise.unfilled(depth * shape.outputPlane)
    columnGradient = addsToInput ? columns : []
  }

  mutating func add(frame: Int, uses: [FramePlan.Use], input: [Float], gradient: [Float], to result: inout [Float]) {
    for use in uses where weights[use.taps] == nil {
      weights[use.taps] = arranged(use.taps)
      gradients[use.taps] = [Float](repeating: 0, count: bank.outChannels * depth)
    }
    let plane = shape.outputPlane
    for group in 0..<bank.groups {
      let start = (frame * bank.inChannels + group * bank.inPerGroup) * shape.inputPlane
      if !isPlain { unroll(input, at: start) }
      for (index, use) in uses.enumerated() {
        let target = (use.output * bank.outChannels + group * bank.outPerGroup) * plane
        let rows = group * bank.outPerGroup * depth
        BLAS.sgemm(
          m: bank.outPerGroup, n: depth, k: plane, a: gradient, aOffset: target, b: isPlain ? input : columns,
          bOffset: isPlain ? start : 0, transposeB: true, beta: 1, c: &gradients[use.taps, default: []], cOffset: rows)
        guard addsToInput, let weight = weights[use.taps] else { continue }
        if isPlain {
          BLAS.sgemm(
            m: depth, n: plane, k: bank.outPerGroup, a: weight, aOffset: rows, lda: depth, transposeA: true,
            b: gradient,
            bOffset: target, beta: 1, c: &result, cOffset: start)
        } else {
          BLAS.sgemm(
            m: depth, n: plane, k: bank.outPerGroup, a: weight, aOffset: rows, lda: depth, transposeA: true,
            b: gradient,
            bOffset: target, beta: index == 0 ? 0 : 1, c: &columnGradient)
        }
      }
      if addsToInput, !isPlain { rollUp(to: &result, at: start) }
    }
  }

  /// Adds the gradients of all sets of taps to the taps that they hold.
  func store(_ weight: inout [Float]) {
    let time = weight.count / max(1, bank.outChannels * depth)
    for (taps, gradient) in gradients.sorted(by: {
      ($0.key.lowerBound, $0.key.upperBound) < ($1.key.lowerBound, $1.key.upperBound)
    }) {
      forEachWeight { filter, row, column, place in
        for tap in taps {
          weight[((filter * time + tap) * kernel.height + row) * kernel.width + column] += gradient[place]
        }
      }
    }
  }

  private func arranged(_ taps: Range<Int>) -> [Float] {
    let time = bank.values.count / max(1, bank.outChannels * depth)
    var out = [Float](repeating: 0, count: bank.outChannels * depth)
    forEachWeight { filter, row, column, place in
      for tap in taps {
        out[place] += bank.values[((filter * time + tap) * kernel.height + row) * kernel.width + column]
      }
    }
    return out
  }

  /// Every weight of one tap in time: its filter and channel (as one number), its place in space, and its place in
  /// `[out channel, depth]`.
  private func forEachWeight(_ body: (_ filter: Int, _ row: Int, _ column: Int, _ place: Int) -> Void) {
    var place = 0
    for out in 0..<bank.outChannels {
      for row in 0..<kernel.height {
        for channel in 0..<bank.inPerGroup {
          for column in 0..<kernel.width {
            body(out * bank.inPerGroup + channel, row, column, place)
            place += 1
          }
        }
      }
    }
  }

  // MARK: - Columns

  private func columnsShape(row: Int) -> ck_columns_shape {
    ck_columns_shape(
      channels: bank.inPerGroup, height: shape.inputHeight, width: shape.inputWidth, rows: shape.outputHeight,
      columns: shape.outputWidth, top: row * shape.height.dilation - shape.height.low, left: -shape.width.low,
      row_step: shape.height.stride, column_step: shape.width.stride, taps: kernel.width,
      tap_step: shape.width.dilation, replicate: shape.padding == .replicate ? 1 : 0)
  }

  private mutating func unroll(_ input: [Float], at start: Int) {
    let size = bank.inPerGroup * kernel.width * shape.outputPlane
    let shapes = (0..<kernel.height).map(columnsShape)
    input.withUnsafeBufferPointer { input in
      columns.withUnsafeMutableBufferPointer { columns in
        guard let input = input.baseAddress, let columns = columns.baseAddress else { return }
        for (row, shape) in shapes.enumerated() {
          var shape = shape
          ck_columns(input + start, columns + row * size, &shape)
        }
      }
    }
  }

  private func rollUp(to result: inout [Float], at start: Int) {
    let size = bank.inPerGroup * kernel.width * shape.outputPlane
    let shapes = (0..<kernel.height).map(columnsShape)
    columnGradient.withUnsafeBufferPointer { columns in
      result.withUnsafeMutableBufferPointer { result in
        guard let columns = columns.baseAddress, let result = result.baseAddress else { return }
        for (row, shape) in shapes.enumerated() {
          var shape = shape
          ck_columns_gradient(columns + row * size, result + start, &shape)
        }
      }
    }
  }
}
