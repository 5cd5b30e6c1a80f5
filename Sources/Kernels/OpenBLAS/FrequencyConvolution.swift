import CKernels

/// Convolution as products of spectra.
///
/// A circular transform just large enough for the outputs leaves them uncontaminated. The transforms are products with
/// cosine and sine matrices, so any size is as good as another, and padding, stride and dilation are part of the
/// matrices. Per frequency there is one product over channels for all frames; time taps add up before the transform
/// back.
///
/// Errors are relative to a plane's largest value, not to each value, and what is not finite spreads over its plane.
///
/// Source: Mathieu, Henaff & LeCun 2014, "Fast training of convolutional networks through FFTs"
struct FrequencyConvolution: CostedConvolution {
  private let bank: FilterBank
  private let transforms = Prepared<SpatialShape, SpectralTransforms>()
  private let weights = Prepared<Key, [Float]>()

  private struct Key: Hashable, Sendable {
    var taps: Range<Int>
    var shape: SpatialShape
  }

  /// Bytes that the spectra of one set of taps may take.
  private static let largestFilters = 64 << 20
  /// Bytes of spectra that are worked on at once.
  private static let blockBytes = 64 << 20

  init(_ bank: FilterBank) { self.bank = bank }

  func cost(_ call: ConvolutionCall) -> Double? {
    let size = SpectralTransforms.Size(call.shape, height: bank.height, width: bank.width)
    guard bank.groups == 1, bank.height.count * bank.width.count > 1, size.rows <= 128, size.columns <= 128,
      size.rows * size.half * 16 <= Self.largestFilters / max(1, bank.inChannels * bank.outChannels)
    else { return nil }
    let (rows, half) = (Double(size.rows), Double(size.half))
    let (height, width) = (Double(call.shape.inputHeight), Double(call.shape.inputWidth))
    let (outHeight, outWidth) = (Double(call.shape.outputHeight), Double(call.shape.outputWidth))
    let forward = 2 * half * height * (width + 2 * rows)
    let back = 2 * half * outHeight * (2 * rows + outWidth)
    // Small products, and rearrangements between them, take about twice the time of large ones.
    let products = 4 * rows * half * Double(call.termCount * bank.outChannels * bank.inChannels)
    return 2
      * (products + forward * Double(call.inputCount * bank.inChannels) + back
        * Double(call.plan.outputs.count * bank.outChannels))
  }

  func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, to output: UnsafeMutablePointer<Float>, frameStride: Int
  ) {
    let transforms = transforms(call.shape) {
      SpectralTransforms(call.shape, height: bank.height, width: bank.width)
    }
    let perFrame = 8 * transforms.size.rows * transforms.size.half * (bank.inChannels + bank.outChannels)
    for block in call.plan.blocks(of: min(32, Self.blockBytes / max(1, perFrame))) {
      if call.cancellation.isCancelled { return }
      add(input, call, block, transforms, to: output, frameStride: frameStride)
    }
  }

  private func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, _ block: FramePlan.Block, _ transforms: SpectralTransforms,
    to output: UnsafeMutablePointer<Float>, frameStride: Int
  ) {
    let shape = call.shape
    let (rows, half) = (transforms.size.rows, transforms.size.half)
    let frequencies = rows * half
    let inWidth = 2 * bank.inChannels
    let outWidth = 2 * bank.outChannels
    let inStep = block.inputs.count * inWidth
    let outStep = block.outputs.count * outWidth
    let work = max(
      2 * half * bank.inChannels * (shape.inputHeight + 2 * rows),
      2 * half * bank.outChannels * (rows + shape.outputHeight))
    withUnsafeTemporaryAllocation(of: Float.self, capacity: frequencies * (inStep + outStep) + work) { memory in
      guard let transformed = memory.baseAddress else { return }
      let sums = transformed + frequencies * inStep
      let scratch = sums + frequencies * outStep
      for (place, frame) in block.inputs.enumerated() {
        transforms.forward(
          input + frame * bank.inChannels * shape.inputPlane, channels: bank.inChannels,
          to: transformed + place * inWidth,
          step: inStep, scratch: scratch)
      }
      let filters = block.runs.map { run in
        weights(Key(taps: run.taps, shape: shape)) { spectra(of: bank.planes(times: run.taps), transforms) }
      }
      for frequency in 0..<frequencies {
        for (run, filter) in zip(block.runs, filters) {
          filter.withUnsafeBufferPointer { filter in
            guard let filter = filter.baseAddress else { return }
            BLAS.sgemm(
              m: run.count, n: outWidth, k: inWidth, a: transformed + frequency * inStep + run.input * inWidth,
              lda: inWidth, b: filter + frequency * inWidth * outWidth, ldb: outWidth, beta: run.isFirst ? 0 : 1,
              c: sums + frequency * outStep + run.output * outWidth, ldc: outWidth)
          }
        }
      }
      for (place, frame) in block.outputs.enumerated() where !call.plan.outputs[frame].isEmpty {
        transforms.backward(
          sums + place * outWidth, channels: bank.outChannels, step: outStep, addingTo: output + frame * frameStride,
          scratch: scratch)
      }
    }
  }

  /// Conjugate spectra of filters as real matrices: `[frequency, re and im of in channel, re and im of out channel]`.
  private func spectra(of planes: [Float], _ transforms: SpectralTransforms) -> [Float] {
    let taps = bank.height.count * bank.width.count
    let filters = bank.outChannels * bank.inChannels
    let frequencies = transforms.size.rows * transforms.size.half
    // [re and im, frequency] x tap, times tap x [out, in].
    let waves = transforms.waves
    var parts = Elementwise.unfilled(2 * frequencies * filters)
    BLAS.sgemm(m: 2 * frequencies, n: filters, k: taps, a: waves, b: planes, transposeB: true, c: &parts)
    let (ins, outs) = (bank.inChannels, bank.outChannels)
    return [Float](unsafeUninitializedCapacity: frequencies * 4 * filters) { out, filled in
      filled = frequencies * 4 * filters
      parts.withUnsafeBufferPointer { parts in
        for frequency in 0..<frequencies {
          let start = frequency * 4 * filters
          for o in 0..<outs {
            for i in 0..<ins {
              let re = parts[frequency * filters + o * ins + i]
              let im = parts[(frequencies + frequency) * filters + o * ins + i]
              out[start + i * 2 * outs + o] = re
              out[start + i * 2 * outs + outs + o] = im
              out[start + (ins + i) * 2 * outs + o] = -im
              out[start + (ins + i) * 2 * outs + outs + o] = re
            }
          }
        }
      }
    }
  }
}
