import Base
import Foundation
import Testing

@Suite("What an edit says of new blocks, of kernels of another size and of unknown names")
struct EditedShapeTests {
  @Test("A new block starts near the identity, and the table says so, or what it takes from the map")
  func newBlock() throws {
    let shell = try Shell()
    func block(_ kernel: String, _ padding: String, _ norm: String = "none") -> String {
      "convnet.params.channels.2=16 'convnet.params.block_configs.2={conv_params: {type: standard, kernel_size: \(kernel), padding: \(padding)}, norm_type: \(norm), act_type: splitrelu}'"
    }
    let before = try shell.table("eval twin on sim/gaborium")
    let note = try #require(try shell.table("edit twin as deep --set \(block("[3, 3, 3]", "[1, 1, 1]"))").note)
    #expect(note.contains("3 new; --tensors lists them; block 2 starts near the identity"))
    let after = try shell.table("eval deep on sim/gaborium")
    let (old, new) = (try #require(before["r"]?.numbers), try #require(after["r"]?.numbers))
    for (a, b) in zip(old, new) { #expect(try abs(#require(a) - #require(b)) < 0.02) }
    let tensors = try shell.table("edit twin as again --set \(block("[3, 3, 3]", "[1, 1, 1]")) --tensors")
    #expect(tensors["remark"]?.strings == [String](repeating: "near the identity", count: 3))
    // Between others, too, its tensors are none that the twin has under these names.
    let between = try shell.table(
      "edit twin as between --set \(block("[3, 3, 3]", "[1, 1, 1]").replacing(".2=", with: ".+1=")) --tensors | where remark != null"
    )
    #expect(between["tensor"]?.strings?.count == 3 && between["before"]?.strings == [])
    // A kernel of one time step has no padding beside `pad`: the map gets smaller, whatever the weights are.
    let flat = try #require(try shell.table("edit twin as flat --set \(block("[1, 3, 3]", "[0, 1, 1]"))").note)
    #expect(
      flat.contains(
        "block 2 starts near the identity, but takes 2 pixels of height and 2 pixels of width from the map, so that rates change (convnet.params.block_configs.2.conv_params.padding: with `pad` in the order"
      ), "\(flat)")
    let layered = try #require(
      try shell.table("edit twin as layered --set \(block("[3, 3, 3]", "[1, 1, 1]", "layer"))").note)
    #expect(layered.contains("block 2 starts at random: its layer norm over channels lets no small values out"))
  }

  @Test("Kernels of another size act as they did as far as the new window allows; the table says what changed")
  func resizedKernels() throws {
    let shell = try Shell()
    let before = try shell.table("temporal twin")
    let note = try #require(try shell.table("edit twin as long --set frontend.params.kernel_size=14").note)
    #expect(note.contains("kernels of `frontend.temporal_conv.conv.parametrizations.weight.original`: 1 tap later"))
    let after = try shell.table("temporal long")
    // 120 frames a second.
    for (a, b) in zip(try before.known("mean_ms"), try after.known("mean_ms")) {
      #expect(abs(b - a - 1000.0 / 120) < 0.01)
    }
    let short = try #require(try shell.table("edit twin as short --set frontend.params.kernel_size=10").note)
    #expect(short.contains("1 tap earlier; up to ") && short.contains(" % of a filter's energy has no place any more"))
  }

  @Test("An experiment with a block that starts at random says so, since its arms begin at different scores")
  func randomBlock() throws {
    let shell = try Shell()
    try shell.run(
      "whatif twin on sim/gaborium --set convnet.params.channels.2=32 'convnet.params.block_configs.2={conv_params: {type: standard, kernel_size: [3, 3, 3], padding: [1, 1, 1]}, norm_type: layer, act_type: relu}' --steps 4 --batch-size 8 --seeds 1 --withheld none"
    )
    #expect(shell.allNotes.contains("block 2 starts at random: its layer norm over channels lets no small values out"))
  }

  @Test("The hint at an unknown option names all options of the place, and that at an unknown activation each one once")
  func knownNames() throws {
    let shell = try Shell()
    let options = try #require(try shell.failure("edit twin as m --set frontend.params.nonsense=3").hint)
    for name in ["aa_signal", "lag_mask", "tap_mask", "zero_sum", "use_weight_norm"] {
      #expect(options.contains(name), "\(name)")
    }
    let types = try #require(try shell.failure("edit twin as m --set output_activation=exp").hint)
    #expect(types.hasPrefix("known: none, ") && types.split(separator: "none").count == 2)
  }
}

extension Column {
  /// The texts of a column of text.
  fileprivate var strings: [String]? {
    guard case .string(let texts) = values else { return nil }
    return texts.compactMap(\.self)
  }
}
