import Base
import Formats
import Foundation
import Layers

/// Processor time that each norm takes as a layer, beside GRN on the same values, on one core.
enum NormTimes {
  /// `[batch, channel, time, height, width]`: the canonical twin's first block, and the small twin's.
  private static let shapes = [[4, 64, 10, 37, 37], [16, 16, 5, 13, 13]]
  private static let stimulus = [1, 18, 45, 45]
  private static let rounds = 25

  private struct Norm: Sendable {
    var name: String
    var type: String
    var options: [ConfigNode.Entry] = []
    /// Shapes of its tensors, for so many channels.
    var tensors: @Sendable (Int) -> [String: [Int]] = { _ in [:] }
    var readsStimulus = false
  }

  private static let norms: [Norm] = {
    let rms: @Sendable (Int) -> [String: [Int]] = { ["rms_g": [$0], "rms_b": [$0]] }
    let grn: @Sendable (Int) -> [String: [Int]] = { ["gamma": [$0], "beta": [$0]] }
    let temporal: @Sendable (Int) -> [String: [Int]] = { ["rho": [$0], "q": [$0], "tg": [$0], "tb": [$0]] }
    let perceptron: @Sendable (Int) -> [String: [Int]] = {
      ["W1": [8, 3], "b1": [8], "W2": [2 * $0, 8], "b2": [2 * $0]]
    }
    func size(_ size: Int) -> [ConfigNode.Entry] { [.init("size", .int(size))] }
    return [
      Norm(name: "instance", type: "instance"),
      Norm(
        name: "group, 4 groups", type: "group", options: [.init("num_groups", .int(4))],
        tensors: { ["weight": [$0], "bias": [$0]] }),
      Norm(name: "layer", type: "layer"), Norm(name: "RMS", type: "rms", tensors: grn),
      Norm(name: "local response, 5 channels", type: "lrn_channel"),
      Norm(
        name: "local response, 9 channels, beta 0.6", type: "lrn_channel",
        options: size(9) + [.init("beta", .double(0.6))]),
      Norm(name: "local response, 5 x 5 pixels", type: "lrn_spatial"),
      Norm(name: "local response, 9 x 9 pixels", type: "lrn_spatial", options: size(9)),
      Norm(
        name: "local response, 5 x 5 pixels of all channels", type: "lrn_spatial",
        options: [.init("pool_channels", .bool(true))]),
      Norm(name: "stimulus-conditioned", type: "stimcond_none", tensors: perceptron, readsStimulus: true),
      Norm(name: "stimulus-conditioned RMS", type: "stimcond_rms", tensors: perceptron, readsStimulus: true),
      Norm(name: "temporal context, local", type: "temporal_local_past", tensors: temporal),
      Norm(name: "temporal context, global", type: "temporal_global_past", tensors: temporal),
      Norm(
        name: "hybrid: RMS, then GRN", type: "hybrid_rms_grn",
        tensors: { rms($0).merging(grn($0)) { first, _ in first } }),
      Norm(
        name: "mixture of none, instance, GRN, RMS", type: "mixture",
        tensors: { rms($0).merging(grn($0)) { first, _ in first }.merging(["theta": [4]]) { first, _ in first } }),
    ]
  }()

  /// Lines `norm | forward | with gradients`, in times GRN's, for each shape.
  static func report() throws -> [String] {
    var lines: [String] = []
    for shape in shapes {
      var random = MersenneTwister(seed: 1)
      let (input, cotangent) = (values(shape, &random), values(shape, &random))
      let windows = values([shape[0]] + stimulus, &random)
      func work(_ norm: Norm) throws -> (forward: () throws -> Void, gradients: () throws -> Void) {
        let tensors = norm.tensors(shape[1]).map { name, shape in (name, values(shape, &random)) }
        let single = try SingleNorm(
          type: norm.type, options: .map(norm.options), channels: shape[1], parameters: Arrays(tensors))
        return try single.work(on: input, stimulus: norm.readsStimulus ? windows : nil, cotangent: cotangent)
      }
      let grn = try work(Norm(name: "GRN", type: "grn", tensors: { ["gamma": [$0], "beta": [$0]] }))
      let own = try (0..<rounds).map { _ in
        (try seconds(grn.forward), try seconds(grn.gradients))
      }
      let milliseconds = [own.map(\.0), own.map(\.1)].map { median($0) * 1e3 / Double(shape[0]) }
      lines.append(
        "\(shape.map(String.init).joined(separator: " x ")): GRN takes \(format(milliseconds[0])) ms a window, with gradients \(format(milliseconds[1])) ms"
      )
      for norm in norms {
        let other = try work(norm)
        var ratios: [(forward: Double, gradients: Double)] = []
        for _ in 0..<rounds {
          let (first, second) = (try seconds(grn.forward), try seconds(other.forward))
          let (third, fourth) = (try seconds(grn.gradients), try seconds(other.gradients))
          ratios.append((second / first, fourth / third))
        }
        lines.append(
          "\(norm.name) | \(format(median(ratios.map(\.forward)))) | \(format(median(ratios.map(\.gradients))))")
      }
    }
    return lines
  }

  /// Processor time of this thread, which other programs disturb less than they do the clock.
  private static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = processorSeconds
    try body()
    return processorSeconds - start
  }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static func values(_ shape: [Int], _ random: inout MersenneTwister) -> Tensor {
    Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float(random.uniform()) - 0.3 })
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
  private static func format(_ value: Double) -> String { String(format: "%.2f", value) }
}

/// Arrays in memory.
private struct Arrays: ArraySource {
  private let tensors: [String: Tensor]

  init(_ tensors: [(String, Tensor)]) { self.tensors = Dictionary(uniqueKeysWithValues: tensors) }

  var origin: String { "memory" }
  var arrayNames: [String] { tensors.keys.sorted() }
  func info(_ name: String) -> ArrayInfo? { tensors[name].map { ArrayInfo(shape: $0.shape, scalar: .float32) } }

  func tensor(_ name: String) throws -> Tensor {
    guard let tensor = tensors[name] else { throw Failure(.missing, "memory: no array `\(name)`") }
    return tensor
  }

  func tensor(_ name: String, rows: Range<Int>) throws -> Tensor { try tensor(name)[rows: rows] }
  func integers(_ name: String) throws -> [Int] { try tensor(name).values.map { Int($0) } }
  func doubles(_ name: String) throws -> [Double] { try tensor(name).values.map(Double.init) }
}
