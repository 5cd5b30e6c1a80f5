import Base
import Foundation
import Kernels
import Testing

/// The way back of every kernel: a linear one by its adjoint, the others by central differences.
@Suite struct PullbackTests {
  private static func numbers(_ count: Int, seed: UInt32) -> [Float] {
    var generator = MersenneTwister(seed: seed)
    return (0..<count).map { _ in Float(generator.normal()) }
  }

  private func dot(_ a: [Float], _ b: [Float]) -> Double {
    #expect(a.count == b.count)
    return zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// <f(x), g> = <x, f*(g)>, to float32 sums.
  private func expectAdjoint(_ output: [Float], _ gradient: [Float], _ input: [Float], _ back: [Float]) {
    let (a, b) = (dot(output, gradient), dot(input, back))
    #expect(abs(a - b) < 1e-5 * (dot(output, output) * dot(gradient, gradient)).squareRoot())
  }

  /// The gradient of <f(x), g>, along itself and along another direction.
  private func expectDerivative(
    _ x: [Float], _ g: [Float], _ back: [Float], step: Double = 1e-3, _ f: ([Float]) -> [Float]
  ) {
    for direction in [back, Self.numbers(x.count, seed: 77)] {
      let length = dot(direction, direction).squareRoot()
      func moved(_ step: Double) -> [Float] {
        zip(x, direction).map { Float(Double($0) + step / length * Double($1)) }
      }
      let difference = (dot(f(moved(step)), g) - dot(f(moved(-step)), g)) / (2 * step)
      // Outputs are float32: their rounding over the step.
      #expect(abs(difference - dot(back, direction) / length) < 2e-3 * (1 + dot(back, back).squareRoot()))
    }
  }

  @Test("A convolution's gradients are its adjoints", arguments: ConvolutionTests.shapes)
  func aConvolutionsGradientsAreItsAdjoints(_ shape: ConvolutionTests.Shape) {
    let (ins, outs) = shape.channels
    let kernels = shape.axes.map(\.kernel)
    let count = outs * ins / shape.groups * kernels.reduce(1, *)
    let size = shape.size
    func convolution(_ weight: [Float]) -> Convolution {
      Convolution(
        weight: weight, outChannels: outs, inChannels: ins, groups: shape.groups, time: shape.axes[0],
        height: shape.axes[1], width: shape.axes[2], padding: shape.padding)
    }
    // Taps that are zero in all filters have a gradient all the same.
    var weight = Self.numbers(count, seed: 1)
    for index in stride(from: 0, to: count, by: max(2, kernels[2])) { weight[index] = 0 }
    let own = convolution(weight)
    let input = Self.numbers(size[0] * ins * size[1] * size[2], seed: 2)
    let plan = own.fullPlan(frames: size[0])
    let output = own(input, height: size[1], width: size[2], plan: plan)
    let gradient = Self.numbers(output.count, seed: 3)
    let back = own.pullback(gradient, input: input, height: size[1], width: size[2], plan: plan)
    expectAdjoint(output, gradient, input, back.input)
    // Linear in the weight too: any other weight gives the same product.
    let other = Self.numbers(count, seed: 4)
    let otherOutput = convolution(other)(input, height: size[1], width: size[2], plan: plan)
    expectAdjoint(otherOutput, gradient, other, back.weight)
    let ones = own.outputSize(time: size[0], height: size[1], width: size[2])
    let plane = ones.height * ones.width
    for channel in 0..<outs {
      let sum = (0..<ones.time).reduce(0.0) { sum, time in
        (0..<plane).reduce(sum) { $0 + Double(gradient[(time * outs + channel) * plane + $1]) }
      }
      #expect(abs(Double(back.bias[channel]) - sum) < 1e-4)
    }
  }

  @Test("Taps that a window holds at zero get no gradient, and the others the same", arguments: [5, 24])
  func tapsThatAWindowHoldsAtZero(_ width: Int) {
    let weight = Self.numbers(3 * 2 * 2 * 25, seed: 31).enumerated().map { index, value -> Float in
      let (row, column) = (index / 5 % 5, index % 5)
      return (1...3).contains(row) && (1...3).contains(column) ? value : 0
    }
    func convolution(_ live: LiveTaps?) -> Convolution {
      Convolution(
        weight: weight, outChannels: 3, inChannels: 2, time: .init(kernel: 2, low: 1), height: .init(kernel: 5, low: 1),
        width: .init(kernel: 5, low: 2, high: 2), padding: .replicate, live: live)
    }
    let all = convolution(nil)
    let own = convolution(LiveTaps(time: 0..<2, height: 1..<4, width: 1..<4))
    let input = Self.numbers(3 * 2 * 8 * width, seed: 32)
    let plan = all.fullPlan(frames: 3)
    let output = all(input, height: 8, width: width, plan: plan)
    let gradient = Self.numbers(output.count, seed: 33)
    let expected = all.pullback(gradient, input: input, height: 8, width: width, plan: plan)
    let back = own.pullback(gradient, input: input, height: 8, width: width, plan: own.fullPlan(frames: 3))
    #expect(back.input.count == expected.input.count && back.weight.count == expected.weight.count)
    #expect(zip(back.input, expected.input).allSatisfy { abs($0 - $1) < 1e-4 })
    for (index, value) in back.weight.enumerated() {
      let isLive = (1...3).contains(index / 5 % 5) && (1...3).contains(index % 5)
      #expect(abs(value - (isLive ? expected.weight[index] : 0)) < 1e-3)
    }
    #expect(back.bias == expected.bias)
  }

  @Test("A weight's gradient of few channels agrees with plain loops", arguments: [1, 70])
  func aWeightsGradientOfFewChannels(_ samples: Int) {
    // 70 frames are more than one block; an input frame under two taps at once has a sum of its own.
    let (ins, outs, height, width) = (3, 5, 9, 11)
    let convolution = Convolution(
      weight: Self.numbers(outs * ins * 2 * 9, seed: 51), outChannels: outs, inChannels: ins,
      time: .init(kernel: 2, low: 1), height: .init(kernel: 3, low: 1, high: 1), width: .init(kernel: 3, low: 2),
      padding: .replicate)
    let own = convolution.fullPlan(frames: 2).outputs
    let plan = FramePlan(
      outputs: (0..<samples).flatMap { sample in
        own.map { $0.map { FramePlan.Term(taps: $0.taps, input: $0.input + 2 * sample) } }
      })
    let input = Self.numbers(2 * samples * ins * height * width, seed: 52)
    let (rows, columns) = (height, width)
    let gradient = Self.numbers(2 * samples * outs * rows * columns, seed: 53)
    let back = convolution.pullback(gradient, input: input, height: height, width: width, plan: plan, wanted: .weight)
    var expected = [Double](repeating: 0, count: back.weight.count)
    for (output, terms) in plan.outputs.enumerated() {
      for term in terms {
        for tap in term.taps {
          for out in 0..<outs {
            for channel in 0..<ins {
              for place in 0..<9 {
                var sum = 0.0
                for y in 0..<rows {
                  for x in 0..<columns {
                    let sy = min(max(y + place / 3 - 1, 0), height - 1)
                    let sx = min(max(x + place % 3 - 2, 0), width - 1)
                    sum +=
                      Double(gradient[((output * outs + out) * rows + y) * columns + x])
                      * Double(input[((term.input * ins + channel) * height + sy) * width + sx])
                  }
                }
                expected[((out * ins + channel) * 2 + tap) * 9 + place] += sum
              }
            }
          }
        }
      }
    }
    // Sums of up to 14,000 products in float32.
    #expect(zip(back.weight, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 * Double(samples * rows * columns) })
  }

  @Test("A scale with a factor for each position agrees with plain loops, and pulls back") func mixedScalesPullBack() {
    let (channels, positions) = (3, 21)
    let x = Self.numbers(2 * channels * positions, seed: 61)
    let g = Self.numbers(x.count, seed: 62)
    let (scales, mixed, shifts): ([Float], [Float], [Float]) = ([1.5, -0.5, 2], [0.3, 1, -2], [0.1, 0, -1])
    func scale(_ x: [Float]) -> MixedScale { MixedScale(x, channels: channels, positions: positions, eps: 0.1) }
    let own = scale(x)
    var totals = [Double](repeating: 0, count: channels)
    var (squares, slopes, products, factored) = (totals, totals, totals, totals)
    let out = own(scales: scales, mixed: mixed, shifts: shifts)
    for (index, value) in x.enumerated() {
      let (time, channel, position) = (index / (channels * positions), index / positions % channels, index % positions)
      let power = (0..<channels).reduce(0.0) {
        $0 + Double(x[(time * channels + $1) * positions + position] * x[(time * channels + $1) * positions + position])
      }
      let factor = 1 / (power / 3 + Double(Float(0.1))).squareRoot()
      let expected =
        Double(value) * (Double(scales[channel]) + Double(mixed[channel]) * factor) + Double(shifts[channel])
      #expect(abs(Double(out[index]) - expected) < 1e-5)
      totals[channel] += Double(value)
      squares[channel] += Double(value) * Double(value)
      slopes[channel] += Double(g[index])
      products[channel] += Double(g[index]) * Double(value)
      factored[channel] += Double(g[index]) * Double(value) * factor
    }
    let sums = own.sums(g, weights: mixed)
    for (ours, theirs) in [
      (own.moments.totals, totals), (own.moments.squares, squares), (sums.totals, slopes), (sums.products, products),
      (sums.mixed, factored),
    ] { #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < 1e-5 }) }
    #expect(own.moments.count == 2 * positions)
    let none = [Float](repeating: 0, count: channels)
    let back = own.pullback(g, sums, scales: scales, mixed: mixed, slopes: none, shifts: none)
    expectDerivative(x, g, back, step: 1e-2) { scale($0)(scales: scales, mixed: mixed, shifts: shifts) }
    let slope = own.pullback(g, sums, scales: none, mixed: none, slopes: [1, 2, 3], shifts: [4, 5, 6])
    let pulls = own.pullback(g, sums, scales: none, mixed: none, slopes: none, shifts: none)
    for (index, value) in x.enumerated() {
      let channel = Float(index / positions % channels)
      #expect(abs(slope[index] - pulls[index] - value * (channel + 1) - channel - 4) < 1e-5)
    }
  }

  @Test("Only the gradients that are asked for are computed") func onlyTheGradientsThatAreAskedFor() {
    let axis = Convolution.Axis(kernel: 3, low: 1, high: 1)
    let convolution = Convolution(
      weight: Self.numbers(4 * 2 * 9, seed: 34), bias: [1, 2, 3, 4], outChannels: 4, inChannels: 2,
      time: .init(kernel: 1), height: axis, width: axis)
    let input = Self.numbers(2 * 2 * 30, seed: 35)
    let plan = convolution.fullPlan(frames: 2)
    let gradient = Self.numbers(2 * 4 * 30, seed: 36)
    func back(_ wanted: WantedGradients) -> Convolution.Gradients {
      convolution.pullback(gradient, input: input, height: 5, width: 6, plan: plan, wanted: wanted)
    }
    let all = back(.all)
    #expect(back(.input).input == all.input && back(.input).weight.allSatisfy { $0 == 0 })
    #expect(back(.weight).weight == all.weight && back(.weight).input.isEmpty)
    #expect(back(.bias).bias == all.bias && back(.weight).bias.allSatisfy { $0 == 0 })
  }

  @Test(
    "An activation's pullback is its derivative",
    arguments: [
      ElementFunction.exp, .softplus(), .softplus(beta: 3), .sigmoid, .tanh, .relu, .leakyRelu(slope: 0.2), .silu,
      .mish,
      .elu(), .elu(alpha: 1.5, scale: 0.7), .gelu, .geluTanh, .identity,
    ]) func anActivationsPullbackIsItsDerivative(_ function: ElementFunction)
  {
    // No value near the corner at 0.
    let x = Self.numbers(41, seed: 5).map { $0 + ($0 < 0 ? -0.05 : 0.05) }
    let g = Self.numbers(41, seed: 6)
    var back = g
    function.pullback(at: x, &back)
    expectDerivative(x, g, back) { function($0) }
  }

  @Test("Relu passes nothing at zero") func reluPassesNothingAtZero() {
    var gradient: [Float] = [1, 1, 1]
    ElementFunction.relu.pullback(at: [-1, 0, 2], &gradient)
    #expect(gradient == [0, 0, 1])
  }

  @Test("Split relu returns both halves and its gain") func splitReluReturnsBothHalvesAndItsGain() {
    let x: [Float] = [1, -2, 0, 3]
    var gradient = [Float](repeating: .nan, count: 4)
    let gain = Elementwise.splitReluPullback(
      x, from: 0, count: 4, gain: 0.5, of: [1, 2, 3, 4, 10, 20, 30, 40], on: 0, off: 4, to: &gradient)
    #expect(gradient == [0.5, -20, 0, 2])
    #expect(gain == 13)
  }

  @Test("Channel norms pull back") func channelNormsPullBack() {
    let (channels, positions) = (3, 300)
    let x = Self.numbers(2 * channels * positions, seed: 7)
    let g = Self.numbers(x.count, seed: 8)
    let gamma: [Float] = [1.5, -0.5, 2]
    var back = g
    let scales = ChannelNorm.rmsPullback(x, &back, channels: channels, positions: positions, eps: 0.1, gamma: gamma)
    func rms(_ x: [Float], _ gamma: [Float], _ beta: [Float]? = nil) -> [Float] {
      var out = x
      ChannelNorm.rms(&out, channels: channels, positions: positions, eps: 0.1, gamma: gamma, beta: beta)
      return out
    }
    expectDerivative(x, g, back, step: 1e-2) { rms($0, gamma) }
    expectAdjoint(rms(x, gamma), g, gamma, scales.gamma)
    expectDerivative([0, 0, 0], g, scales.beta, step: 1e-1) { rms(x, gamma, $0) }

    back = g
    ChannelNorm.layerPullback(x, &back, channels: channels, positions: positions, eps: 0.1)
    expectDerivative(x, g, back, step: 1e-2) {
      var out = $0
      ChannelNorm.layer(&out, channels: channels, positions: positions, eps: 0.1)
      return out
    }
  }

  @Test("Pools pull back", arguments: [Pooling.Kind.maximum, .average]) func poolsPullBack(_ kind: Pooling.Kind) {
    let pooling = Pooling(
      kind, time: .init(kernel: 2), height: .init(kernel: 3, stride: 2, low: 1, high: 1),
      width: .init(kernel: 2, stride: 2))
    let x = Self.numbers(4 * 2 * 5 * 6, seed: 9)
    let windows = pooling.windows(frames: 4)
    func forward(_ x: [Float]) -> [Float] { pooling(x, channels: 2, height: 5, width: 6, windows: windows) }
    let g = Self.numbers(forward(x).count, seed: 10)
    // A maximum is linear as long as its winners stay: the adjoint holds for both.
    expectAdjoint(
      forward(x), g, x, pooling.pullback(g, input: x, channels: 2, height: 5, width: 6, windows: windows))
  }

  @Test("The first of equal values wins a maximum") func theFirstOfEqualValuesWinsAMaximum() {
    let pooling = Pooling(.maximum, time: .init(kernel: 1), height: .init(kernel: 2), width: .init(kernel: 2))
    #expect(
      pooling.pullback([3], input: [1, 5, 5, 5], channels: 1, height: 2, width: 2, windows: [[0]]) == [0, 3, 0, 0])
    let adaptive = AdaptivePooling(.maximum, parts: [1, 1, 1])
    #expect(adaptive.pullback([3], input: [1, 5, 5, 5], channels: 1, time: 1, height: 2, width: 2) == [0, 3, 0, 0])
  }

  @Test("Adaptive pools pull back", arguments: [Pooling.Kind.maximum, .average]) func adaptivePoolsPullBack(
    _ kind: Pooling.Kind
  ) {
    let pooling = AdaptivePooling(kind, parts: [2, 3, 2])
    let x = Self.numbers(3 * 2 * 5 * 4, seed: 11)
    func forward(_ x: [Float]) -> [Float] { pooling(x, channels: 2, time: 3, height: 5, width: 4) }
    let g = Self.numbers(forward(x).count, seed: 12)
    expectAdjoint(forward(x), g, x, pooling.pullback(g, input: x, channels: 2, time: 3, height: 5, width: 4))
  }

  @Test("Soft pools pull back") func softPoolsPullBack() {
    let pooling = SoftPooling(
      Pooling(.average, time: .init(kernel: 1), height: .init(kernel: 2, stride: 2), width: .init(kernel: 2, stride: 1))
    )
    let x = Self.numbers(2 * 2 * 4 * 5, seed: 13).map { $0 * 5 }
    func forward(_ x: [Float]) -> [Float] { pooling(x, channels: 2, time: 2, height: 4, width: 5) }
    let g = Self.numbers(forward(x).count, seed: 14)
    expectDerivative(
      x, g, pooling.pullback(g, input: x, channels: 2, time: 2, height: 4, width: 5), step: 1e-2, forward)
  }

  @Test("Separable maps pull back") func separableMapsPullBack() {
    let (rows, columns) = (Self.numbers(3 * 5, seed: 15), Self.numbers(2 * 4, seed: 16))
    let planes = Self.numbers(3 * 5 * 4, seed: 17)
    func map(_ rows: [Float], _ columns: [Float]) -> SeparableMap {
      SeparableMap(rows: rows, columns: columns, height: 5, width: 4)
    }
    let output = map(rows, columns)(planes)
    let g = Self.numbers(output.count, seed: 18)
    let back = map(rows, columns).pullback(g, planes: planes)
    expectAdjoint(output, g, planes, back.planes)
    expectAdjoint(output, g, rows, back.rows)
    expectAdjoint(output, g, columns, back.columns)
  }

  @Test("Samplings pull back") func samplingsPullBack() {
    let points: [[PlaneSampling.Tap]] = [
      [.init(pixel: 0, weight: 0.5), .init(pixel: 3, weight: -1)], [], [.init(pixel: 3, weight: 2)],
    ]
    let sampling = PlaneSampling(points: points, pixels: 5)
    let planes = Self.numbers(10, seed: 19)
    let g = Self.numbers(6, seed: 20)
    let back = sampling.pullback(g, planes: planes)
    expectAdjoint(sampling(planes), g, planes, back.planes)
    expectAdjoint(sampling(planes), g, sampling.taps.map(\.weight), back.weights)
  }

  @Test("Copies of blocks pull back as sums") func copiesOfBlocksPullBackAsSums() {
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    #expect(BlockGather.gather(values, size: 2, order: [2, 0, 2]) == [5, 6, 1, 2, 5, 6])
    #expect(BlockGather.pullback([1, 2, 3, 4, 5, 6], size: 2, order: [2, 0, 2], count: 3) == [3, 4, 0, 0, 6, 8])
  }

  @Test("Mixed channels pull back") func mixedChannelsPullBack() {
    let mixing = ChannelMixing(weights: Self.numbers(8, seed: 21), bias: [0, 0, 0, 0], members: 2)
    let x = Self.numbers(2 * 4 * 3, seed: 22)
    let g = Self.numbers(x.count, seed: 23)
    let back = mixing.pullback(g, values: x, positions: 3)
    expectAdjoint(mixing(x, positions: 3), g, x, back.values)
    expectAdjoint(mixing(x, positions: 3), g, mixing.weights, back.weights)
    #expect(back.bias.count == 4)
    for (channel, own) in back.bias.enumerated() {
      let sum = (0..<6).reduce(Float(0)) { $0 + g[($1 / 3 * 4 + channel) * 3 + $1 % 3] }
      #expect(abs(own - sum) < 1e-5)
    }
  }

  @Test("A divisive gain has the pullback of its derivative") func aDivisiveGainPullsBack() {
    let signals = Self.numbers(3 * 2 * 4, seed: 24)
    let g = Self.numbers(12, seed: 25)
    // With such a weight some divisors would fall below their limit.
    for beta: Float in [0.2, 0.9] {
      let gain = DivisiveGain(alpha: 1.3, beta: beta)
      // Both signals kept where no divisor is near its limit.
      let x = signals.enumerated().map { $0.offset / 4 % 2 == 1 ? abs($0.element) : $0.element }
      let back = gain.pullback(g, signals: x, positions: 4)
      expectDerivative(x, g, back.signals) { gain($0, positions: 4) }
      expectDerivative([1.3], g, [back.alpha]) { DivisiveGain(alpha: $0[0], beta: beta)(x, positions: 4) }
      expectDerivative([beta], g, [back.beta]) { DivisiveGain(alpha: 1.3, beta: $0[0])(x, positions: 4) }
    }
    #expect(DivisiveGain(alpha: 1, beta: 1).pullback([1], signals: [2, -3], positions: 1).signals[1] == 0)
  }

  @Test("Dropout depends on key and place alone") func dropoutDependsOnKeyAndPlaceAlone() {
    let long = Dropout.factors(count: 10_000, rate: 0.25, key: 7)
    #expect(Array(long.prefix(5)) == Dropout.factors(count: 5, rate: 0.25, key: 7))
    #expect(long != Dropout.factors(count: 10_000, rate: 0.25, key: 8))
    #expect(Set(long) == [0, 1 / 0.75])
    // Mean 1; four standard errors of a Bernoulli draw.
    let mean = Double(long.reduce(0, +)) / 10_000
    #expect(abs(mean - 1) < 0.0231)
  }
}
