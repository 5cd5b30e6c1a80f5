import CKernels

/// Convolution of small maps with few channels, row by row, without columns or transforms.
///
/// A vector holds a run of neighbouring outputs. Each input frame is padded once and enters all output frames that it
/// reaches; a matrix product would spend more time on arranging its operands than on multiplying them.
struct RowConvolution: CostedConvolution {
  private let bank: FilterBank
  /// Of a set of taps, `[out channel / block, in channel, height tap, width tap, block]`.
  private let weights = Prepared<Range<Int>, [Float]>()

  init(_ bank: FilterBank) { self.bank = bank }

  /// Output channels that are summed side by side.
  private var block: Int { bank.outChannels > 8 ? 16 : bank.outChannels > 4 ? 8 : 4 }

  func cost(_ call: ConvolutionCall) -> Double? {
    let shape = call.shape
    guard bank.groups == 1, RowShape.fits(shape) else { return nil }
    let rows = RowShape(shape, bank.inChannels, bank.height, bank.width)
    let outputs = (bank.outChannels + block - 1) / block * block
    let products = bank.inChannels * outputs * bank.height.count * bank.width.count * shape.outputHeight * rows.wide
    let padded = call.plan.inputCount * rows.paddedCount
    // Few filters stay in registers and cache.
    let factor = bank.outChannels * bank.inChannels <= 256 ? 0.4 : 1.6
    return factor * Double(call.plan.termCount) * Double(products) + 4 * Double(padded)
  }

  func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, to output: UnsafeMutablePointer<Float>, frameStride: Int
  ) {
    let shape = RowShape(call.shape, bank.inChannels, bank.height, bank.width)
    var rows = shape.rows
    withUnsafeTemporaryAllocation(of: Float.self, capacity: shape.paddedCount + shape.slack) { memory in
      guard let padded = memory.baseAddress else { return }
      memory.initialize(repeating: 0)
      for (frame, uses) in call.plan.usesByInput {
        if call.cancellation.isCancelled { return }
        ck_pad_rows(input + frame * bank.inChannels * call.shape.inputPlane, padded, &rows)
        for use in uses {
          weights(use.taps) { arranged(use.taps) }.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            ck_rows_convolution(
              padded, weights, output + use.output * frameStride, bank.outChannels, block, &rows)
          }
        }
      }
    }
  }

  private func arranged(_ taps: Range<Int>) -> [Float] {
    let planes = bank.planes(times: taps)
    let depth = bank.inChannels * bank.height.count * bank.width.count
    var out = [Float](repeating: 0, count: (bank.outChannels + block - 1) / block * block * depth)
    for filter in 0..<bank.outChannels {
      for place in 0..<depth {
        out[(filter / block * depth + place) * block + filter % block] = planes[filter * depth + place]
      }
    }
    return out
  }
}

/// Sizes of a convolution that is done row by row.
struct RowShape {
  var rows: ck_rows

  /// - Parameters:
  ///   - height: taps that take part.
  ///   - width: taps that take part.
  init(_ shape: SpatialShape, _ channels: Int, _ height: Range<Int>, _ width: Range<Int>) {
    let wide = (shape.outputWidth + 15) / 16 * 16
    rows = ck_rows(
      channels: channels, height: shape.inputHeight, width: shape.inputWidth, out_height: shape.outputHeight,
      out_width: shape.outputWidth, top: height.lowerBound - shape.height.low,
      left: width.lowerBound - shape.width.low, taps_h: height.count, taps_w: width.count,
      stride: (wide + width.count + 14) / 16 * 16, wide: wide, replicate: shape.padding == .replicate ? 1 : 0)
  }

  static func fits(_ shape: SpatialShape) -> Bool {
    [shape.height, shape.width].allSatisfy { $0.stride == 1 && $0.dilation == 1 }
  }

  var wide: Int { rows.wide }
  /// Values of a padded frame.
  var paddedCount: Int { rows.channels * (rows.out_height + rows.taps_h - 1) * rows.stride }
  /// Values beyond a padded frame that rows summed side by side may read.
  var slack: Int { 4 * rows.stride }
}
