/// Names of tensors without what PyTorch's wrappers put into them.
///
/// Source: `torch.compile` (`_orig_mod`), `DataParallel` and `DistributedDataParallel` (`module`), Lightning's strategies
/// (`_forward_module`, `model`), `FullyShardedDataParallel` (`_fsdp_wrapped_module`, `_fpw_module`), activation
/// checkpointing (`_checkpoint_wrapped_module`).
enum WrapperNames {
  /// Wrappers also wrap parts of a model, so their names stand anywhere in a tensor's name.
  private static let anywhere: Set<Substring> = [
    "_orig_mod", "_forward_module", "_fsdp_wrapped_module", "_fpw_module", "_checkpoint_wrapped_module", "module",
  ]

  /// `module._orig_mod.model.readouts.0.bias` -> `readouts.0.bias`
  static func stripped(_ name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let last = parts.last else { return name }
    var kept = parts.dropLast().filter { !anywhere.contains($0) }[...]
    kept = kept.drop { $0 == "model" }
    return kept.count == parts.count - 1 ? name : (kept + [last]).joined(separator: ".")
  }
}
