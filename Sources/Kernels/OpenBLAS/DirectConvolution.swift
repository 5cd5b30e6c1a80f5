import CKernels

/// Convolution by unrolled columns.
///
/// Every input frame is unrolled along the kernel's width (along its height too where that is small) and enters one
/// product that adds to all output frames which it reaches: the time taps are stacked as rows, and output frames are
/// neighbours in memory. Kernels along time alone need no columns: neighbouring frames are one matrix already.
struct DirectConvolution: CostedConvolution {
  private let bank: FilterBank
  private let weights = Prepared<Key, [Float]>()

  /// Taps for a run of output frames, in one of three arrangements.
  private struct Key: Hashable, Sendable {
    enum Arrangement { case rowByRow, wholeKernel, alongTime }
    var taps: [Range<Int>]
    var arrangement: Arrangement
  }

  init(_ bank: FilterBank) { self.bank = bank }

  func cost(_ call: ConvolutionCall) -> Double? {
    let shape = call.shape
    let products =
      Double(call.termCount * bank.height.count * bank.width.count * shape.outputPlane)
      * Double(bank.outChannels * bank.inPerGroup)
    let columns = columnsShape(shape, unrolls: unrolls(shape))
    guard !isPlain(shape, columns) else { return products }
    let values = columns.taps * columns.rows * columns.columns * (unrolls(shape) ? bank.height.count : 1)
    return products + ConvolutionCost.copy * Double(call.inputCount * bank.inChannels * values)
  }

  /// Whether columns are unrolled along the kernel's height too.
  private func unrolls(_ shape: SpatialShape) -> Bool {
    shape.height.stride > 1 || bank.inPerGroup * bank.width.count < 64
  }

  /// Whether the frames are the columns already.
  private func isPlain(_ shape: SpatialShape, _ columns: ck_columns_shape) -> Bool {
    bank.height.count == 1 && bank.width.count == 1 && shape.height.stride == 1 && shape.width.stride == 1
      && columns.top == 0 && columns.left == 0 && shape.outputHeight == shape.inputHeight
      && shape.outputWidth == shape.inputWidth
  }

  func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, to output: UnsafeMutablePointer<Float>, frameStride: Int
  ) {
    let shape = call.shape
    let unrolls = unrolls(shape)
    let columns = columnsShape(shape, unrolls: unrolls)
    let isPlain = isPlain(shape, columns)
    if isPlain, bank.groups == 1 {
      addAlongTime(input, call, to: output, frameStride: frameStride)
      return
    }
    let rowLength = columns.rows * columns.columns
    let size = columns.channels * columns.taps * rowLength * (unrolls ? bank.height.count : 1)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: isPlain ? 1 : size) { scratch in
      guard let scratch = scratch.baseAddress else { return }
      for (frame, steps) in steps(call.plan, joins: frameStride == bank.outChannels * shape.outputPlane) {
        if call.cancellation.isCancelled { return }
        for group in 0..<bank.groups {
          let source = input + (frame * bank.inChannels + group * bank.inPerGroup) * shape.inputPlane
          if !isPlain { fill(scratch, from: source, columns, rows: unrolls ? bank.height.count : 1, shape) }
          let unrolled = isPlain ? source : UnsafePointer(scratch)
          for step in steps {
            let target = output + step.output * frameStride + group * bank.outPerGroup * shape.outputPlane
            addProducts(
              step, group: group, columns: unrolled, columnStride: isPlain ? shape.inputPlane : rowLength,
              unrolls: unrolls, shape, to: target)
          }
        }
      }
    }
  }

  // MARK: - Plan

  /// What one input frame adds to: a run of output frames, each through its taps.
  private struct Step {
    var output: Int
    var taps: [Range<Int>]
  }

  private func steps(_ plan: FramePlan, joins: Bool) -> [(frame: Int, steps: [Step])] {
    var byFrame: [Int: [Step]] = [:]
    for (output, terms) in plan.outputs.enumerated() {
      for term in terms {
        var steps = byFrame[term.input] ?? []
        // With several groups, the rows of one group do not follow each other from frame to frame: one product a frame.
        if joins, bank.groups == 1, let last = steps.last, last.output + last.taps.count == output {
          steps[steps.count - 1].taps.append(term.taps)
        } else {
          steps.append(Step(output: output, taps: [term.taps]))
        }
        byFrame[term.input] = steps
      }
    }
    return byFrame.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  // MARK: - Columns and products

  private func columnsShape(_ shape: SpatialShape, unrolls: Bool) -> ck_columns_shape {
    ck_columns_shape(
      channels: bank.inPerGroup, height: shape.inputHeight, width: shape.inputWidth,
      rows: unrolls ? shape.outputHeight : shape.outputHeight + (bank.height.count - 1) * shape.height.dilation,
      columns: shape.outputWidth, top: bank.height.lowerBound * shape.height.dilation - shape.height.low,
      left: bank.width.lowerBound * shape.width.dilation - shape.width.low, row_step: shape.height.stride,
      column_step: shape.width.stride, taps: bank.width.count, tap_step: shape.width.dilation,
      replicate: shape.padding == .replicate ? 1 : 0)
  }

  private func fill(
    _ scratch: UnsafeMutablePointer<Float>, from source: UnsafePointer<Float>, _ columns: ck_columns_shape, rows: Int,
    _ shape: SpatialShape
  ) {
    var columns = columns
    var target = scratch
    for _ in 0..<rows {
      ck_columns(source, target, &columns)
      target += columns.channels * columns.taps * columns.rows * columns.columns
      columns.top += shape.height.dilation
    }
  }

  private func addProducts(
    _ step: Step, group: Int, columns: UnsafePointer<Float>, columnStride: Int, unrolls: Bool, _ shape: SpatialShape,
    to target: UnsafeMutablePointer<Float>
  ) {
    let depth = bank.inPerGroup * bank.width.count * (unrolls ? bank.height.count : 1)
    let rows = step.taps.count * bank.outPerGroup
    let products = unrolls ? 1 : bank.height.count
    let key = Key(taps: step.taps, arrangement: unrolls ? .wholeKernel : .rowByRow)
    weights(key) { arranged(key) }.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      for y in 0..<products {
        BLAS.sgemm(
          m: rows, n: shape.outputPlane, k: depth, a: weights + (group * products + y) * rows * depth, lda: depth,
          b: columns + y * shape.height.dilation * shape.outputWidth, ldb: columnStride, beta: 1, c: target,
          ldc: shape.outputPlane)
      }
    }
  }

  /// Frames under a kernel along time alone: neighbouring ones are the rows of one matrix.
  private func addAlongTime(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, to output: UnsafeMutablePointer<Float>, frameStride: Int
  ) {
    let plane = call.shape.inputPlane
    for (index, terms) in call.plan.outputs.enumerated() {
      let ordered = terms.sorted { $0.input < $1.input }
      var start = 0
      while start < ordered.count {
        var end = start + 1
        while end < ordered.count, ordered[end].input == ordered[end - 1].input + 1 { end += 1 }
        let key = Key(taps: ordered[start..<end].map(\.taps), arrangement: .alongTime)
        let depth = (end - start) * bank.inChannels
        weights(key) { arranged(key) }.withUnsafeBufferPointer { weights in
          guard let weights = weights.baseAddress else { return }
          BLAS.sgemm(
            m: bank.outChannels, n: plane, k: depth, a: weights, lda: depth,
            b: input + ordered[start].input * bank.inChannels * plane, ldb: plane, beta: 1,
            c: output + index * frameStride, ldc: plane)
        }
        start = end
      }
    }
  }

  /// Row by row: one group after the other, each `[height tap, frame of the run, out channel, in channel, width tap]`.
  /// Whole kernel: `[frame, out channel, height tap, in channel, width tap]`. Along time: `[out channel, frame, in channel]`.
  private func arranged(_ key: Key) -> [Float] {
    var out: [Float] = []
    out.reserveCapacity(
      key.taps.count * bank.outChannels * bank.inPerGroup * bank.height.count * bank.width.count)
    let planes = Dictionary(Set(key.taps).map { ($0, bank.planes(times: $0)) }, uniquingKeysWith: { first, _ in first })
    func append(_ taps: Range<Int>, _ filter: Int, _ row: Int) {
      guard let values = planes[taps] else { return }
      for channel in 0..<bank.inPerGroup {
        let start = ((filter * bank.inPerGroup + channel) * bank.height.count + row) * bank.width.count
        out.append(contentsOf: values[start..<start + bank.width.count])
      }
    }
    if key.arrangement == .alongTime {
      for filter in 0..<bank.outChannels { for taps in key.taps { append(taps, filter, 0) } }
      return out
    }
    let rows = 0..<bank.height.count
    for group in 0..<bank.groups {
      let filters = group * bank.outPerGroup..<(group + 1) * bank.outPerGroup
      if key.arrangement == .wholeKernel {
        for taps in key.taps { for filter in filters { for row in rows { append(taps, filter, row) } } }
      } else {
        for row in rows { for taps in key.taps { for filter in filters { append(taps, filter, row) } } }
      }
    }
    return out
  }
}
