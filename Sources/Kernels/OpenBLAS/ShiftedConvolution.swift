import CKernels

/// Convolution of few channels by sums of shifted planes, which stay in registers: nothing is unrolled.
///
/// With few channels, arranging the operands of a matrix product takes as long as the product. Here a frame is copied once with
/// its border; each output frame then sums, for eight channels at a time, all its taps over runs of positions.
struct ShiftedConvolution: CostedConvolution {
  private let bank: FilterBank
  private let weights = Prepared<[Range<Int>], [Float]>()

  /// Values of copied frames that are worked on at once.
  private static let blockValues = 1 << 17
  private static let outputs = Int(CK_SHIFTED_OUTPUTS)

  init(_ bank: FilterBank) { self.bank = bank }

  func cost(_ call: ConvolutionCall) -> Double? {
    guard let planes = planes(call.shape) else { return nil }
    let terms = call.termCount * bank.inChannels * bank.height.count * bank.width.count
    return ConvolutionCost.register * Double(terms * outsInEights * planes.step)
      + ConvolutionCost.copy * Double(call.inputCount * planes.frame)
  }

  private func planes(_ shape: SpatialShape) -> ShiftedPlanes? {
    ShiftedPlanes(shape, bank, height: bank.height, width: bank.width)
  }

  private var outsInEights: Int { (bank.outChannels + Self.outputs - 1) / Self.outputs * Self.outputs }

  func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, to output: UnsafeMutablePointer<Float>, frameStride: Int
  ) {
    guard let planes = planes(call.shape) else { return }
    let offsets = planes.offsets
    let all = call.plan.outputs
    let size = max(1, Self.blockValues / max(1, planes.frame))
    var filters: (taps: [Range<Int>], weights: [Float]) = ([], [])
    for first in stride(from: 0, to: all.count, by: size) {
      if call.cancellation.isCancelled { return }
      let block = first..<min(first + size, all.count)
      let frames = call.plan.inputs(of: block)
      let places = Dictionary(uniqueKeysWithValues: zip(frames, 0...))
      withUnsafeTemporaryAllocation(
        of: Float.self, capacity: frames.count * planes.frame + planes.slack + Self.outputs * planes.step
      ) { memory in
        guard let copies = memory.baseAddress else { return }
        let scratch = copies + frames.count * planes.frame + planes.slack
        planes.fill(copies, from: input, frames: frames)
        for place in block where !all[place].isEmpty {
          let taps = all[place].map(\.taps)
          if taps != filters.taps { filters = (taps, weights(taps) { arranged(taps) }) }
          let starts = all[place].compactMap { places[$0.input].map { $0 * planes.frame } }
          planes.withShape(starts: starts, offsets: offsets, outs: bank.outChannels) { shape in
            filters.weights.withUnsafeBufferPointer { weights in
              guard let weights = weights.baseAddress else { return }
              ck_shifted_sums(copies, &shape, weights, scratch, output + place * frameStride)
            }
          }
        }
      }
    }
  }

  /// `[out channels in eights, term, in channel, height tap, width tap, out channel]`; 0 for channels that are not there.
  private func arranged(_ terms: [Range<Int>]) -> [Float] {
    let inner = bank.inChannels * bank.height.count * bank.width.count
    var out = [Float](repeating: 0, count: outsInEights * terms.count * inner)
    for (term, taps) in terms.enumerated() {
      let planes = bank.planes(times: taps)
      out.withUnsafeMutableBufferPointer { out in
        planes.withUnsafeBufferPointer { planes in
          for channel in 0..<bank.outChannels {
            let start = (channel / Self.outputs * terms.count + term) * inner * Self.outputs + channel % Self.outputs
            for place in 0..<inner { out[start + place * Self.outputs] = planes[channel * inner + place] }
          }
        }
      }
    }
    return out
  }
}
