extension EditedTwin {
  /// How new blocks start, and how kernels of another size act: `block 2 starts near the identity`, …
  public var remarks: [String] {
    newBlocks.map { Self.sentence($0, architecture) } + Self.sentences(onKernelsOf: fates)
  }

  private static func sentence(_ block: NewBlock, _ edited: TwinArchitecture) -> String {
    let start = "block \(block.place) starts \(block.start)"
    guard let crop = block.crop, crop.count == 3 else { return start }
    let losses = zip(crop, ["steps of time", "pixels of height", "pixels of width"]).filter { $0.0 > 0 }
    guard !losses.isEmpty else { return start }
    let path = "convnet.params.block_configs.\(block.place).conv_params.padding"
    let reason = edited.ineffectiveOptions.first { $0.path == path }.map { " (\(path): \($0.why))" } ?? ""
    let lost = losses.map { "\($0.0) \($0.1)" }.joined(separator: " and ")
    return "\(start), but takes \(lost) from the map, so that rates change\(reason)"
  }

  /// One sentence for all tensors of which the same is true.
  private static func sentences(onKernelsOf fates: [TensorFate]) -> [String] {
    let resized = fates.filter { [.cropped, .embedded, .changed].contains($0.outcome) && $0.remark != nil }
    var texts: [String] = []
    for fate in resized { if let text = fate.remark, !texts.contains(text) { texts.append(text) } }
    return texts.map { text in
      let names = resized.filter { $0.remark == text }.map { "`\($0.name)`" }
      return "kernels of \(names.joined(separator: ", ")): \(text)"
    }
  }
}
