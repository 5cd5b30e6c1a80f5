import Base
import Foundation

/// A folder of weights in parts, or of checkpoints, which is not a recording: named, with the command that makes one
/// file of it.
public enum CheckpointFolder {
  /// Nil for any other folder.
  public static func refusal(_ path: String) -> Failure? {
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
    let folder = ShellText.quoted(path)
    func holds(_ isPart: (String) -> Bool) -> Bool { names.contains(where: isPart) }
    if names.contains("meta.pt"), names.contains(".metadata") || holds({ $0.hasSuffix(".distcp") }) {
      return Failure(
        .unsupported, "\(path): a sharded checkpoint of Lightning (FSDP), in a folder",
        hint: "make one file of it: `python -m lightning.pytorch.utilities.consolidate_checkpoint \(folder)`")
    }
    if holds({ $0.hasSuffix(".distcp") }), !names.contains(".metadata") {
      return Failure(
        .format, "\(path): a checkpoint of torch.distributed.checkpoint without its file `.metadata`",
        hint: "copy the folder again with its hidden files: `cp -a` or `rsync -a`")
    }
    if names.contains(".metadata") {
      return Failure(
        .unsupported, "\(path): a checkpoint of torch.distributed.checkpoint, in a folder",
        hint:
          "make one file of it: `python -m torch.distributed.checkpoint.format_utils dcp_to_torch \(folder) model.pt`")
    }
    if names.contains("zero_to_fp32.py") || names.contains("latest") && holds({ $0.hasPrefix("global_step") })
      || holds({ $0.hasSuffix("_model_states.pt") || $0.contains("zero_pp_rank_") || $0.contains("_optim_states.pt") })
      || names.contains("checkpoint") && isDeepSpeed(path + "/checkpoint")
    {
      return Failure(
        .unsupported, "\(path): a sharded checkpoint of DeepSpeed, in a folder",
        hint:
          "make one file of it: `python \(names.contains("zero_to_fp32.py") ? ShellText.quoted(path + "/zero_to_fp32.py") : "-m deepspeed.utils.zero_to_fp32") \(folder) model.pt`"
      )
    }
    if let index = names.sorted().first(where: { $0.hasSuffix(".index.json") }) {
      return Failure(
        .unsupported, "\(path): weights in several files, listed in \(index)",
        hint:
          "make one file of them: load the parts and `safetensors.torch.save_file({**part1, **part2}, \"model.safetensors\")`"
      )
    }
    if names.contains("data.pkl"), names.contains("data") || names.contains("version") {
      return Failure(
        .unsupported, "\(path): the unpacked content of a torch file",
        hint:
          "pack it again without compression: `cd \(ShellText.quoted((path as NSString).deletingLastPathComponent)) && zip -0 -r model.ckpt \(ShellText.quoted((path as NSString).lastPathComponent))`"
      )
    }
    if names.contains(".zgroup") || names.contains(".zarray") || names.contains("zarr.json") {
      return Failure(.unsupported, "\(path): vcsh does not read Zarr", hint: "export its arrays to a .npz")
    }
    let files = names.filter {
      ["ckpt", "pt", "pth", "safetensors"].contains(($0 as NSString).pathExtension.lowercased())
    }
    if let pointer = names.sorted().first(where: { $0.lowercased().hasSuffix(".dset.dvc") }) {
      return Failure(
        .format, "\(path): the .dset files of this folder are DVC pointers (\(pointer)): the files are elsewhere",
        hint: "fetch them: `dvc pull -R \(folder)`")
    }
    guard let first = (files.contains("last.ckpt") ? "last.ckpt" : files.sorted().first) else { return nil }
    return Failure(
      .unsupported,
      "\(path): a folder with \(files.count == 1 ? "a checkpoint" : "\(files.count) checkpoints"), not a recording",
      hint: "open one of them: `open \(ShellText.quoted("\(path)/\(first)"))`")
  }

  private static func isDeepSpeed(_ path: String) -> Bool {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).contains { $0.hasSuffix("_model_states.pt") }
  }
}
