import Base
import Foundation

/// A folder of weights in parts, or of checkpoints, which is not a recording: named, with the command that makes one
/// file of it.
public enum CheckpointFolder {
  /// Nil for any other folder.
  public static func refusal(_ path: String) -> Failure? {
    let folder = FolderListing(path)
    return weights(folder) ?? foreign(folder) ?? PackedFolder.archive(folder)
  }

  /// The refusal of the first folder with weights, or with compressed stimuli, within `path`, at most two levels below it.
  public static func innerRefusal(_ path: String) -> Failure? {
    let inner = FolderListing(path).folders.map { FolderListing($0) }
    for folder in inner {
      if let failure = weights(folder) { return failure }
    }
    for folder in inner.prefix(50) {
      for path in folder.folders.prefix(50) {
        if let failure = weights(FolderListing(path)) { return failure }
      }
    }
    return nil
  }

  private static func weights(_ folder: FolderListing) -> Failure? {
    PulledFolder.refusal(folder) ?? distributed(folder) ?? deepSpeed(folder) ?? megatron(folder) ?? inParts(folder)
      ?? unpacked(folder) ?? checkpoints(folder) ?? PackedFolder.compressed(folder)
  }

  private static func distributed(_ folder: FolderListing) -> Failure? {
    let path = folder.path
    let hasParts = folder.holds { $0.hasSuffix(".distcp") }
    let hasDirectory = folder.names.contains(".metadata")
    if folder.names.contains("meta.pt"), hasDirectory || hasParts {
      return Failure(
        .unsupported, "\(path): a sharded checkpoint of Lightning (FSDP), in a folder",
        hint:
          "make one file of it: `python -m lightning.pytorch.utilities.consolidate_checkpoint \(folder.quoted)`")
    }
    if hasParts, !hasDirectory {
      return Failure(
        .format, "\(path): a checkpoint of torch.distributed.checkpoint without its file `.metadata`",
        hint: "copy the folder again with its hidden files: `cp -a` or `rsync -a`")
    }
    guard hasDirectory else { return nil }
    guard hasParts else {
      return Failure(
        .format,
        "\(path): a checkpoint of torch.distributed.checkpoint without its .distcp files, which hold the weights",
        hint: "copy the whole folder again: `cp -a` or `rsync -a`")
    }
    return Failure(
      .unsupported, "\(path): a checkpoint of torch.distributed.checkpoint, in a folder",
      hint:
        "make one file of it: `python -m torch.distributed.checkpoint.format_utils dcp_to_torch \(folder.quoted) model.pt`"
    )
  }

  /// Source: `zero_to_fp32.py` of DeepSpeed, which takes the folder that holds the folder of a step. It reads that folder's
  /// name from `latest`, or takes it as --tag.
  private static func deepSpeed(_ folder: FolderListing) -> Failure? {
    func isStep(_ folder: FolderListing) -> Bool {
      folder.holds {
        $0.hasSuffix("_model_states.pt") || $0.contains("zero_pp_rank_") || $0.hasSuffix("_optim_states.pt")
      }
    }
    func failure(_ parent: FolderListing, tag: String?) -> Failure {
      let script =
        parent.names.contains("zero_to_fp32.py")
        ? ShellText.quoted(parent.path + "/zero_to_fp32.py") : "-m deepspeed.utils.zero_to_fp32"
      let flag = tag.map { " --tag \(ShellText.quoted($0))" } ?? ""
      return Failure(
        .unsupported, "\(folder.path): a sharded checkpoint of DeepSpeed, in a folder",
        hint: "make one file of it: `python \(script) \(parent.quoted) model.pt\(flag)`")
    }
    if isStep(folder) {
      let place = URL(filePath: folder.path).standardizedFileURL
      return failure(FolderListing(place.deletingLastPathComponent().path), tag: place.lastPathComponent)
    }
    let steps = folder.names.filter { $0 == "checkpoint" || $0.hasPrefix("global_step") }.sorted()
    let inner = steps.first { isStep(FolderListing(folder.path + "/" + $0)) }
    guard inner != nil || folder.names.contains("zero_to_fp32.py") else { return nil }
    return failure(folder, tag: folder.names.contains("latest") ? nil : inner)
  }

  /// Weights that several graphics cards held in parts (tensor parallelism). One part alone holds all of them.
  private static func megatron(_ folder: FolderListing) -> Failure? {
    let ranks = folder.names.count { $0.hasPrefix("mp_rank_") && !$0.contains(".") }
    guard ranks > 1 else { return nil }
    return Failure(
      .unsupported, "\(folder.path): a checkpoint of Megatron in \(ranks) parts",
      hint: "join the parts with Megatron's tools/checkpoint/convert.py and --target-tensor-parallel-size 1")
  }

  private static func inParts(_ folder: FolderListing) -> Failure? {
    guard let index = folder.names.sorted().first(where: { $0.hasSuffix(".index.json") }) else { return nil }
    return Failure(
      .unsupported, "\(folder.path): weights in several files, listed in \(index)",
      hint:
        "make one file of them: load the parts and `safetensors.torch.save_file({**part1, **part2}, \"model.safetensors\")`"
    )
  }

  private static func unpacked(_ folder: FolderListing) -> Failure? {
    guard folder.names.contains("data.pkl"), folder.names.contains("data") || folder.names.contains("version") else {
      return nil
    }
    let place = URL(filePath: folder.path).standardizedFileURL
    return Failure(
      .unsupported, "\(folder.path): the unpacked content of a torch file",
      hint:
        "pack it again without compression: `cd \(ShellText.quoted(place.deletingLastPathComponent().path)) && zip -0 -r model.ckpt \(ShellText.quoted(place.lastPathComponent))`"
    )
  }

  /// What other programs than PyTorch write.
  private static func foreign(_ folder: FolderListing) -> Failure? {
    let names = folder.names
    if names.contains(".zgroup") || names.contains(".zarray") || names.contains("zarr.json") {
      return Failure(.unsupported, "\(folder.path): vcsh does not read Zarr", hint: "export its arrays to a .npz")
    }
    let other: String? =
      if names.contains("saved_model.pb") || folder.holds({ $0.contains(".data-00000-of-") }) {
        "checkpoints of TensorFlow"
      } else if names.contains("_CHECKPOINT_METADATA") || names.contains("manifest.ocdbt") {
        "checkpoints of Orbax (JAX)"
      } else {
        nil
      }
    return other.map { Failure(.unsupported, "\(folder.path): vcsh does not read \($0)", hint: ForeignFile.opened) }
  }

  private static func checkpoints(_ folder: FolderListing) -> Failure? {
    let files = folder.names.filter { name in
      ["ckpt", "pt", "pth", "safetensors"].contains((name as NSString).pathExtension.lowercased())
        || name.hasSuffix("model.bin")
    }
    guard let first = (files.contains("last.ckpt") ? "last.ckpt" : files.sorted().first) else { return nil }
    return Failure(
      .unsupported,
      "\(folder.path): a folder with \(files.count == 1 ? "a checkpoint" : "\(files.count) checkpoints"), not a recording",
      hint: "open one of them: `open \(ShellText.quoted("\(folder.path)/\(first)"))`")
  }
}
