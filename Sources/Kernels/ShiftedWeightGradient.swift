import CKernels

/// The gradient of a convolution's weight for few channels, by products of shifted planes whose sums stay in registers.
struct ShiftedWeightGradient {
  private let bank: FilterBank
  private let live: LiveTaps
  private let shape: SpatialShape
  private let planes: ShiftedPlanes

  /// Output frames that are worked on at once.
  private static let blockFrames = 64
  /// Multiply-adds of a product of columns that adding it to a sum takes.
  private static let updateCost = 16.0

  /// - Returns: nil where the sums do not fit; see `ShiftedPlanes`.
  init?(_ bank: FilterBank, _ live: LiveTaps, _ shape: SpatialShape) {
    guard let planes = ShiftedPlanes(shape, bank, height: live.height, width: live.width) else { return nil }
    self.bank = bank
    self.live = live
    self.shape = shape
    self.planes = planes
  }

  /// Whether this takes less time than products of columns.
  func isFaster(_ plan: FramePlan) -> Bool {
    let taps = live.height.count * live.width.count
    let own =
      ConvolutionCost.register * Double(plan.termCount * outs * offsets.count * planes.step)
      + ConvolutionCost.copy * Double(plan.inputCount * planes.frame + plan.outputs.count * outs * planes.step)
    let filters = bank.inChannels * taps
    // Each product of columns also reads and writes all sums, which takes the time of some positions more.
    let columns =
      Double(plan.termCount * bank.outChannels * filters) * (Double(shape.outputPlane) + Self.updateCost)
      + ConvolutionCost.copy * Double(plan.inputCount * filters * shape.outputPlane)
    return own < columns
  }

  /// Adds to the gradient `[out channel, in channel, time, height, width]`.
  func add(
    _ gradient: [Float], _ input: [Float], _ plan: FramePlan, to weight: inout [Float], cancellation: () -> Bool
  ) {
    let offsets = offsets
    let filters = bank.inChannels * live.height.count * live.width.count
    var sums: [Range<Int>: [Float]] = [:]
    for first in stride(from: 0, to: plan.outputs.count, by: Self.blockFrames) {
      if cancellation() { return }
      let block = first..<min(first + Self.blockFrames, plan.outputs.count)
      let frames = plan.inputs(of: block)
      let places = Dictionary(uniqueKeysWithValues: zip(frames, 0...))
      /// By set of taps, the frames that meet under it.
      var pairs: [Range<Int>: (inputs: [Int], outputs: [Int])] = [:]
      for output in block {
        for term in plan.outputs[output] {
          pairs[term.taps, default: ([], [])].inputs.append((places[term.input] ?? 0) * planes.frame)
          pairs[term.taps, default: ([], [])].outputs.append((output - first) * outs * planes.step)
        }
      }
      withUnsafeTemporaryAllocation(
        of: Float.self, capacity: frames.count * planes.frame + planes.slack + block.count * outs * planes.step
      ) { memory in
        guard let copies = memory.baseAddress else { return }
        let runs = copies + frames.count * planes.frame + planes.slack
        input.withUnsafeBufferPointer {
          if let input = $0.baseAddress { planes.fill(copies, from: input, frames: frames) }
        }
        spread(gradient, block, to: runs)
        for (taps, pairs) in pairs {
          planes.withShape(starts: pairs.inputs, offsets: offsets, outs: outs) { shape in
            sums[taps, default: [Float](repeating: 0, count: outs * offsets.count)].withUnsafeMutableBufferPointer {
              guard let sums = $0.baseAddress else { return }
              ck_shifted_products(copies, runs, pairs.outputs, &shape, sums)
            }
          }
        }
      }
    }
    for (taps, sums) in sums.sorted(by: {
      ($0.key.lowerBound, $0.key.upperBound) < ($1.key.lowerBound, $1.key.upperBound)
    }
    ) {
      let own = (0..<bank.outChannels).flatMap { sums[$0 * offsets.count..<$0 * offsets.count + filters] }
      live.add(own, of: taps, to: &weight, bank, kernel: (shape.height.kernel, shape.width.kernel))
    }
  }

  /// Output channels in whole blocks.
  private var outs: Int {
    (bank.outChannels + Int(CK_PRODUCT_OUTPUTS) - 1) / Int(CK_PRODUCT_OUTPUTS) * Int(CK_PRODUCT_OUTPUTS)
  }

  /// Whole blocks of offsets: the last may be there several times.
  private var offsets: [Int] {
    var offsets = planes.offsets
    while offsets.count % Int(CK_PRODUCT_OFFSETS) != 0 { offsets.append(0) }
    return offsets
  }

  /// The gradients of a block's frames as runs; zeros for channels that are not there.
  private func spread(_ gradient: [Float], _ block: Range<Int>, to runs: UnsafeMutablePointer<Float>) {
    let size = bank.outChannels * shape.outputPlane
    let missing = (outs - bank.outChannels) * planes.step
    planes.withShape(starts: [], offsets: [], outs: bank.outChannels) { shape in
      gradient.withUnsafeBufferPointer { gradient in
        guard let gradient = gradient.baseAddress else { return }
        for (place, frame) in block.enumerated() {
          let target = runs + place * outs * planes.step
          ck_shifted_spread(gradient + frame * size, &shape, target)
          ck_fill(target + bank.outChannels * planes.step, missing, 0)
        }
      }
    }
  }
}
