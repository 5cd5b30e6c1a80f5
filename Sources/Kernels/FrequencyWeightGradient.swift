import CKernels

/// The gradient of a convolution's weight as products of spectra, for large kernels on small maps.
///
/// The gradient at a tap is the correlation of input and output gradient at that distance. In spectra it is one product
/// over frames for each frequency; only the taps are transformed back. The transforms are those of
/// `FrequencyConvolution`.
struct FrequencyWeightGradient {
  private let bank: FilterBank
  private let live: LiveTaps
  private let shape: SpatialShape

  /// Bytes of the sums of all frequencies.
  private static let largestSums = 64 << 20
  /// Output frames that are worked on at once.
  private static let blockFrames = 48

  init(_ bank: FilterBank, _ live: LiveTaps, _ shape: SpatialShape) {
    self.bank = bank
    self.live = live
    self.shape = shape
  }

  /// Whether spectra take less time than products of columns.
  func isFaster(_ plan: FramePlan) -> Bool {
    let isPlain = [shape.height, shape.width].allSatisfy { $0.stride == 1 && $0.dilation == 1 }
    guard bank.groups == 1, isPlain, live.height.count * live.width.count >= 25 else { return false }
    let size = SpectralTransforms.Size(shape, height: live.height, width: live.width)
    let filters = bank.outChannels * bank.inChannels
    guard size.rows <= 128, size.columns <= 128,
      live.time.count * size.rows * size.half * filters * 8 <= Self.largestSums
    else { return false }
    let frequencies = Double(size.rows * size.half)
    let terms = Double(plan.termCount * filters)
    let plane = Double(2 * size.half * shape.outputHeight * (shape.outputWidth + 2 * size.rows))
    let transforms = plane * Double(plan.inputCount * bank.inChannels + plan.outputs.count * bank.outChannels)
    let back = 2 * frequencies * Double(live.time.count * live.height.count * live.width.count * filters)
    // Small products, and rearrangements between them, take about twice the time of large ones.
    return 2 * (4 * frequencies * terms + transforms) + back
      < terms * Double(live.height.count * live.width.count * shape.outputPlane)
  }

  /// Adds to the gradient `[out channel, in channel, time, height, width]`.
  func add(
    _ gradient: [Float], _ input: [Float], _ plan: FramePlan, to weight: inout [Float], cancellation: () -> Bool
  ) {
    let own = SpectralTransforms(shape, height: live.height, width: live.width)
    let size = own.size
    let plain = SpatialShape(
      inputHeight: shape.outputHeight, inputWidth: shape.outputWidth, height: .init(kernel: 1),
      width: .init(kernel: 1), padding: .zero)
    let outer = SpectralTransforms(plain, height: 0..<1, width: 0..<1, size: size)
    let (ins, outs) = (bank.inChannels, bank.outChannels)
    let frequencies = size.rows * size.half
    let filters = ins * outs
    // By live time tap, [re and im, frequency, in channel, out channel].
    var sums = [[Float]](
      repeating: [Float](repeating: 0, count: 2 * frequencies * filters), count: live.time.count)
    for block in plan.blocks(of: Self.blockFrames) {
      if cancellation() { return }
      let (inStep, outStep) = (block.inputs.count * 2 * ins, block.outputs.count * 2 * outs)
      let work =
        2 * size.half
        * max(
          ins * (shape.inputHeight + 2 * size.rows), outs * (shape.outputHeight + 2 * size.rows))
      withUnsafeTemporaryAllocation(
        of: Float.self, capacity: frequencies * (inStep + outStep) + max(work, 4 * filters)
      ) { memory in
        guard let inputs = memory.baseAddress else { return }
        let outputs = inputs + frequencies * inStep
        let scratch = outputs + frequencies * outStep
        input.withUnsafeBufferPointer { input in
          gradient.withUnsafeBufferPointer { gradient in
            guard let input = input.baseAddress, let gradient = gradient.baseAddress else { return }
            for (place, frame) in block.inputs.enumerated() {
              own.forward(
                input + frame * ins * shape.inputPlane, channels: ins, to: inputs + place * 2 * ins, step: inStep,
                scratch: scratch)
            }
            for (place, frame) in block.outputs.enumerated() {
              outer.forward(
                gradient + frame * outs * shape.outputPlane, channels: outs, to: outputs + place * 2 * outs,
                step: outStep, scratch: scratch)
            }
          }
        }
        for frequency in 0..<frequencies {
          for run in block.runs {
            BLAS.sgemm(
              m: 2 * ins, n: 2 * outs, k: run.count, a: inputs + frequency * inStep + run.input * 2 * ins,
              lda: 2 * ins, transposeA: true, b: outputs + frequency * outStep + run.output * 2 * outs, ldb: 2 * outs,
              beta: 0, c: scratch, ldc: 2 * outs)
            for tap in run.taps {
              sums[tap - live.time.lowerBound].withUnsafeMutableBufferPointer { sums in
                guard let sums = sums.baseAddress else { return }
                ck_spectrum_correlate(
                  scratch, sums + frequency * filters, sums + (frequencies + frequency) * filters, ins, outs)
              }
            }
          }
        }
      }
    }
    store(sums, own, to: &weight)
  }

  /// Transforms the taps back.
  private func store(_ sums: [[Float]], _ transforms: SpectralTransforms, to weight: inout [Float]) {
    let size = transforms.size
    let (ins, outs) = (bank.inChannels, bank.outChannels)
    let taps = live.height.count * live.width.count
    let frequencies = size.rows * size.half
    var waves = transforms.waves
    let share = 1 / Float(size.rows * size.columns)
    for frequency in 0..<frequencies {
      // A column that stands for its conjugate too counts twice.
      let column = frequency % size.half
      let count: Float = column == 0 || 2 * column == size.columns ? 1 : 2
      for tap in 0..<taps {
        waves[frequency * taps + tap] *= count * share
        waves[(frequencies + frequency) * taps + tap] *= -count * share
      }
    }
    let filters = ins * outs
    var planes = Elementwise.unfilled(taps * filters)
    for (tap, sums) in sums.enumerated() {
      BLAS.sgemm(
        m: taps, n: filters, k: 2 * frequencies, a: waves, lda: taps, transposeA: true, b: sums, ldb: filters,
        c: &planes)
      var arranged = [Float](repeating: 0, count: taps * filters)
      for place in 0..<taps {
        for channel in 0..<ins {
          for out in 0..<outs {
            arranged[(out * ins + channel) * taps + place] = planes[place * filters + channel * outs + out]
          }
        }
      }
      let time = live.time.lowerBound + tap
      live.add(
        arranged, of: time..<time + 1, to: &weight, bank, kernel: (shape.height.kernel, shape.width.kernel))
    }
  }
}
