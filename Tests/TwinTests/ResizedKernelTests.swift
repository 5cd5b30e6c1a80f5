import Base
import Formats
import Layers
import Testing
import Twin

/// Kernels of another size: what acts keeps its values.
@Suite("Resized kernels")
struct ResizedKernelTests {
  private static let zoo = ZooCase("learned_resnet_none_convgru_gaussian")
  private static let frontend = "frontend.temporal_conv.conv.parametrizations.weight.original"

  private func edited(_ edits: String...) throws -> EditedTwin {
    try EditedTwin(Self.zoo.architecture(), source: Self.zoo.checkpoint(), edits: edits, seed: 7)
  }

  /// The frontend's kernels as they act, `[kernel][tap]`.
  private func acting(_ architecture: TwinArchitecture, _ source: any ArraySource) throws -> [[Float]] {
    let kernels = try #require(
      try TwinNetwork(architecture: architecture, source: source, heads: []).effectiveKernels)
    return (0..<kernels.shape[0]).map { kernels[row: $0].values }
  }

  private func isClose(_ a: [Float], _ b: [Float]) -> Bool {
    let largest = b.reduce(0) { max($0, abs($1)) }
    // Rounding of a division and a multiplication in float32.
    return a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * largest }
  }

  @Test(
    "A longer kernel under a Hann window has the old one in its centre as it acted, and the remark says where it moved")
  func longer() throws {
    let before = try acting(Self.zoo.architecture(), Self.zoo.checkpoint())
    let twin = try edited("frontend.params.kernel_size=18")
    let after = try acting(twin.architecture, twin.source)
    for (old, new) in zip(before, after) { #expect(isClose(new, [0] + old + [0])) }
    let fate = try #require(twin.fates.first { $0.name == Self.frontend })
    #expect(fate.outcome == .embedded && fate.remark == "1 tap later")
  }

  @Test("A shorter kernel keeps its middle as it acted; the remark says what share of the energy is lost")
  func shorter() throws {
    let before = try acting(Self.zoo.architecture(), Self.zoo.checkpoint())
    let twin = try edited("frontend.params.kernel_size=12")
    let after = try acting(twin.architecture, twin.source)
    var lost = 0.0
    for (old, new) in zip(before, after) {
      // Two taps are cropped at each end, and the shorter window is 0 at its own ends.
      #expect(new.first == 0 && new.last == 0)
      #expect(isClose(Array(new[1..<11]), Array(old[3..<13])))
      func energy(_ values: some Sequence<Float>) -> Double { values.reduce(0) { $0 + Double($1) * Double($1) } }
      lost = max(lost, 1 - energy(old[3..<13]) / energy(old))
    }
    let remark = try #require(twin.fates.first { $0.name == Self.frontend }?.remark)
    #expect(
      remark.hasPrefix("2 taps earlier; up to \(NumberText.sentence(100 * lost)) % of a filter's energy"), "\(remark)")
  }

  @Test("Under weight norm direction and length of a block's kernels are solved for, in time and in space")
  func weightNorm() throws {
    let twin = try edited("convnet.params.block_configs.1.conv_params.kernel_size=[5, 7, 5]")
    let prefix = "convnet.layers.1.main_block.components.conv.conv.parametrizations.weight.0."
    let window = try SignalWindow(kind: "hann", options: .null)
    /// What acts, `[filter][channel, time, height, width]`.
    func kernels(_ source: any ArraySource) throws -> (values: [[Float]], shape: [Int]) {
      let (direction, length) = (try source.tensor(prefix + "v"), try source.tensor(prefix + "g"))
      let axes = direction.shape.suffix(3).map { $0 >= 5 ? window.values($0) : [Float](repeating: 1, count: $0) }
      let plane = axes[0].flatMap { t in axes[1].flatMap { y in axes[2].map { t * y * $0 } } }
      let rows = (0..<direction.shape[0]).map { row -> [Float] in
        let values = direction[row: row].values
        let norm = Float(values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
        return values.enumerated().map { length.values[row] * $1 / norm * plane[$0 % plane.count] }
      }
      return (rows, direction.shape)
    }
    let (old, new) = (try kernels(Self.zoo.checkpoint()), try kernels(twin.source))
    try #require(Array(old.shape.suffix(3)) == [3, 5, 5] && Array(new.shape.suffix(3)) == [5, 7, 5])
    for (before, after) in zip(old.values, new.values) {
      var expected = [Float](repeating: 0, count: after.count)
      for channel in 0..<old.shape[1] {
        for time in 0..<3 {
          for y in 0..<5 {
            for x in 0..<5 {
              expected[((channel * 5 + time + 1) * 7 + y + 1) * 5 + x] = before[((channel * 3 + time) * 5 + y) * 5 + x]
            }
          }
        }
      }
      #expect(isClose(after, expected))
    }
    #expect(twin.fates.first { $0.name == prefix + "v" }?.remark == "1 tap later")
    // What weight norm never reads has no remark.
    #expect(twin.fates.filter { $0.name.hasSuffix("original") }.allSatisfy { $0.remark == nil })
  }

  @Test("More channels of the same kernels leave the stored weights as they are")
  func channels() throws {
    let twin = try edited("frontend.params.num_channels=6")
    let (old, new) = (try Self.zoo.checkpoint().tensor(Self.frontend), try twin.source.tensor(Self.frontend))
    #expect(new.values.prefix(old.count).elementsEqual(old.values))
    #expect(twin.fates.first { $0.name == Self.frontend }?.remark == nil)
  }

  @Test("A block of the same width that is not in halves is passed the channels in their order")
  func wholeChannels() throws {
    let block =
      "convnet.params.block_configs.2={conv_params: {kernel_size: [3, 3, 3], padding: [1, 1, 1]}, norm_type: none, act_type: relu}"
    let twin = try edited(block, "convnet.params.channels.2=16")
    for fate in twin.fates where fate.name.hasPrefix("recurrent.") { #expect(fate.outcome == .kept, "\(fate.name)") }
  }
}
