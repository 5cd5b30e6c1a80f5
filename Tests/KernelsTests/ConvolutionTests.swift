import Base
import Kernels
import Testing

@Suite struct ConvolutionTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var channels = (inputs: 2, outputs: 3)
    var groups = 1
    var size = [5, 7, 6]
    var axes: [Convolution.Axis]
    var padding = Convolution.Padding.zero
    /// Taps set to zero at both ends of these axes, as windows do.
    var zeroed: [Int] = []
    var hasBias = false
  }

  static let shapes: [Shape] = [
    Shape(testDescription: "valid", axes: [.init(kernel: 3), .init(kernel: 3), .init(kernel: 2)]),
    Shape(
      testDescription: "causal, replicated",
      axes: [.init(kernel: 3, low: 2), .init(kernel: 3, low: 1, high: 1), .init(kernel: 5, low: 2, high: 2)],
      padding: .replicate),
    Shape(
      testDescription: "causal and dilated", size: [8, 7, 6],
      axes: [.init(kernel: 3, dilation: 2, low: 4), .init(kernel: 3, dilation: 2), .init(kernel: 2, dilation: 3)],
      padding: .replicate),
    Shape(
      testDescription: "replicated on all sides",
      axes: [.init(kernel: 3, low: 1, high: 1), .init(kernel: 3, low: 2, high: 2), .init(kernel: 3, low: 1, high: 1)],
      padding: .replicate),
    Shape(
      testDescription: "strided everywhere",
      axes: [
        .init(kernel: 3, stride: 2, low: 2), .init(kernel: 3, stride: 2, low: 1, high: 1), .init(kernel: 2, stride: 3),
      ],
      padding: .replicate),
    Shape(
      testDescription: "zero-padded in space", channels: (inputs: 40, outputs: 4),
      axes: [.init(kernel: 1), .init(kernel: 3, low: 1, high: 1), .init(kernel: 3, low: 1, high: 1)], hasBias: true),
    Shape(
      testDescription: "many channels, partial columns", channels: (inputs: 33, outputs: 5),
      axes: [.init(kernel: 3, low: 2), .init(kernel: 3), .init(kernel: 3)], padding: .replicate, hasBias: true),
    Shape(
      testDescription: "window with zero ends", channels: (inputs: 2, outputs: 3), size: [6, 9, 9],
      axes: [.init(kernel: 5, low: 4), .init(kernel: 5), .init(kernel: 5, low: 1, high: 1)], padding: .replicate,
      zeroed: [0, 1, 2]),
    Shape(testDescription: "time alone", axes: [.init(kernel: 4), .init(kernel: 1), .init(kernel: 1)], hasBias: true),
    Shape(
      testDescription: "time alone, padded", axes: [.init(kernel: 4, low: 3), .init(kernel: 1), .init(kernel: 1)]),
    Shape(testDescription: "pointwise", axes: [.init(kernel: 1), .init(kernel: 1), .init(kernel: 1)]),
    Shape(
      testDescription: "pointwise, strided and cropped", size: [6, 9, 9],
      axes: [
        .init(kernel: 1, stride: 2, low: -2), .init(kernel: 1, stride: 2, low: -2, high: -2),
        .init(kernel: 1, stride: 2, low: -4, high: -1),
      ]),
    Shape(
      testDescription: "two groups", channels: (inputs: 4, outputs: 6), groups: 2,
      axes: [.init(kernel: 3, low: 2), .init(kernel: 3), .init(kernel: 3)], padding: .replicate, hasBias: true),
    Shape(
      testDescription: "depthwise", channels: (inputs: 4, outputs: 4), groups: 4,
      axes: [.init(kernel: 3), .init(kernel: 3), .init(kernel: 3)]),
    Shape(
      testDescription: "3x3 on odd sizes, replicated", channels: (inputs: 5, outputs: 4), size: [4, 11, 8],
      axes: [.init(kernel: 3, low: 2), .init(kernel: 3, low: 1, high: 1), .init(kernel: 3, low: 1)],
      padding: .replicate, hasBias: true),
    Shape(
      testDescription: "3x3 inside a window of five, one pixel wide", channels: (inputs: 2, outputs: 2),
      size: [2, 6, 5], axes: [.init(kernel: 1), .init(kernel: 5), .init(kernel: 5)], zeroed: [1, 2]),
    Shape(
      testDescription: "large kernel, strided, dilated and padded", channels: (inputs: 3, outputs: 4),
      size: [3, 17, 16],
      axes: [
        .init(kernel: 2, low: 1), .init(kernel: 7, stride: 2, low: 3, high: 3),
        .init(kernel: 5, dilation: 2, low: 1, high: 2),
      ], padding: .replicate, hasBias: true),
    Shape(
      testDescription: "maps wider than a vector, replicated", channels: (inputs: 3, outputs: 6), size: [3, 9, 21],
      axes: [.init(kernel: 2, low: 1), .init(kernel: 3, low: 1, high: 1), .init(kernel: 4, low: 2, high: 1)],
      padding: .replicate, hasBias: true),
    Shape(
      testDescription: "many output channels, zero-padded", channels: (inputs: 2, outputs: 18), size: [2, 7, 18],
      axes: [.init(kernel: 1), .init(kernel: 5, low: 4, high: 4), .init(kernel: 3, low: 2, high: 2)]),
    Shape(
      testDescription: "cropped on all sides", channels: (inputs: 2, outputs: 9), size: [2, 12, 16],
      axes: [.init(kernel: 1), .init(kernel: 3, low: -1, high: -2), .init(kernel: 2, low: -3, high: -1)]),
    Shape(
      testDescription: "few channels, causal", channels: (inputs: 5, outputs: 9), size: [6, 15, 15],
      axes: [.init(kernel: 3, low: 2), .init(kernel: 3), .init(kernel: 3)], padding: .replicate, hasBias: true),
    Shape(
      testDescription: "few channels, replicated and dilated", channels: (inputs: 4, outputs: 12), size: [5, 12, 20],
      axes: [
        .init(kernel: 2, dilation: 2, low: 2), .init(kernel: 3, dilation: 2, low: 2, high: 1),
        .init(kernel: 2, dilation: 3, low: 1, high: 4),
      ], padding: .replicate),
    Shape(
      testDescription: "one frame, causal", size: [1, 5, 5],
      axes: [.init(kernel: 3, low: 2), .init(kernel: 3), .init(kernel: 3)], padding: .replicate),
  ]

  static let methods: [[OpenBLASBackend.Method]] = [
    [.direct], [.winograd], [.frequency], [.shifted], OpenBLASBackend.Method.allCases,
  ]

  @Test("A convolution agrees with seven loops", arguments: shapes, methods)
  func agreesWithSevenLoops(_ shape: Shape, _ methods: [OpenBLASBackend.Method]) {
    let random = RandomValues(seed: 3)
    let kernel = shape.axes.map(\.kernel)
    var weight = random.floats(
      shape.channels.outputs * shape.channels.inputs / shape.groups * kernel.reduce(1, { $0 * $1 }))
    for axis in shape.zeroed {
      let inner = kernel.dropFirst(axis + 1).reduce(1, { $0 * $1 })
      let ends = [0, kernel[axis] - 1]
      for index in weight.indices {
        let tap = (index / inner) % kernel[axis]
        if ends.contains(tap) { weight[index] = 0 }
      }
    }
    let bias = shape.hasBias ? random.floats(shape.channels.outputs) : nil
    let input = random.floats(shape.channels.inputs * shape.size.reduce(1, *))
    let convolution = Convolution(
      weight: weight, bias: bias, outChannels: shape.channels.outputs, inChannels: shape.channels.inputs,
      groups: shape.groups,
      time: shape.axes[0], height: shape.axes[1], width: shape.axes[2], padding: shape.padding,
      backend: OpenBLASBackend(methods: Set(methods)))
    let out = convolution(input, time: shape.size[0], height: shape.size[1], width: shape.size[2])
    let expected = naive(input, weight, bias, shape)
    #expect(out.count == expected.count)
    // Sums of up to 297 products of numbers below 1, in another order.
    #expect(zip(out, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
  }

  @Test("A convolution adds to its target") func addsToWhatIsThere() {
    let random = RandomValues(seed: 4)
    let axis = Convolution.Axis(kernel: 3, low: 1, high: 1)
    let convolution = Convolution(
      weight: random.floats(2 * 2 * 9), outChannels: 2, inChannels: 2, time: .init(kernel: 1), height: axis, width: axis
    )
    let input = random.floats(2 * 16)
    var sum = [Float](repeating: 1, count: 3 + 2 * 16)
    convolution.add(input, height: 4, width: 4, plan: convolution.plan(frames: 1), to: &sum, at: 3)
    let alone = convolution(input, time: 1, height: 4, width: 4)
    #expect(alone.count == 32 && sum[..<3].allSatisfy { $0 == 1 })
    #expect(zip(sum[3...], alone).allSatisfy { abs($0 - 1 - $1) < 1e-6 })
  }

  @Test("A convolution leaves other channels of a frame alone", arguments: methods)
  func leavesOtherChannelsOfAFrameAlone(
    _ methods: [OpenBLASBackend.Method]
  ) {
    let random = RandomValues(seed: 5)
    let axis = Convolution.Axis(kernel: 3, low: 1, high: 1)
    let convolution = Convolution(
      weight: random.floats(2 * 3 * 9), outChannels: 2, inChannels: 3, time: .init(kernel: 1), height: axis,
      width: axis, backend: OpenBLASBackend(methods: Set(methods)))
    let input = random.floats(2 * 3 * 20)
    // Frames of three channels, of which the convolution has two.
    var frames = [Float](repeating: 0, count: 2 * 3 * 20)
    convolution.add(input, height: 4, width: 5, plan: convolution.plan(frames: 2), to: &frames, frameStride: 60)
    let alone = convolution(input, time: 2, height: 4, width: 5)
    #expect(zip(frames[..<40], alone[..<40]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(frames[60..<100], alone[40...]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(frames[40..<60].allSatisfy { $0 == 0 } && frames[100...].allSatisfy { $0 == 0 })
  }

  @Test("Frames of several samples are convolved together", arguments: methods)
  func framesOfSeveralSamplesAreConvolvedTogether(_ methods: [OpenBLASBackend.Method]) {
    let random = RandomValues(seed: 6)
    let convolution = Convolution(
      weight: random.floats(3 * 2 * 2 * 3 * 3), outChannels: 3, inChannels: 2, time: .init(kernel: 2, low: 1),
      height: .init(kernel: 3), width: .init(kernel: 3), padding: .replicate,
      backend: OpenBLASBackend(methods: Set(methods)))
    let input = random.floats(4 * 2 * 42)
    // Two samples of three frames, shown as 3 2 1 and 2 1 0: frame 2 at step 0 differs from frame 2 at step 1.
    let samples = [[3, 2, 1], [2, 1, 0]]
    let own = convolution.plan(frames: 3).outputs
    let plan = FramePlan(
      outputs: samples.flatMap { frames in own.map { $0.map { .init(taps: $0.taps, input: frames[$0.input]) } } })
    let together = convolution(input, height: 7, width: 6, plan: plan)
    let apart = samples.flatMap { frames in
      convolution(frames.flatMap { input[$0 * 84..<($0 + 1) * 84] }, time: 3, height: 7, width: 6)
    }
    #expect(apart.count == 6 * 3 * 5 * 4 && together.count == apart.count)
    #expect(zip(together, apart).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// Shapes: input `[time, channel, height, width]`.
  private func naive(_ input: [Float], _ weight: [Float], _ bias: [Float]?, _ shape: Shape) -> [Double] {
    let (cin, cout) = shape.channels
    let perGroup = cin / shape.groups
    let kernel = shape.axes.map(\.kernel)
    let size = zip(shape.axes, shape.size).map { $0.outputs($1) }
    var out: [Double] = []
    func coordinate(_ axis: Int, _ output: Int, _ tap: Int) -> Int? {
      let at = output * shape.axes[axis].stride - shape.axes[axis].low + tap * shape.axes[axis].dilation
      if shape.padding == .replicate { return min(max(at, 0), shape.size[axis] - 1) }
      return at >= 0 && at < shape.size[axis] ? at : nil
    }
    for t in 0..<size[0] {
      for o in 0..<cout {
        for y in 0..<size[1] {
          for x in 0..<size[2] {
            var sum = Double(bias?[o] ?? 0)
            for i in 0..<perGroup {
              for kt in 0..<kernel[0] {
                for ky in 0..<kernel[1] {
                  for kx in 0..<kernel[2] {
                    guard let a = coordinate(0, t, kt), let b = coordinate(1, y, ky), let c = coordinate(2, x, kx)
                    else {
                      continue
                    }
                    let channel = o / (cout / shape.groups) * perGroup + i
                    let tap = (((o * perGroup + i) * kernel[0] + kt) * kernel[1] + ky) * kernel[2] + kx
                    sum +=
                      Double(weight[tap])
                      * Double(input[((a * cin + channel) * shape.size[1] + b) * shape.size[2] + c])
                  }
                }
              }
            }
            out.append(sum)
          }
        }
      }
    }
    return out
  }
}

/// Reproducible numbers in -0.5 ..< 0.5.
final class RandomValues {
  private var generator: MersenneTwister

  init(seed: UInt32) { generator = MersenneTwister(seed: seed) }

  func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.uniform() - 0.5) } }
}
