import CKernels
import Foundation

/// Convolution as products of spectra.
///
/// A circular transform just large enough for the outputs leaves them uncontaminated. The transforms are products with
/// cosine and sine matrices, so any size is as good as another, and padding, stride and dilation are part of the
/// matrices. Per frequency there is one product over channels for all frames; time taps add up before the transform
/// back.
///
/// Source: Mathieu, Henaff & LeCun 2014, "Fast training of convolutional networks through FFTs"
struct FrequencyConvolution: CostedConvolution {
  private let bank: FilterBank
  private let transforms = Prepared<SpatialShape, Transforms>()
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
    let size = Size(bank, call.shape)
    guard bank.groups == 1, bank.height.count * bank.width.count > 1, size.rows <= 128, size.columns <= 128,
      size.rows * size.half * 16 <= Self.largestFilters / max(1, bank.inChannels * bank.outChannels)
    else { return nil }
    let (rows, half) = (Double(size.rows), Double(size.half))
    let (height, width) = (Double(call.shape.inputHeight), Double(call.shape.inputWidth))
    let (outHeight, outWidth) = (Double(call.shape.outputHeight), Double(call.shape.outputWidth))
    let forward = 2 * half * height * (width + 2 * rows)
    let back = 2 * half * outHeight * (2 * rows + outWidth)
    // Small products, and rearrangements between them, take about twice the time of large ones.
    let products = 4 * rows * half * Double(call.plan.termCount * bank.outChannels * bank.inChannels)
    return 2
      * (products + forward * Double(call.plan.inputCount * bank.inChannels) + back
        * Double(call.plan.outputs.count * bank.outChannels))
  }

  /// Frequencies of a transform: all rows, and the half of the columns that is not conjugate to the other.
  private struct Size {
    var rows: Int
    var columns: Int
    var half: Int { columns / 2 + 1 }

    init(_ bank: FilterBank, _ shape: SpatialShape) {
      func size(_ outputs: Int, _ taps: Int, _ axis: KernelAxis) -> Int {
        (outputs - 1) * axis.stride + (taps - 1) * axis.dilation + 1
      }
      rows = size(shape.outputHeight, bank.height.count, shape.height)
      columns = size(shape.outputWidth, bank.width.count, shape.width)
    }
  }

  func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, to output: UnsafeMutablePointer<Float>, frameStride: Int
  ) {
    let transforms = transforms(call.shape) { Transforms(bank, call.shape) }
    let perFrame = 8 * transforms.size.rows * transforms.size.half * (bank.inChannels + bank.outChannels)
    for block in call.plan.blocks(of: min(32, Self.blockBytes / max(1, perFrame))) {
      add(input, call, block, transforms, to: output, frameStride: frameStride)
    }
  }

  private func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, _ block: FramePlan.Block, _ transforms: Transforms,
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
  private func spectra(of planes: [Float], _ transforms: Transforms) -> [Float] {
    let taps = bank.height.count * bank.width.count
    let filters = bank.outChannels * bank.inChannels
    let frequencies = transforms.size.rows * transforms.size.half
    // [re and im, frequency] x tap, times tap x [out, in].
    let waves = transforms.waves(bank)
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

  /// The matrices of one shape.
  private struct Transforms: Sendable {
    let size: Size
    let shape: SpatialShape
    /// `[input column, cos and -sin of half the frequencies]`
    private let forwardColumns: [Float]
    /// `[cos and -sin of all frequencies, input row]`
    private let forwardRows: [Float]
    /// `[re and im of an output row, re and im of all frequencies]`, divided by the transform's size
    private let backwardRows: [Float]
    /// `[half the frequencies, output column]`: cos, then -sin, doubled where a conjugate frequency is left out
    private let backwardColumns: [Float]

    init(_ bank: FilterBank, _ shape: SpatialShape) {
      size = Size(bank, shape)
      self.shape = shape
      let half = size.half
      let (rows, columns) = (size.rows, size.columns)
      /// Input pixel that a place of the transform shows; nil where padding is zero.
      func pixel(_ place: Int, _ axis: KernelAxis, _ firstTap: Int, _ count: Int) -> Int? {
        let at = place - axis.low + firstTap * axis.dilation
        if shape.padding == .replicate { return min(max(at, 0), count - 1) }
        return at >= 0 && at < count ? at : nil
      }
      func wave(_ frequency: Int, _ place: Int, _ size: Int) -> (cos: Double, sin: Double) {
        let angle = 2 * Double.pi * Double(frequency * place % size) / Double(size)
        return (cos(angle), sin(angle))
      }
      var x = [Double](repeating: 0, count: shape.inputWidth * 2 * half)
      for place in 0..<columns {
        guard let pixel = pixel(place, shape.width, bank.width.lowerBound, shape.inputWidth) else { continue }
        for frequency in 0..<half {
          let (cosine, sine) = wave(frequency, place, columns)
          x[pixel * 2 * half + frequency] += cosine
          x[pixel * 2 * half + half + frequency] -= sine
        }
      }
      var y = [Double](repeating: 0, count: 2 * rows * shape.inputHeight)
      for place in 0..<rows {
        guard let pixel = pixel(place, shape.height, bank.height.lowerBound, shape.inputHeight) else { continue }
        for frequency in 0..<rows {
          let (cosine, sine) = wave(frequency, place, rows)
          y[frequency * shape.inputHeight + pixel] += cosine
          y[(rows + frequency) * shape.inputHeight + pixel] -= sine
        }
      }
      let (outHeight, outWidth) = (shape.outputHeight, shape.outputWidth)
      var back = [Double](repeating: 0, count: 4 * outHeight * rows)
      for row in 0..<outHeight {
        for frequency in 0..<rows {
          var (cosine, sine) = wave(frequency, row * shape.height.stride, rows)
          cosine /= Double(rows * columns)
          sine /= Double(rows * columns)
          back[row * 2 * rows + frequency] = cosine
          back[row * 2 * rows + rows + frequency] = -sine
          back[(outHeight + row) * 2 * rows + frequency] = sine
          back[(outHeight + row) * 2 * rows + rows + frequency] = cosine
        }
      }
      var last = [Double](repeating: 0, count: 2 * half * outWidth)
      for frequency in 0..<half {
        let weight = frequency == 0 || 2 * frequency == columns ? 1.0 : 2.0
        for column in 0..<outWidth {
          let (cosine, sine) = wave(frequency, column * shape.width.stride, columns)
          last[frequency * outWidth + column] = weight * cosine
          last[(half + frequency) * outWidth + column] = -weight * sine
        }
      }
      forwardColumns = x.map(Float.init)
      forwardRows = y.map(Float.init)
      backwardRows = back.map(Float.init)
      backwardColumns = last.map(Float.init)
    }

    /// e^{i a} of every frequency at every tap: `[re and im, frequency, tap]`.
    func waves(_ bank: FilterBank) -> [Float] {
      var re: [Float] = []
      var im: [Float] = []
      for row in 0..<size.rows {
        for column in 0..<size.half {
          for y in 0..<bank.height.count {
            for x in 0..<bank.width.count {
              let turns =
                Double(row * y * shape.height.dilation % size.rows) / Double(size.rows)
                + Double(column * x * shape.width.dilation % size.columns) / Double(size.columns)
              re.append(Float(cos(2 * Double.pi * turns)))
              im.append(Float(sin(2 * Double.pi * turns)))
            }
          }
        }
      }
      return re + im
    }

    /// Spectra of one frame's channels, `step` values from frequency to frequency.
    func forward(
      _ frame: UnsafePointer<Float>, channels: Int, to spectra: UnsafeMutablePointer<Float>, step: Int,
      scratch: UnsafeMutablePointer<Float>
    ) {
      let width = 2 * size.half
      let lines = scratch
      let products = scratch + channels * shape.inputHeight * width
      forwardColumns.withUnsafeBufferPointer { matrix in
        guard let matrix = matrix.baseAddress else { return }
        BLAS.sgemm(
          m: channels * shape.inputHeight, n: width, k: shape.inputWidth, a: frame, lda: shape.inputWidth, b: matrix,
          ldb: width, beta: 0, c: lines, ldc: width)
      }
      forwardRows.withUnsafeBufferPointer { matrix in
        guard let matrix = matrix.baseAddress else { return }
        for channel in 0..<channels {
          BLAS.sgemm(
            m: 2 * size.rows, n: width, k: shape.inputHeight, a: matrix, lda: shape.inputHeight,
            b: lines + channel * shape.inputHeight * width, ldb: width, beta: 0,
            c: products + channel * 2 * size.rows * width, ldc: width)
        }
      }
      var spectrum = ck_spectrum(channels: channels, rows: size.rows, half: size.half, step: step)
      ck_spectrum_scatter(products, spectra, &spectrum)
    }

    /// Adds the planes that belong to one frame's spectra.
    func backward(
      _ spectra: UnsafePointer<Float>, channels: Int, step: Int, addingTo planes: UnsafeMutablePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) {
      let wide = channels * size.half
      let arranged = scratch
      let lines = scratch + 2 * size.rows * wide
      var spectrum = ck_spectrum(channels: channels, rows: size.rows, half: size.half, step: step)
      ck_spectrum_gather(spectra, arranged, &spectrum)
      backwardRows.withUnsafeBufferPointer { matrix in
        guard let matrix = matrix.baseAddress else { return }
        BLAS.sgemm(
          m: 2 * shape.outputHeight, n: wide, k: 2 * size.rows, a: matrix, lda: 2 * size.rows, b: arranged, ldb: wide,
          beta: 0, c: lines, ldc: wide)
      }
      backwardColumns.withUnsafeBufferPointer { matrix in
        guard let matrix = matrix.baseAddress else { return }
        for row in 0..<shape.outputHeight {
          for part in 0..<2 {
            BLAS.sgemm(
              m: channels, n: shape.outputWidth, k: size.half, a: lines + (part * shape.outputHeight + row) * wide,
              lda: size.half, b: matrix + part * size.half * shape.outputWidth, ldb: shape.outputWidth, beta: 1,
              c: planes + row * shape.outputWidth, ldc: shape.outputPlane)
          }
        }
      }
    }
  }
}
