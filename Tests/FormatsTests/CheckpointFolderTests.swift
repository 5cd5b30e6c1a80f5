import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Folders that hold weights in parts, or no weights")
struct CheckpointFolderTests {
  private static let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 12345\n"

  /// Makes a folder of small files; the failure has FOLDER in place of its path.
  private func refusal(_ files: [String: String], inner: Bool = false) throws -> Failure? {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (file, text) in files {
      let place = URL(filePath: folder).appending(path: file)
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: place)
    }
    var failure = inner ? CheckpointFolder.innerRefusal(folder) : CheckpointFolder.refusal(folder)
    failure?.message.replace(folder, with: "FOLDER")
    failure?.hint?.replace(folder, with: "FOLDER")
    return failure
  }

  private func refusal(_ files: String..., inner: Bool = false) throws -> Failure? {
    try refusal(Dictionary(uniqueKeysWithValues: files.map { ($0, "x") }), inner: inner)
  }

  @Test("Weights of Hugging Face in one file are opened as that file")
  func singleFile() throws {
    let failure = try refusal("pytorch_model.bin", "config.json")
    #expect(failure?.hint == "open one of them: `open FOLDER/pytorch_model.bin`")
    #expect(try refusal("optimizer.bin", "scheduler.bin") == nil)
  }

  @Test("DeepSpeed's script gets the folder above that of a step, whose name is its tag where no file tells it")
  func deepSpeed() throws {
    let states = "mp_rank_00_model_states.pt"
    #expect(
      try refusal("latest", "zero_to_fp32.py", "checkpoint/\(states)")?.hint
        == "make one file of it: `python FOLDER/zero_to_fp32.py FOLDER model.pt`")
    #expect(
      try refusal("global_step100/zero_pp_rank_0_\(states)")?.hint
        == "make one file of it: `python -m deepspeed.utils.zero_to_fp32 FOLDER model.pt --tag global_step100`")
    let step = try refusal("zero_to_fp32.py", "latest", "checkpoint/\(states)", inner: true)
    #expect(step?.message == "FOLDER/checkpoint: a sharded checkpoint of DeepSpeed, in a folder")
    #expect(step?.hint == "make one file of it: `python FOLDER/zero_to_fp32.py FOLDER model.pt --tag checkpoint`")
  }

  @Test("A distributed checkpoint without its parts is not sent to the program that joins them")
  func directoryAlone() throws {
    let failure = try refusal(".metadata")
    #expect(failure?.message.contains("without its .distcp files") == true)
    #expect(failure?.hint?.contains("copy the whole folder again") == true)
  }

  @Test("Pointers in place of the parts are named, with the command that fetches all of them")
  func pointers() throws {
    let failure = try refusal([".metadata": Self.pointer, "__0_0.distcp": Self.pointer])
    #expect(failure?.message.contains("FOLDER/.metadata is a Git LFS pointer") == true)
    #expect(failure?.hint == "fetch all files of the folder: `git -C FOLDER lfs pull`")
    #expect(try refusal("noise.dset.dvc")?.hint == "fetch them: `dvc --cd FOLDER pull -R .`")
    #expect(try refusal(".twin.ckpt.icloud")?.message == "FOLDER: twin.ckpt is in iCloud, not on this disk")
  }

  @Test("Weights in a folder within are named by that folder")
  func inner() throws {
    let fsdp = try refusal("optimizer.bin", "fsdp_0/.metadata", "fsdp_0/__0_0.distcp", inner: true)
    #expect(fsdp?.message == "FOLDER/fsdp_0: a checkpoint of torch.distributed.checkpoint, in a folder")
    let unpacked = try refusal("model/data.pkl", "model/version", "model/data/0", inner: true)
    #expect(unpacked?.hint?.hasSuffix("zip -0 -r model.ckpt model`") == true)
    let megatron = try refusal("iter_0000100/mp_rank_00/model_optim_rng.pt", inner: true)
    #expect(megatron?.hint == "open one of them: `open FOLDER/iter_0000100/mp_rank_00/model_optim_rng.pt`")
    let parts = try refusal("iter_1/mp_rank_00/model_optim_rng.pt", "iter_1/mp_rank_01/model_optim_rng.pt", inner: true)
    #expect(parts?.message == "FOLDER/iter_1: a checkpoint of Megatron in 2 parts")
    #expect(try refusal("docs/figures.zip", "notes/a.md", inner: true) == nil)
  }

  @Test("Checkpoints of other programs are named")
  func foreign() throws {
    #expect(try refusal("saved_model.pb", "variables/variables.index")?.message.contains("TensorFlow") == true)
    #expect(try refusal("_CHECKPOINT_METADATA", "manifest.ocdbt")?.message.contains("Orbax") == true)
  }

  @Test("Compressed stimuli and archives are named, with the command that unpacks them in place")
  func packed() throws {
    #expect(try refusal("noise.dset.gz")?.hint == "decompress them: `gunzip -k FOLDER/noise.dset.gz`")
    #expect(try refusal("Zoo.zip")?.hint == "unpack it: `unzip FOLDER/Zoo.zip -d FOLDER`")
    #expect(try refusal("Zoo.tgz")?.hint == "unpack it: `tar -xf FOLDER/Zoo.tgz -C FOLDER`")
    #expect(try refusal("last.ckpt", "code.zip")?.hint == "open one of them: `open FOLDER/last.ckpt`")
  }
}
