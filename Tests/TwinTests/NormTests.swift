import Base
import Formats
import Foundation
import Layers
import TestSupport
import Testing

/// Norms that VisionCore lacks, against values and gradients that PyTorch recorded in float64.
@Suite("Norms", .enabled(if: Fixtures.hasShared))
struct NormTests {
  let archive: NpzArchive

  init() throws { archive = try NpzArchive(path: Fixtures.shared("norms/norms.npz")) }

  /// A recorded case: its name, and the norm's type with the options that the record lists.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let type: String
    var options: [ConfigNode.Entry] = []
    var parameters: [String] = []
    var testDescription: String { name }
  }

  private static func lrn(_ name: String, _ size: Int, _ alpha: Double, _ beta: Double, _ k: Double) -> Case {
    Case(
      name: name, type: name.hasPrefix("lrn_spatial") ? "lrn_spatial" : "lrn_channel",
      options: [
        .init("size", .int(size)), .init("alpha", .double(alpha)), .init("beta", .double(beta)), .init("k", .double(k)),
      ] + (name.hasSuffix("allchannels") ? [.init("pool_channels", .bool(true))] : []))
  }

  private static let temporal = ["rho", "q", "tg", "tb"]
  private static let perceptron = ["W1", "b1", "W2", "b2"]
  private static let grn = ["gamma", "beta"]
  private static let rms = ["rms_g", "rms_b"]

  static let cases: [Case] =
    [
      lrn("lrn_channel_torchdefault", 5, 1e-4, 0.75, 1), lrn("lrn_channel_3", 3, 1, 0.5, 1),
      lrn("lrn_channel_4", 4, 0.8, 0.75, 0.5), lrn("lrn_spatial_5", 5, 1, 0.5, 1),
      lrn("lrn_spatial_4", 4, 0.5, 0.75, 0.5), lrn("lrn_spatial_3_allchannels", 3, 1, 0.5, 0.2),
    ]
    + ["none", "rms", "instance"].flatMap { base in
      [
        Case(name: "stimcond_\(base)", type: "stimcond_\(base)", parameters: perceptron),
        Case(
          name: "stimcond_\(base)", type: "stimcond", options: [.init("base", .string(base))], parameters: perceptron),
      ]
    }
    + ["global", "local"].flatMap { spatial in
      ["past", "index"].flatMap { direction in
        [
          Case(
            name: "temporal_\(spatial)_\(direction)", type: "temporal_\(spatial)_\(direction)", parameters: temporal),
          Case(
            name: "temporal_\(spatial)_\(direction)", type: "temporal",
            options: [.init("spatial", .string(spatial)), .init("direction", .string(direction))],
            parameters: temporal),
        ]
      }
    } + [
      Case(name: "hybrid_instance_grn", type: "hybrid_instance_grn", parameters: grn),
      Case(name: "hybrid_rms_grn", type: "hybrid_rms_grn", parameters: grn + rms),
      Case(
        name: "hybrid_rms_grn", type: "hybrid", options: [.init("norms", .list([.string("rms"), .string("grn")]))],
        parameters: grn + rms),
      Case(name: "hybrid_grn_instance", type: "hybrid_grn_instance", parameters: grn),
      Case(name: "mixture", type: "mixture", parameters: grn + rms + ["theta"]),
      Case(name: "mixture_perchannel", type: "mixture_perchannel", parameters: grn + rms + ["theta_c"]),
    ]

  @Test("Values and gradients are the recorded ones", arguments: cases)
  func recorded(_ recorded: Case) throws {
    let x = try archive.tensor("x")
    let parameters = try Dictionary(
      uniqueKeysWithValues: recorded.parameters.map { ($0, try archive.tensor("param/\($0)")) })
    let norm = try SingleNorm(
      type: recorded.type, options: .map(recorded.options), channels: 6, parameters: MemorySource(arrays: parameters))
    let u = recorded.name.hasPrefix("stimcond") ? try archive.tensor("u") : nil
    let own = try norm.gradients(x, stimulus: u, cotangent: archive.tensor("cotangent"))
    func expectClose(_ ours: Tensor?, _ name: String) throws {
      let (ours, theirs) = (try #require(ours), try archive.tensor("\(recorded.name)/\(name)"))
      // An instance norm takes a shift before it off again: its gradient is 0, up to the rounding of what it is the sum of.
      let smallest: Float = recorded.name == "hybrid_grn_instance" ? 10 : 0.1
      let largest = theirs.values.reduce(smallest) { max($0, abs($1)) }
      let worst = zip(ours.values, theirs.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(ours.values.count == theirs.values.count && worst <= 1e-4 * largest, "\(name): off by \(worst)")
    }
    try expectClose(own.output, "y")
    // Without a trace the same comes out.
    let plain = try norm.forward(x, stimulus: u)
    #expect(plain.shape == own.output.shape)
    #expect(zip(plain.values, own.output.values).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
    try expectClose(own.input, "grad_x")
    if u != nil { try expectClose(own.stimulus, "grad_u") }
    #expect(own.parameters.keys.sorted() == recorded.parameters.sorted())
    for name in recorded.parameters { try expectClose(own.parameters[name], "grad_\(name)") }
  }

  @Test("Every recorded case is compared")
  func all() throws {
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: Fixtures.shared("norms/norms.json"))))
    let names = try #require(((json as? [String: Any])?["cases"] as? [String: Any])?.keys)
    #expect(Set(names) == Set(Self.cases.map(\.name)))
  }

  @Test(
    "A mixture is the sum of its norms' outputs, whatever its bank",
    arguments: [
      ["none", "instance", "grn", "rms"], ["group", "layer"], ["rms", "lrn_spatial", "grn"],
      ["none", "temporal", "instance"],
    ])
  func mixtures(_ bank: [String]) throws {
    let x = try archive.tensor("x")
    let names = ["gamma", "beta", "rms_g", "rms_b", "rho", "q", "tg", "tb"]
    var arrays = try Dictionary(uniqueKeysWithValues: names.map { ($0, try archive.tensor("param/\($0)")) })
    arrays["group_g"] = arrays["rms_b"]
    arrays["group_b"] = arrays["rms_g"]
    let theta = bank.indices.map { Float($0) * 0.7 - 0.5 }
    let powers = theta.map { exp(Double($0)) }
    var expected = [Double](repeating: 0, count: x.count)
    for (type, power) in zip(bank, powers) {
      var own = arrays
      if type == "rms" { (own["gamma"], own["beta"]) = (arrays["rms_g"], arrays["rms_b"]) }
      if type == "group" { (own["weight"], own["bias"]) = (arrays["group_g"], arrays["group_b"]) }
      let output =
        type == "none"
        ? x
        : try SingleNorm(type: type, options: .map([]), channels: 6, parameters: MemorySource(arrays: own)).forward(x)
      for (index, value) in output.values.enumerated() {
        expected[index] += Double(value) * power / powers.reduce(0, +)
      }
    }
    arrays["theta"] = Tensor(shape: [bank.count], values: theta)
    let mixture = try SingleNorm(
      type: "mixture", options: .map([.init("bank", .list(bank.map { .string($0) }))]), channels: 6,
      parameters: MemorySource(arrays: arrays))
    let own = try mixture.forward(x)
    #expect(zip(own.values, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 * max(1, abs($1)) })
  }

  @Test("A norm whose words contradict each other, or whose numbers make no sense, is refused with the reason")
  func refusals() throws {
    let none = MemorySource(arrays: [:])
    func text(_ value: String) -> ConfigNode { .list(value.split(separator: " ").map { .string(String($0)) }) }
    for (type, options, words) in [
      ("temporal_global_past", [ConfigNode.Entry("direction", .string("index"))], "the norm's type says `past`"),
      ("temporal", [.init("spatial", .string("round"))], "unknown spatial `round`"),
      ("temporal", [.init("tau_min", .double(0))], "not a number of frames above 0"),
      ("stimcond_rms", [.init("base", .string("none"))], "the norm's type is `stimcond_rms`"),
      ("lrn_channel", [.init("k", .double(0))], "norm_params.k"),
      ("lrn_channel", [.init("pool_channels", .bool(true))], "unknown option `pool_channels`"),
      ("lrn_spatial", [.init("size", .int(0))], "not between 1"), ("hybrid", [], "norm_params.norms: missing"),
      ("hybrid", [.init("norms", text("rms"))], "at least two parts"),
      ("hybrid", [.init("norms", text("rms rms"))], "is listed twice"),
      ("hybrid_rms_batch", [], "unknown norm `hybrid_rms_batch`"),
      ("mixture", [.init("bank", text("none batch"))], "`batch` can't be a part"),
      (
        "mixture_perchannel", [.init("per_channel", .bool(false))],
        "per_channel: false, but the norm's type is `mixture_perchannel`"
      ),
    ] {
      let failure = try #require(throws: Failure.self) {
        try SingleNorm(type: type, options: .map(options), channels: 6, parameters: none)
      }
      #expect(failure.message.contains(words), "\(type): \(failure.message)")
    }
  }
}
