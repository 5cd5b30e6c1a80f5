import Base
import Formats
import Testing

@Suite struct FrontendTests {
  private func numbers(_ shape: [Int], seed: UInt32) -> Tensor {
    var generator = MersenneTwister(seed: seed)
    return Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) })
  }

  private func scalar(_ value: Float) -> Tensor { Tensor(shape: [], values: [value]) }

  @Test("A temporal basis reads the past or around each step", arguments: [true, false], [3, 4])
  func aTemporalBasisReadsThePastOrAroundEachStep(_ causal: Bool, _ length: Int)
    throws
  {
    let input = numbers([2, 5, 2, 2], seed: 1)
    let basis = numbers([3, 1, length], seed: 2)
    let mean = numbers([3], seed: 3)
    let bias = numbers([3], seed: 4)
    let variance = Tensor(shape: [3], values: [1, 4, 0.25])
    let weight = Tensor(shape: [3], values: [1, -2, 0.5])
    var twin = TinyTwin(
      frontend: (
        "temporal_basis", [.init("causal", .bool(causal)), .init("batch_norm", .bool(true)), .init("chomp", .int(1))]
      ),
      frontendChannels: 6)
    twin.tensors = [
      "frontend.basis": basis, "frontend.bn.weight": weight, "frontend.bn.bias": bias,
      "frontend.bn.running_mean": mean, "frontend.bn.running_var": variance,
    ]
    let out = try twin.stage("s_frontend", input)
    #expect(out.shape == [6, 4, 2, 2])
    var expected: [Float] = []
    for channel in 0..<2 {
      for function in 0..<3 {
        for time in 1..<5 {
          for pixel in 0..<4 {
            var sum = 0.0
            for tap in 0..<length {
              // The stored basis is reversed in time: tap 0 is the oldest lag.
              let step = causal ? time + tap - (length - 1) : time + (length - 1 - tap) - length / 2
              guard (0..<5).contains(step) else { continue }
              sum +=
                Double(basis.values[function * length + tap]) * Double(input.values[(channel * 5 + step) * 4 + pixel])
            }
            let scale = Double(weight.values[function]) / (Double(variance.values[function]) + 1e-5).squareRoot()
            expected.append(Float((sum - Double(mean.values[function])) * scale + Double(bias.values[function])))
          }
        }
      }
    }
    #expect(out.distance(from: Tensor(shape: out.shape, values: expected)) <= 1)
  }

  @Test("Weight norm takes its length over all axes but its own") func weightNormTakesItsLengthOverAllAxesButItsOwn()
    throws
  {
    let input = numbers([1, 3, 1, 1], seed: 12)
    var twin = TinyTwin(
      channels: 1,
      frontend: (
        "learnable_temporal",
        [
          .init("kernel_size", .int(2)), .init("num_channels", .int(2)), .init("bias", .bool(false)),
          .init("use_weight_norm", .bool(true)), .init("weight_norm_dim", .int(2)),
        ]
      ),
      frontendChannels: 2)
    let stored = "frontend.temporal_conv.conv.parametrizations.weight"
    // Two filters of two taps; each tap has its length over both filters: (3, 4) and (0, 2).
    twin.tensors = [
      "\(stored).original": Tensor(zeros: [2, 1, 2, 1, 1]),
      "\(stored).0.v": Tensor(shape: [2, 1, 2, 1, 1], values: [3, 0, 4, 2]),
      "\(stored).0.g": Tensor(shape: [2], values: [10, -1]),
    ]
    let out = try twin.stage("s_frontend", input)
    let x = input.values
    let expected = [6 * x[0], 6 * x[1], 8 * x[0] - x[1], 8 * x[1] - x[2]]
    #expect(out.distance(from: Tensor(shape: [2, 2, 1, 1], values: expected)) <= 1)
  }

  @Test("Adaptation meets zeros before the first step", arguments: [2, 4, 9])
  func adaptationMeetsZerosBeforeTheFirstStep(_ length: Int) throws {
    let input = numbers([1, 4, 2, 3], seed: 5)
    let fast = numbers([1, 1, length], seed: 6)
    let slow = numbers([1, 1, length], seed: 7)
    var twin = TinyTwin(channels: 1, frontend: ("da", [.init("filter_length", .int(length))]))
    twin.tensors = ["frontend.Ky_filter": fast, "frontend.Kz_filter": slow]
    for name in ["gamma", "tau_y_ms", "n_y", "tau_z_ms", "n_z"] { twin.tensors["frontend.\(name)"] = scalar(1) }
    twin.tensors["frontend.alpha"] = scalar(0.5)
    twin.tensors["frontend.beta"] = scalar(0.1)
    let out = try twin.stage("s_frontend", input)
    var expected: [Float] = []
    for time in 0..<4 {
      for pixel in 0..<6 {
        var y = 0.0
        var z = 0.0
        for tap in 0..<length where time + tap - (length - 1) >= 0 {
          let x = Double(input.values[(time + tap - (length - 1)) * 6 + pixel])
          y += Double(fast.values[tap]) * x
          z += Double(slow.values[tap]) * x
        }
        expected.append(Float(0.5 * y / max(1 + 0.1 * z, 1e-6)))
      }
    }
    #expect(out.distance(from: Tensor(shape: input.shape, values: expected)) <= 1)
  }
}
