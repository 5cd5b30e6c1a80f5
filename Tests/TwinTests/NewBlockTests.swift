import Base
import Formats
import Testing
import Twin

/// Blocks that an edit puts into a trained twin.
@Suite("New blocks")
struct NewBlockTests {
  /// A block in a twin of the zoo.
  struct Case: Sendable, CustomTestStringConvertible {
    var zoo: String
    /// `2`, or `+0` for one before the first.
    var place: String
    var channels: Int
    var norm = "none"
    var act: String
    var conv = "type: standard"
    var rest = ""

    var testDescription: String { "\(zoo) \(place): \(channels), \(norm), \(act), \(conv)\(rest)" }

    var edits: [String] {
      [
        "convnet.params.block_configs.\(place)={conv_params: {\(conv), kernel_size: [3, 3, 3], padding: [1, 1, 1]}, norm_type: \(norm), act_type: \(act)\(rest)}",
        "convnet.params.channels.\(place)=\(channels)",
      ]
    }

    func edited() throws -> EditedTwin {
      let zoo = ZooCase(zoo)
      return try EditedTwin(zoo.architecture(), source: zoo.checkpoint(), edits: edits, seed: 7)
    }

    /// Largest change of an output, in units of the largest output.
    func change(_ edited: EditedTwin) throws -> Float {
      let zoo = ZooCase(zoo)
      let before = try zoo.network().forward(zoo.input(head: 0), head: 0).rates
      let after = try TwinNetwork(architecture: edited.architecture, source: edited.source).forward(
        zoo.input(head: 0), head: 0
      ).rates
      return after.relativeDistance(from: before)
    }

    /// The largest gradient in each tensor of the new block that training moves; nil where there is none.
    func gradients(_ edited: EditedTwin) throws -> [(name: String, peak: Float?)] {
      let twin = try TrainableTwin(
        architecture: edited.architecture, source: ParameterStore(edited.source), heads: [0])
      let result = try twin.gradients(ZooCase(zoo).input(head: 0), head: 0) { outputs in
        (0, Tensor(shape: outputs.shape, values: outputs.values.indices.map { 0.5 - 0.3 * Float($0 % 4) }))
      }
      let prefix = "convnet.layers.\(edited.newBlocks.first?.place ?? -1)."
      // Statistics, the gain of a split ReLU, and what weight norm never reads.
      let resting = ["running_mean", "running_var", "num_batches_tracked", "ongain", "original"]
      return edited.fates.map(\.name).filter { name in
        name.hasPrefix(prefix) && !resting.contains { name.hasSuffix("." + $0) }
      }.map { ($0, result.parameters[$0]?.peak) }
    }
  }

  private static let resnet = "learned_resnet_none_convgru_gaussian"
  private static let dense = "learned_dense_none_convgru_gaussian"
  private static let vanilla = "syn_film_enc_residual"
  private static let normed = "type: standard, use_weight_norm: true"

  static let small = [
    // At the end: 16 channels come in, a split ReLU doubles the block's.
    Case(zoo: resnet, place: "2", channels: 8, act: "splitrelu"),
    Case(zoo: resnet, place: "2", channels: 8, norm: "grn", act: "splitrelu", conv: normed),
    Case(zoo: resnet, place: "2", channels: 16, norm: "rms", act: "relu"),
    Case(zoo: resnet, place: "2", channels: 16, norm: "group", act: "gelu"),
    Case(zoo: resnet, place: "2", channels: 16, norm: "batch", act: "PReLU"),
    Case(zoo: resnet, place: "2", channels: 16, norm: "temporal_local_past", act: "tanh"),
    Case(zoo: resnet, place: "2", channels: 16, norm: "lrn_channel", act: "silu"),
    Case(zoo: resnet, place: "2", channels: 16, norm: "hybrid_rms_grn", act: "none"),
    Case(zoo: resnet, place: "2", channels: 16, act: "relu", conv: "type: depthwise"),
    Case(zoo: resnet, place: "2", channels: 16, act: "relu", rest: ", order: [act, pad, conv]"),
    // More channels than come in: the shortcut passes the old ones on.
    Case(zoo: resnet, place: "2", channels: 12, act: "splitrelu"),
    Case(zoo: resnet, place: "2", channels: 24, norm: "rms", act: "relu"),
    // In front of the others: 8 channels come in.
    Case(zoo: resnet, place: "+0", channels: 4, act: "splitrelu"),
    Case(zoo: resnet, place: "+1", channels: 12, norm: "rms", act: "relu"),
    Case(zoo: dense, place: "2", channels: 4, norm: "grn", act: "splitrelu"),
    Case(zoo: dense, place: "2", channels: 5, norm: "rms", act: "relu", conv: normed),
  ]

  @Test(
    "Beside a path that passes the input on, a block starts small: outputs change by less than 3 %", arguments: small)
  func smallStart(_ own: Case) throws {
    let edited = try own.edited()
    let block = try #require(edited.newBlocks.first)
    #expect(edited.newBlocks.count == 1 && block.obstacle == nil && block.crop == [0, 0, 0], "\(block.start)")
    #expect(try own.change(edited) < 0.03)
    let gradients = try own.gradients(edited)
    #expect(!gradients.isEmpty)
    for gradient in gradients { #expect(gradient.peak ?? 0 > 0, "\(gradient.name)") }
  }

  static let deltas = [
    // Behind a split ReLU positive and negative parts are joined, and parted again.
    Case(zoo: vanilla, place: "1", channels: 6, act: "splitrelu"),
    Case(zoo: vanilla, place: "1", channels: 6, act: "splitrelu", conv: normed),
    // Nothing is negative there.
    Case(zoo: vanilla, place: "1", channels: 12, norm: "grn", act: "relu"),
    Case(zoo: vanilla, place: "1", channels: 12, act: "none", conv: "type: depthwise"),
    Case(zoo: vanilla, place: "1", channels: 12, act: "leakyrelu", conv: "type: standard, groups: 3"),
    // The frontend has 3 channels of any sign.
    Case(zoo: vanilla, place: "+0", channels: 3, act: "none", conv: normed),
  ]

  @Test("Alone, a block starts with kernels that pass each channel on: outputs stay as they are", arguments: deltas)
  func deltaStart(_ own: Case) throws {
    let edited = try own.edited()
    let block = try #require(edited.newBlocks.first)
    #expect(block.obstacle == nil && block.crop == [0, 0, 0], "\(block.start)")
    // Rounding of float32.
    #expect(try own.change(edited) < 1e-4)
    let gradients = try own.gradients(edited)
    #expect(!gradients.isEmpty)
    for gradient in gradients { #expect(gradient.peak ?? 0 > 0, "\(gradient.name)") }
  }

  static let random: [(Case, String)] = [
    (Case(zoo: resnet, place: "2", channels: 16, norm: "layer", act: "relu"), "layer norm over channels"),
    (Case(zoo: resnet, place: "2", channels: 16, norm: "instance", act: "relu"), "instance norm"),
    (Case(zoo: resnet, place: "2", channels: 16, norm: "mixture", act: "relu"), "mixture of norms"),
    (Case(zoo: resnet, place: "2", channels: 16, act: "softplus"), "softplus"),
    (Case(zoo: resnet, place: "2", channels: 16, act: "Softshrink"), "Softshrink"),
    (Case(zoo: resnet, place: "2", channels: 8, act: "relu"), "fewer channels"),
    (
      Case(
        zoo: resnet, place: "2", channels: 8, act: "splitrelu",
        conv: "type: standard, use_weight_norm: true, keep_unit_norm: true"), "keep their length"
    ),
    (
      Case(zoo: resnet, place: "2", channels: 16, act: "relu", conv: "type: standard, stride: 2"),
      "stride makes the map smaller"
    ),
    (Case(zoo: dense, place: "+0", channels: 4, act: "relu"), "before those of the blocks behind it"),
    (Case(zoo: vanilla, place: "+0", channels: 3, act: "relu"), "relu changes its input"),
    (
      Case(zoo: vanilla, place: "1", channels: 12, norm: "rms", act: "relu"), "rms norm over channels changes its input"
    ),
    (Case(zoo: vanilla, place: "1", channels: 8, act: "relu"), "another number of channels"),
  ]

  @Test("Where its form leaves no such start, a block starts at random and says why", arguments: random)
  func randomStart(_ own: Case, words: String) throws {
    let edited = try own.edited()
    let block = try #require(edited.newBlocks.first)
    #expect(block.obstacle?.contains(words) == true, "\(block.start)")
    #expect(block.start.hasPrefix("at random: "))
    let remarks = edited.fates.filter { $0.name.hasPrefix("convnet.layers.\(block.place).") }.map(\.remark)
    #expect(!remarks.isEmpty && remarks.allSatisfy { $0 == block.start })
  }

  @Test("A kernel of one time step gets no padding beside `pad`: the block says what it takes from the map")
  func crop() throws {
    var edits = Case(zoo: Self.resnet, place: "2", channels: 8, act: "splitrelu").edits
    edits[0] = edits[0].replacing("[3, 3, 3]", with: "[1, 3, 3]").replacing("[1, 1, 1]", with: "[0, 1, 1]")
    let zoo = ZooCase(Self.resnet)
    func block(_ edits: [String]) throws -> NewBlock? {
      try EditedTwin(zoo.architecture(), source: zoo.checkpoint(), edits: edits, seed: 7).newBlocks.first
    }
    let cropping = try #require(try block(edits))
    #expect(cropping.obstacle == nil && cropping.crop == [0, 2, 2])
    edits[0] = edits[0].replacing("act_type: splitrelu", with: "act_type: splitrelu, order: [conv, norm, act]")
    #expect(try block(edits)?.crop == [0, 0, 0])
  }
}
