import CKernels

/// Convolution with 3x3 kernels by minimal filtering, F(2x2, 3x3).
///
/// Tiles of 4x4 inputs, every 2 pixels, are transformed so that each of their 16 positions needs one product over
/// channels for 2x2 outputs: 16 multiplications where unrolled columns take 36. Time taps add up before the transform
/// back.
///
/// Source: Lavin & Gray 2016, "Fast algorithms for convolutional neural networks", eq. 8 to 12
struct WinogradConvolution: CostedConvolution {
  private let bank: FilterBank
  /// Transformed filters of a set of taps: `[position, out channel, in channel]`.
  private let weights = Prepared<Range<Int>, [Float]>()

  /// Tiles that keep the transformed values near the core.
  private static let blockTiles = 128
  /// Bytes of transformed values where outputs share inputs, which small blocks would transform again.
  private static let blockBytes = 96 << 20

  init(_ bank: FilterBank) { self.bank = bank }

  func cost(_ call: ConvolutionCall) -> Double? {
    let shape = call.shape
    guard bank.groups == 1, bank.height.count == 3, bank.width.count == 3,
      [shape.height, shape.width].allSatisfy({ $0.stride == 1 && $0.dilation == 1 })
    else { return nil }
    let tiles = Double((shape.outputHeight + 1) / 2 * ((shape.outputWidth + 1) / 2))
    let products = 16 * tiles * Double(call.termCount * bank.outChannels * bank.inChannels)
    // A transformed value costs about as much as ten multiply-adds inside a product.
    let transforms =
      16 * tiles * 10 * Double(call.plan.outputs.count * bank.outChannels + call.inputCount * bank.inChannels)
    return products + transforms
  }

  func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, to output: UnsafeMutablePointer<Float>, frameStride: Int
  ) {
    let shape = call.shape
    var tiles = ck_tiles(
      channels: 0, height: shape.inputHeight, width: shape.inputWidth, top: bank.height.lowerBound - shape.height.low,
      left: bank.width.lowerBound - shape.width.low, rows: (shape.outputHeight + 1) / 2,
      columns: (shape.outputWidth + 1) / 2, out_height: shape.outputHeight, out_width: shape.outputWidth,
      channel_step: 0, position_step: 0, replicate: shape.padding == .replicate ? 1 : 0)
    let perFrame = tiles.rows * tiles.columns
    let sources = [Int32](unsafeUninitializedCapacity: 8 * (tiles.rows + 1) * tiles.columns) { table, count in
      count = table.count
      if let table = table.baseAddress { ck_tile_sources(table, &tiles) }
    }
    let isShared = call.termCount > call.inputCount
    let frameBytes = 64 * perFrame * (bank.inChannels + bank.outChannels)
    let size = isShared ? Self.blockBytes / max(1, frameBytes) : Self.blockTiles / perFrame
    for block in call.plan.blocks(of: size) {
      if call.cancellation.isCancelled { return }
      let inColumns = block.inputs.count * perFrame
      let outColumns = block.outputs.count * perFrame
      withUnsafeTemporaryAllocation(
        of: Float.self, capacity: 16 * (bank.inChannels * inColumns + bank.outChannels * outColumns) + 16 * perFrame
      ) { memory in
        guard let base = memory.baseAddress else { return }
        let transformed = base
        let products = transformed + 16 * bank.inChannels * inColumns
        let scratch = products + 16 * bank.outChannels * outColumns
        tiles.channels = bank.inChannels
        tiles.channel_step = inColumns
        tiles.position_step = bank.inChannels * inColumns
        for (place, frame) in block.inputs.enumerated() {
          ck_winograd_input(
            input + frame * bank.inChannels * shape.inputPlane, transformed + place * perFrame, &tiles, sources, scratch
          )
        }
        for run in block.runs where !call.cancellation.isCancelled {
          weights(run.taps) { transformedFilters(run.taps) }.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            for position in 0..<16 {
              BLAS.sgemm(
                m: bank.outChannels, n: run.count * perFrame, k: bank.inChannels,
                a: weights + position * bank.outChannels * bank.inChannels, lda: bank.inChannels,
                b: transformed + position * bank.inChannels * inColumns + run.input * perFrame, ldb: inColumns,
                beta: run.isFirst ? 0 : 1,
                c: products + position * bank.outChannels * outColumns + run.output * perFrame, ldc: outColumns)
            }
          }
        }
        tiles.channels = bank.outChannels
        tiles.channel_step = outColumns
        tiles.position_step = bank.outChannels * outColumns
        for (place, frame) in block.outputs.enumerated() where !call.plan.outputs[frame].isEmpty {
          ck_winograd_output(products + place * perFrame, output + frame * frameStride, &tiles, scratch)
        }
      }
    }
  }

  /// G g G^T for every filter and channel.
  private func transformedFilters(_ taps: Range<Int>) -> [Float] {
    let planes = bank.planes(times: taps)
    let count = bank.outChannels * bank.inChannels
    return [Float](unsafeUninitializedCapacity: 16 * count) { out, filled in
      filled = 16 * count
      guard let out = out.baseAddress else { return }
      planes.withUnsafeBufferPointer { if let planes = $0.baseAddress { ck_winograd_filter(planes, out, count) } }
    }
  }
}
