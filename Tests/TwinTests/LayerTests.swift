import Base
import Formats
import Foundation
import Testing

@Suite struct LayerTests {
  /// `[channel, time, height, width]` of uneven numbers.
  private let input: Tensor = {
    var generator = MersenneTwister(seed: 11)
    return Tensor(shape: [2, 3, 4, 5], values: (0..<120).map { _ in Float(generator.normal()) })
  }()

  private func at(_ tensor: Tensor, _ c: Int, _ t: Int, _ y: Int, _ x: Int) -> Double {
    let s = tensor.shape
    return Double(tensor.values[((c * s[1] + t) * s[2] + y) * s[3] + x])
  }

  /// A tensor like the input from a formula of (channel, time, row, column).
  private func expected(_ formula: (Int, Int, Int, Int) -> Double) -> Tensor {
    var values: [Float] = []
    for c in 0..<2 {
      for t in 0..<3 {
        for y in 0..<4 { for x in 0..<5 { values.append(Float(formula(c, t, y, x))) } }
      }
    }
    return Tensor(shape: input.shape, values: values)
  }

  private func vector(_ values: Float...) -> Tensor { Tensor(shape: [values.count], values: values) }

  @Test("The harness passes its input through") func theHarnessPassesItsInputThrough() throws {
    #expect(try TinyTwin().convnet(input) == input)
  }

  @Test("Batch norm uses the stored mean and variance") func batchNormUsesTheStatisticsOfTraining() throws {
    let out = try TinyTwin(
      block: [.init("norm_type", .string("batch"))],
      tensors: [
        "norm.weight": vector(2, -1), "norm.bias": vector(0.5, 1), "norm.running_mean": vector(0.1, 0.2),
        "norm.running_var": vector(4, 0.25),
      ]
    ).convnet(input)
    let (w, b, m, v) = ([2.0, -1], [0.5, 1.0], [0.1, 0.2], [4, 0.25])
    let want = expected { c, t, y, x in (at(input, c, t, y, x) - m[c]) / (v[c] + 1e-5).squareRoot() * w[c] + b[c] }
    #expect(out.distance(from: want) <= 1)
  }

  @Test("Instance norm is per channel over time and space") func instanceNormIsPerChannelOverTimeAndSpace() throws {
    let out = try TinyTwin(block: [.init("norm_type", .string("instance"))]).convnet(input)
    let moments = (0..<2).map { c -> (Double, Double) in
      let values = input.values[c * 60..<(c + 1) * 60].map(Double.init)
      let mean = values.reduce(0, +) / 60
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 60)
    }
    let want = expected { c, t, y, x in (at(input, c, t, y, x) - moments[c].0) / (moments[c].1 + 1e-5).squareRoot() }
    #expect(out.distance(from: want) <= 1)
  }

  @Test("Group norm falls back to one group") func groupNormFallsBackToOneGroup() throws {
    let out = try TinyTwin(
      block: [
        .init("norm_type", .string("group")),
        .init("norm_params", .map([.init("num_groups", .int(3)), .init("affine", .bool(false))])),
      ]
    ).convnet(input)
    let values = input.values.map(Double.init)
    let mean = values.reduce(0, +) / 120
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 120
    let want = expected { c, t, y, x in (at(input, c, t, y, x) - mean) / (variance + 1e-5).squareRoot() }
    #expect(out.distance(from: want) <= 1)
  }

  @Test("Norms over another axis take their mean there") func normsOverAnotherAxisTakeTheirMeanThere() throws {
    let options = ConfigNode.map([.init("target_dim", .int(4)), .init("eps", .double(0.01))])
    let rms = try TinyTwin(
      block: [.init("norm_type", .string("rms")), .init("norm_params", options)],
      tensors: ["norm.gamma": vector(2, 3), "norm.beta": vector(1, 0)]
    ).convnet(input)
    let layer = try TinyTwin(block: [.init("norm_type", .string("layer")), .init("norm_params", options)]).convnet(
      input)
    func moments(_ c: Int, _ t: Int, _ y: Int) -> (mean: Double, square: Double) {
      let line = (0..<5).map { at(input, c, t, y, $0) }
      return (line.reduce(0, +) / 5, line.reduce(0) { $0 + $1 * $1 } / 5)
    }
    let (gamma, beta) = ([2.0, 3], [1.0, 0])
    let wantRMS = expected { c, t, y, x in
      at(input, c, t, y, x) / (moments(c, t, y).square + 0.01).squareRoot() * gamma[c] + beta[c]
    }
    let wantLayer = expected { c, t, y, x in
      let m = moments(c, t, y)
      return (at(input, c, t, y, x) - m.mean) / (m.square - m.mean * m.mean + 0.01).squareRoot()
    }
    #expect(rms.distance(from: wantRMS) <= 1)
    #expect(layer.distance(from: wantLayer) <= 1)
  }

  @Test("Bounded softplus keeps its sharpness in bounds", arguments: [(0.01, 0.1), (5, 5), (100, 10)])
  func boundedSoftplusKeepsItsSharpnessInBounds(
    _ stored: Double, _ used: Double
  ) throws {
    let out = try TinyTwin(
      block: [.init("act_type", .string("bsoftplus"))],
      tensors: ["act.log_beta": Tensor(shape: [], values: [Float(log(stored))])]
    ).convnet(input)
    let want = expected { c, t, y, x in
      let z = used * at(input, c, t, y, x)
      return z > 20 ? z / used : log1p(exp(z)) / used
    }
    #expect(out.distance(from: want) <= 1)
  }

  static let activations: [(String, @Sendable (Double) -> Double)] = [
    ("ReLU", { max($0, 0) }), ("ELU", { $0 > 0 ? $0 : expm1($0) }),
    ("SELU", { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) }),
    ("Hardtanh", { min(max($0, -1), 1) }), ("Hardswish", { $0 * min(max($0 + 3, 0), 6) / 6 }),
    ("Hardsigmoid", { min(max($0 + 3, 0), 6) / 6 }), ("Softsign", { $0 / (1 + abs($0)) }),
    ("LogSigmoid", { -log1p(exp(-$0)) }), ("Softshrink", { $0 > 0.5 ? $0 - 0.5 : $0 < -0.5 ? $0 + 0.5 : 0 }),
    ("swish", { $0 / (1 + exp(-$0)) }), ("GELU", { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
  ]

  @Test("Activations are PyTorch's") func activationsAreTorchs() throws {
    for (name, formula) in Self.activations {
      let out = try TinyTwin(block: [.init("act_type", .string(name))]).convnet(input)
      #expect(out.distance(from: expected { formula(at(input, $0, $1, $2, $3)) }) <= 1, "\(name)")
    }
  }

  /// Names, options and what torch.nn computes.
  static let optioned: [(String, [ConfigNode.Entry], @Sendable (Double) -> Double)] = [
    ("ELU", [.init("alpha", .double(0.5))], { $0 > 0 ? $0 : 0.5 * expm1($0) }),
    ("CELU", [.init("alpha", .double(2))], { $0 > 0 ? $0 : 2 * expm1($0 / 2) }),
    ("Hardtanh", [.init("min_val", .double(-0.5)), .init("max_val", .int(2))], { min(max($0, -0.5), 2) }),
    ("Softshrink", [.init("lambd", .double(0.2))], { $0 > 0.2 ? $0 - 0.2 : $0 < -0.2 ? $0 + 0.2 : 0 }),
    ("Hardshrink", [.init("lambd", .double(0.2))], { abs($0) > 0.2 ? $0 : 0 }),
    ("Softplus", [.init("beta", .double(2))], { log1p(exp(2 * $0)) / 2 }),
    ("Softplus", [.init("threshold", .double(0.5))], { $0 > 0.5 ? $0 : log1p(exp($0)) }),
    ("Threshold", [.init("threshold", .double(0.1)), .init("value", .int(-3))], { $0 > 0.1 ? $0 : -3 }),
    ("RReLU", [], { $0 > 0 ? $0 : (1.0 / 8 + 1.0 / 3) / 2 * $0 }),
    ("RReLU", [.init("lower", .double(0.1)), .init("upper", .double(0.2))], { $0 > 0 ? $0 : 0.15 * $0 }),
  ]

  @Test("Activations take the options of their class") func activationsTakeTheOptionsOfTheirClass() throws {
    for (name, options, formula) in Self.optioned {
      let out = try TinyTwin(
        block: [.init("act_type", .string(name)), .init("act_params", .map(options))]
      ).convnet(input)
      #expect(out.distance(from: expected { formula(at(input, $0, $1, $2, $3)) }) <= 1, "\(name) \(options)")
    }
  }

  @Test("An activation refuses an option of another class") func anActivationRefusesAnOptionOfAnotherClass() throws {
    let twin = TinyTwin(
      block: [.init("act_type", .string("SELU")), .init("act_params", .map([.init("alpha", .int(2))]))])
    let failure = try #require(throws: Failure.self) { try twin.convnet(input) }
    #expect(failure.message == "convnet.params.block_configs.0.act_params.alpha: unknown option `alpha`")
  }

  @Test("A slope below zero may belong to its channel") func aSlopeBelowZeroMayBelongToItsChannel() throws {
    let out = try TinyTwin(
      block: [.init("act_type", .string("PReLU")), .init("act_params", .map([.init("num_parameters", .int(2))]))],
      tensors: ["act.weight": vector(0.5, -2)]
    ).convnet(input)
    let slopes = [0.5, -2]
    let want = expected { c, t, y, x in
      let value = at(input, c, t, y, x)
      return value > 0 ? value : slopes[c] * value
    }
    #expect(out.distance(from: want) <= 1)
  }

  @Test(
    "NaN stays NaN",
    arguments: ["splitrelu", "relu", "Softshrink", "Hardshrink", "Hardtanh", "ELU", "silu", "bsoftplus"])
  func whatIsNoNumberStaysSo(_ activation: String) throws {
    var broken = input
    broken.values[7] = .nan
    let out = try TinyTwin(
      block: [.init("act_type", .string(activation))],
      tensors: ["act.ongain": vector(1), "act.log_beta": Tensor(shape: [], values: [0])]
    ).convnet(broken)
    for channel in stride(from: 0, to: out.shape[0], by: 2) { #expect(at(out, channel, 0, 1, 2).isNaN) }
  }

  @Test("Local attention mixes whole groups where the window does not divide the channels")
  func localAttentionMixesWholeGroupsWhereTheWindowDoesNotDivideTheChannels() throws {
    // Four channels in windows of three: one group of four.
    let four = Tensor(shape: [4, 3, 4, 5], values: input.values + input.values.map { 0.5 - $0 })
    var mixing = Tensor(zeros: [4, 4, 3])
    for out in 0..<4 { for member in 0..<4 { mixing.values[(out * 4 + member) * 3 + 1] = Float(out - member) } }
    let pool = ConfigNode.map([
      .init("type", .string("locatt")), .init("channels", .int(4)), .init("chan_window", .int(3)),
    ])
    let out = try TinyTwin(
      channels: 4, block: [.init("pool_params", pool)],
      tensors: [
        "pool.chan_conv1d.weight": mixing, "pool.chan_conv1d.bias": vector(0, 0, 0, 1),
        "pool.spatial_conv2d.weight": Tensor(zeros: [4, 1, 3, 3]), "pool.spatial_conv2d.bias": vector(0, 0, 0, 0),
      ]
    ).convnet(four)
    for c in 0..<4 {
      let mixed = (0..<4).reduce(c == 3 ? 1.0 : 0) { $0 + Double(c - $1) * at(four, $1, 2, 3, 1) }
      // The spatial gate is sigmoid(0).
      let want = at(four, c, 2, 3, 1) / (1 + exp(-mixed)) / 2
      #expect(abs(at(out, c, 2, 3, 1) - want) < 1e-5)
    }
  }

  @Test("Mean pools count their padding") func meanPoolsCountTheirPadding() throws {
    let pool = ConfigNode.map([
      .init("type", .string("avg")), .init("kernel_size", .int(2)),
      .init("stride", .list([.int(1), .int(2), .int(2)])),
      .init("padding", .list([.int(0), .int(1), .int(1)])),
    ])
    let out = try TinyTwin(block: [.init("pool_params", pool)]).convnet(input)
    #expect(out.shape == [2, 2, 3, 3])
    // The corner sees one pixel of each of two frames, and six zeros.
    #expect(abs(at(out, 1, 0, 0, 0) - (at(input, 1, 0, 0, 0) + at(input, 1, 1, 0, 0)) / 8) < 1e-6)
  }

  @Test("Adaptive pools divide each axis") func adaptivePoolsDivideEachAxis() throws {
    let pool = ConfigNode.map([
      .init("type", .string("adaptivemax")), .init("kernel_size", .list([.int(2), .int(1), .int(2)])),
    ])
    let out = try TinyTwin(block: [.init("pool_params", pool)]).convnet(input)
    #expect(out.shape == [2, 2, 1, 2])
    // Of three steps the parts are 0..<2 and 1..<3, of five columns 0..<3 and 2..<5.
    var largest = -Double.infinity
    for t in 1..<3 { for y in 0..<4 { for x in 2..<5 { largest = max(largest, at(input, 0, t, y, x)) } } }
    #expect(at(out, 0, 1, 0, 1) == largest)
  }

  @Test("The output activation has its own parameter") func theOutputActivationHasItsOwnParameter() throws {
    var twin = TinyTwin(outputActivation: "bsoftplus")
    twin.tensors = ["activation.log_beta": Tensor(shape: [], values: [Float(log(2.0))])]
    let rates = try twin.network(outChannels: nil).forward(
      .init(stimulus: input.reshaped([1] + input.shape)), head: 0
    ).rates
    let last = (0..<2).reduce(0.0) { sum, c in
      sum + (0..<20).reduce(0.0) { $0 + at(input, c, 2, $1 / 5, $1 % 5) } / 20
    }
    #expect(abs(Double(rates.values[0]) - log1p(exp(2 * last)) / 2) < 1e-6)
  }

  @Test("A pool with absurdly many parts is refused before it takes memory")
  func anAbsurdPaddingIsRefusedBeforeMemoryIsAsked() throws {
    var twin = TinyTwin()
    twin.block = [
      .init(
        "pool_params",
        .map([.init("type", .string("adaptiveavg")), .init("kernel_size", .list([.int(60000), .int(60000), .int(9)]))]))
    ]
    let failure = try #require(throws: Failure.self) { try twin.convnet(input) }
    #expect(failure.kind == .mismatch)
    #expect(failure.message.contains("more than 2^28 values"))
  }
}
