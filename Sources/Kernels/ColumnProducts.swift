import CKernels

/// The products of a convolution's way back, an input frame at a time.
///
/// Columns are `[height tap, in channel of the group, width tap, output position]`.
struct ColumnProducts {
  private let bank: FilterBank
  private let live: LiveTaps
  private let shape: SpatialShape
  private let kernel: (height: Int, width: Int)
  /// Live taps.
  private let taps: (height: Int, width: Int)
  /// Rows of the columns.
  private let depth: Int
  /// The columns of a 1x1 kernel of stride 1 without padding are the frame itself.
  private let isPlain: Bool
  private let wantsWeight: Bool
  private let wantsInput: Bool
  private var columns: [Float]
  private var columnGradient: [Float]
  /// By set of taps in time, their summed filters and the gradient of these: `[out channel, depth]`.
  private var weights: [Range<Int>: [Float]] = [:]
  private var gradients: [Range<Int>: [Float]] = [:]

  init(_ bank: FilterBank, _ live: LiveTaps, _ shape: SpatialShape, _ wanted: WantedGradients) {
    self.bank = bank
    self.live = live
    self.shape = shape
    wantsWeight = wanted.contains(.weight)
    wantsInput = wanted.contains(.input)
    kernel = (shape.height.kernel, shape.width.kernel)
    taps = (live.height.count, live.width.count)
    depth = taps.height * bank.inPerGroup * taps.width
    isPlain =
      kernel == (1, 1) && [shape.height, shape.width].allSatisfy { $0.stride == 1 && $0.low == 0 && $0.high == 0 }
    columns = isPlain ? [] : Elementwise.unfilled(depth * shape.outputPlane)
    columnGradient = wantsInput ? columns : []
  }

  mutating func add(frame: Int, uses: [FramePlan.Use], input: [Float], gradient: [Float], to result: inout [Float]) {
    for use in uses where gradients[use.taps] == nil {
      if wantsInput { weights[use.taps] = arranged(use.taps) }
      gradients[use.taps] = [Float](repeating: 0, count: wantsWeight ? bank.outChannels * depth : 0)
    }
    let plane = shape.outputPlane
    for group in 0..<bank.groups {
      let start = (frame * bank.inChannels + group * bank.inPerGroup) * shape.inputPlane
      if !isPlain, wantsWeight { unroll(input, at: start) }
      for (index, use) in uses.enumerated() {
        let target = (use.output * bank.outChannels + group * bank.outPerGroup) * plane
        let rows = group * bank.outPerGroup * depth
        if wantsWeight {
          BLAS.sgemm(
            m: bank.outPerGroup, n: depth, k: plane, a: gradient, aOffset: target, b: isPlain ? input : columns,
            bOffset: isPlain ? start : 0, transposeB: true, beta: 1, c: &gradients[use.taps, default: []],
            cOffset: rows)
        }
        guard wantsInput, let weight = weights[use.taps] else { continue }
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
      if wantsInput, !isPlain { rollUp(to: &result, at: start) }
    }
  }

  /// Adds the gradients of all sets of taps to the taps that they hold.
  func store(_ weight: inout [Float]) {
    guard wantsWeight else { return }
    let time = weight.count / max(1, bank.outChannels * bank.inPerGroup * kernel.height * kernel.width)
    weight.withUnsafeMutableBufferPointer { weight in
      for (taps, gradient) in gradients.sorted(by: {
        ($0.key.lowerBound, $0.key.upperBound) < ($1.key.lowerBound, $1.key.upperBound)
      }) {
        gradient.withUnsafeBufferPointer { gradient in
          forEachRow { filter, row, place in
            for tap in taps {
              let start = ((filter * time + tap) * kernel.height + row) * kernel.width + live.width.lowerBound
              for column in 0..<self.taps.width { weight[start + column] += gradient[place + column] }
            }
          }
        }
      }
    }
  }

  private func arranged(_ times: Range<Int>) -> [Float] {
    let time = bank.values.count / max(1, bank.outChannels * bank.inPerGroup * kernel.height * kernel.width)
    var out = [Float](repeating: 0, count: bank.outChannels * depth)
    forEachRow { filter, row, place in
      for tap in times {
        let start = ((filter * time + tap) * kernel.height + row) * kernel.width + live.width.lowerBound
        for column in 0..<taps.width { out[place + column] += bank.values[start + column] }
      }
    }
    return out
  }

  /// Every row of live weights of one tap in time: its filter and channel (as one number), its number in the kernel, and
  /// the place of its first weight in `[out channel, depth]`.
  private func forEachRow(_ body: (_ filter: Int, _ row: Int, _ place: Int) -> Void) {
    var place = 0
    for out in 0..<bank.outChannels {
      for row in live.height {
        for channel in 0..<bank.inPerGroup {
          body(out * bank.inPerGroup + channel, row, place)
          place += taps.width
        }
      }
    }
  }

  // MARK: - Columns

  private func columnsShape(row: Int) -> ck_columns_shape {
    ck_columns_shape(
      channels: bank.inPerGroup, height: shape.inputHeight, width: shape.inputWidth, rows: shape.outputHeight,
      columns: shape.outputWidth, top: row * shape.height.dilation - shape.height.low,
      left: live.width.lowerBound * shape.width.dilation - shape.width.low,
      row_step: shape.height.stride, column_step: shape.width.stride, taps: taps.width,
      tap_step: shape.width.dilation, replicate: shape.padding == .replicate ? 1 : 0)
  }

  private mutating func unroll(_ input: [Float], at start: Int) {
    let size = bank.inPerGroup * taps.width * shape.outputPlane
    let shapes = live.height.map(columnsShape)
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
    let size = bank.inPerGroup * taps.width * shape.outputPlane
    let shapes = live.height.map(columnsShape)
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
