import Base
import Formats
import Foundation
import TestSupport
import Testing
import Workspace

/// Files as people have them, opened as people open them.
@Suite("Files as they are found")
struct FilesAsFoundTests {
  private static let cases = Fixtures.path("cases")
  private static let sessions = cases + "/datasets.yaml"

  private func shell() throws -> Shell { try Shell(opened: false) }

  @Test(
    "A checkpoint of the wrapped kinds gives the same numbers as the plain one",
    arguments: [
      "05-wrapper-prefixes/prefix_module._orig_mod.ckpt", "05-wrapper-prefixes/prefix_inner_checkpoint_wrapper.ckpt",
      "06-omegaconf/hp_omegaconf_whole.ckpt", "06-omegaconf/hp_json_text.ckpt", "06-omegaconf/np_arr.ckpt",
      "06-omegaconf/np_str.ckpt", "06-omegaconf/np_tensor0.ckpt", "16-containers/box_module.pt",
      "16-containers/box_net.pt", "07-weights-without-configuration/box_hparams_old.ckpt",
      "07-weights-without-configuration/weights_cfg.safetensors", "09-zip-called-cut-short/zip_deep_root.ckpt",
    ])
  func wrapped(_ file: String) throws {
    let shell = try shell()
    try shell.run("open \(Self.cases)/16-containers/box_module.pt as plain --config \(Self.sessions)")
    let record = try shell.record("open \(Self.cases)/\(file) as twin --config \(Self.sessions)")
    #expect(record["sessions"] == .string("Zoo_2025-01-10, Zoo_2025-01-17"))
    let input = shell.folder + "/in.npz"
    let stimulus = (0..<2 * 6 * 21 * 21).map { (index: Int) -> Float in Float(index * 37 % 255) / 255 - 0.5 }
    try NpzWriter.write([NamedArray("stim", shape: [2, 1, 6, 21, 21], values: .float32(stimulus))], to: input)
    for name in ["plain", "twin"] {
      try shell.run("forward \(name) --head 0 --input \(input) --output \(shell.folder)/\(name).npz")
    }
    let plain = try NpzArchive(path: shell.folder + "/plain.npz")
    let twin = try NpzArchive(path: shell.folder + "/twin.npz")
    #expect(!plain.arrayNames.isEmpty && plain.arrayNames == twin.arrayNames)
    for name in plain.arrayNames { #expect(try plain.doubles(name) == twin.doubles(name)) }
  }

  @Test("Weights without a configuration ask for --model, which takes VisionCore's YAML")
  func model() throws {
    let shell = try shell()
    let folder = Self.cases + "/07-weights-without-configuration"
    for file in ["box_bare.pt", "box_no_hparams.ckpt", "weights.safetensors"] {
      let failure = try shell.failure("open \(folder)/\(file) as t --config \(Self.sessions)")
      #expect(failure.message.contains("holds weights without a model configuration"))
      #expect(failure.hint?.contains("--model FILE") == true)
      let record = try shell.record(
        "open \(folder)/\(file) as t --config \(Self.sessions) --model \(folder)/config.yaml --replace")
      #expect(record["heads"] == .int(2))
      #expect(try shell.report("show t").sections.count > 1)
    }
    // Each of the two flags knows the other's file.
    #expect(
      try shell.failure("open \(folder)/box_bare.pt --config \(folder)/config.yaml").hint?.contains("--model") == true)
    try Data("sessions: [a]\n".utf8).write(to: URL(filePath: shell.folder + "/multi.yaml"))
    let swapped = try shell.failure("open \(folder)/box_bare.pt --model \(shell.folder)/multi.yaml")
    #expect(swapped.hint?.contains("--config") == true)
    #expect(try shell.failure("open \(folder)/config.yaml").hint?.contains("--model") == true)
  }

  @Test("A file in place of an object's name is told as a file, a text by its form")
  func misplaced() throws {
    let shell = try shell()
    let path = shell.folder + "/mine.ckpt"
    try Data([1, 2, 3]).write(to: URL(filePath: path))
    for command in ["show", "check", "params"] {
      let hint = try shell.failure("\(command) \(path)").hint
      #expect(hint?.hasPrefix("it is a file: `open \(path) as mine`") == true, "\(command): \(hint ?? "")")
    }
    for (name, text, phrase) in [
      ("j.dset", #"{"robs": [1]}"#, "a JSON file"), ("t.dset", "hello there", "a text file"),
      ("y.dset", "robs: 1\n", "a YAML file"),
    ] {
      let file = shell.folder + "/" + name
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let failure = try shell.failure("open \(file) as x")
      #expect(failure.message.contains(phrase), "\(name): \(failure.message)")
      #expect(failure.hint?.contains("--config") != true)
    }
  }

  @Test("A Jupyter notebook is called one")
  func notebook() throws {
    let shell = try shell()
    let path = shell.folder + "/a.ipynb"
    try #"{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#.write(
      toFile: path, atomically: true, encoding: .utf8)
    let failure = try shell.failure("open \(path) as n")
    #expect(failure.message.hasSuffix("a.ipynb is a Jupyter notebook, which vcsh does not open"))
    #expect(failure.hint?.contains("use-a-notebook.md") == true)
  }

  @Test("A model's YAML that changed since is an error, not another network")
  func changedModel() throws {
    let shell = try shell()
    let folder = Self.cases + "/07-weights-without-configuration"
    let yaml = shell.folder + "/model.yaml"
    try FileManager.default.copyItem(atPath: folder + "/config.yaml", toPath: yaml)
    try shell.run("open \(folder)/box_bare.pt as t --config \(Self.sessions) --model \(yaml)")
    let text = try String(contentsOfFile: yaml, encoding: .utf8)
    try text.replacing("softplus", with: "none").write(toFile: yaml, atomically: true, encoding: .utf8)
    let failure = try shell.failure("show t")
    #expect(failure.message.contains("has changed since `t` was opened with it"))
    #expect(failure.hint?.contains("--replace") == true)
  }

  @Test("Names that all begin with a foreign prefix are named, and --prefix takes it off")
  func prefix() throws {
    let shell = try shell()
    let failure = try shell.failure("open \(Self.cases)/prefix_net.ckpt as t --config \(Self.sessions)")
    #expect(failure.hint == "all names begin with `net.`; --prefix net. takes it off")
    #expect(
      try shell.failure("open \(Self.cases)/prefix_mixed_net.ckpt as t --config \(Self.sessions)").hint
        == "19 of 20 names begin with `net.`; --prefix net. takes it off")
    #expect(
      try shell.record("open \(Self.cases)/prefix_net.ckpt as t --config \(Self.sessions) --prefix net.")["heads"]
        == .int(2))
    // What was chosen holds for every later command.
    #expect(try shell.table("check t | where severity == 'error'").rowCount == 0)
  }

  @Test("The prefix that a remedy names opens the file, and is never the one that was given")
  func prefixRemedies() throws {
    let shell = try shell()
    let source = try Checkpoint(path: Self.cases + "/07-weights-without-configuration/weights_cfg.safetensors")
    let configuration = "--config \(Self.sessions) --model \(Self.cases)/07-weights-without-configuration/config.yaml"
    /// Opens the same weights under other names.
    func hint(_ flags: String = "", named rename: (Int, String) -> [String]) throws -> String? {
      let path = shell.folder + "/renamed.safetensors"
      let arrays = try source.arrayNames.enumerated().flatMap { index, name in
        let values = try source.doubles(name).map { Float($0) }
        let shape = try #require(source.info(name)).shape
        return rename(index, name).map { NamedArray($0, shape: shape, values: .float32(values)) }
      }
      try SafetensorsWriter.write(arrays, to: path)
      do {
        try shell.run("open \(path) as renamed \(configuration) \(flags) --replace")
        return nil
      } catch let failure as Failure { return failure.hint ?? "none" }
    }
    let count = source.arrayNames.count
    let half = { (index: Int, name: String) in [index < count / 2 ? "net.model.\(name)" : "model.\(name)"] }
    #expect(try hint(named: half)?.contains("--prefix net.model. takes it off") == true)
    #expect(try hint("--prefix net.model.", named: half) == nil)
    #expect(try hint("--prefix net.", named: half) == nil)
    let twice = { (_: Int, name: String) in ["net.net.\(name)"] }
    let composed = "all names begin with `net.net.`; --prefix net.net. takes it off"
    #expect(try hint(named: twice) == composed)
    #expect(try hint("--prefix net.", named: twice) == composed)
    #expect(try hint("--prefix net.net.", named: twice) == nil)
    let students = { (_: Int, name: String) in ["student.\(name)", "teacher.\(name)"] }
    #expect(
      try hint(named: students)?.hasSuffix("--prefix teacher. takes those of `teacher.`")
        == true)
    #expect(try hint("--prefix teacher.", named: students) == nil)
    #expect(try hint("--prefix net.") { _, name in [name, "net.\(name)"] } == nil)
    #expect(
      try hint { _, name in [name.replacing("convnet.", with: "convnet.inner.")] }?.contains("convnet.inner.") == true)
    #expect(try hint { _, name in ["net_\(name)"] }?.contains("rename the weights") == true)
  }

  @Test("Averaged weights are named by open, show and check, and --weights takes the other set")
  func averaged() throws {
    let shell = try shell()
    let path = Self.cases + "/23-averaged-weights/box_lightning_ema.ckpt"
    let record = try shell.record("open \(path) as ema --config \(Self.sessions)")
    #expect(record["weights"] == .string("averaged over training steps"))
    #expect(shell.allNotes.contains("`state_dict` (averaged over training steps) is used; also `current_model_state`"))
    try shell.run("open \(path) as trained --config \(Self.sessions) --weights current_model_state")
    let findings = try shell.table("check ema | where part == 'checkpoint'")
    #expect(findings.rowCount == 1)
    #expect(findings["remedy"]?[0] == .string("`open … --weights current_model_state` takes the others"))
    func field(_ name: String, _ field: String) throws -> Value? {
      guard case .fields(let record)? = try shell.report("show \(name)").sections.first?.body else { return nil }
      return record[field]
    }
    #expect(try field("ema", "weights") == .string("state_dict (averaged over training steps)"))
    #expect(try field("trained", "weights") == .string("current_model_state"))
    #expect(
      try shell.table("check trained | where part == 'checkpoint'")["problem"]?[0].plainText.contains("trained weights")
        == true)
    // The two sets are different twins.
    let (ema, trained) = (try shell.session.loadTwin("ema"), try shell.session.loadTwin("trained"))
    #expect(ema.weightsDigest != trained.weightsDigest)
    #expect(try ema.source.doubles("readouts.0.bias") != trained.source.doubles("readouts.0.bias"))
    try shell.run("open \(Self.cases)/23-averaged-weights/box_callback_ema.ckpt as cb --config \(Self.sessions)")
    #expect(shell.allNotes.contains("--weights callbacks.EMA.ema_state_dict takes that"))
    let failure = try shell.failure("open \(path) as x --config \(Self.sessions) --weights swa")
    #expect(failure.hint == "it has `state_dict`, `current_model_state`")
  }

  @Test("Weights of kinds that can't be read are named with the remedy, those of others open")
  func kinds() throws {
    let shell = try shell()
    let folder = Self.cases + "/08-unread-tensor-kinds"
    for (file, findings) in [("dt_float8_e4m3fn", 0), ("lay_neg", 0), ("lay_list", 1)] {
      try shell.run("open \(folder)/\(file).ckpt as \(file) --config \(Self.sessions)")
      let table = try shell.table("check \(file) | where layer == 'convnet.layers.0.components.conv.conv.weight'")
      #expect(table.rowCount == findings, "\(file)")
    }
    let failure = try shell.failure("open \(folder)/lay_quant.ckpt as q --config \(Self.sessions)")
    #expect(failure.message.contains("is stored quantised (qint8): dequantise it first"))
    #expect(failure.hint?.contains("dequantize()") == true)
  }

  @Test("Integer weights open, and check warns of each")
  func integers() throws {
    let shell = try shell()
    for type in ["int8", "bool"] {
      try shell.run("open \(Self.cases)/25-integer-weights/dt_\(type).ckpt as \(type) --config \(Self.sessions)")
      let found = try shell.table("check \(type)")
      let problems = (0..<found.rowCount).map { found["problem"]?[$0].plainText ?? "" }
      #expect(problems.count { $0.contains("stored as \(type)") } == 1)
    }
  }

  // MARK: Predictions

  @Test("What an npz holds beside its predictions is noted and disturbs nothing")
  func besides() throws {
    for (file, note) in [
      ("04-npz-object-array/extra_dict.npz", "not used: `config`"),
      ("04-npz-object-array/extra_complex256.npz", "not used: `z`"),
      ("04-npz-object-array/extra_none.npz", "`dfs` is None: every bin counts"),
      ("10-npz-foreign-entries/zip_macosx.npz", "not used: `__MACOSX/._rhat.npy` (not an array)"),
    ] {
      let shell = try shell()
      #expect(try shell.record("open \(Self.cases)/\(file) as p")["cells"] == .int(4))
      #expect(shell.allNotes.contains(note), "\(shell.allNotes)")
      #expect(try shell.table("eval p").rowCount == 4)
    }
  }

  @Test("Ids of cells that are Python integers are read; others are noted, and cells are numbered by position")
  func objectIDs() throws {
    let shell = try shell()
    try shell.run("open \(Self.cases)/04-npz-object-array/cid_obj.npz as p")
    #expect(shell.allNotes.contains("`cid` does not hold integers alone: cells are numbered by their position"))
    #expect(try shell.table("eval p")["cid"] == Column("cid", [0, 1, 2, 3]))
    let quiet = try Shell(opened: false)
    try quiet.run("open \(Self.cases)/objects.npz as p")
    #expect(try quiet.table("eval p")["cid"] == Column("cid", [3, 1, 2]))
    #expect(quiet.allNotes.isEmpty)
  }

  @Test("Numbers that numpy kept as Python objects are read; None is a bin without a count, and a text is named")
  func objectNumbers() throws {
    let shell = try shell()
    try shell.run("open \(Self.cases)/object-numbers.npz as p")
    // Bin 4 of cell 1 has no count, and dfs masks bin 12 of cell 2, which has 2.
    #expect(try shell.table("eval p")["spikes"] == Column("spikes", [30, 39, 25]))
    #expect(shell.allNotes.contains("1 count can't be right"), "\(shell.allNotes)")
    let failure = #expect(throws: Failure.self) { try shell.run("open \(Self.cases)/object-texts.npz as q") }
    #expect(failure?.message.contains("object-texts.npz: `robs` holds Python objects") == true)
    #expect(failure?.hint?.contains("astype(float)") == true)
  }

  @Test("Trials that are text are used as labels, so halves are by trial")
  func labels() throws {
    let ofAnyLength = try shell()
    // numpy's StringDType, which it keeps as a pickle.
    try ofAnyLength.run("open \(Self.cases)/trial-stringdtype.npz as p")
    #expect(ofAnyLength.allNotes.contains("`trial` holds text: its 3 labels"), "\(ofAnyLength.allNotes)")
    let shell = try shell()
    try shell.run("open \(Self.cases)/15-trial-names/trial_str.npz as p")
    #expect(shell.allNotes.contains("`trial` holds text: its 8 labels"))
    guard case .fields(let fields)? = try shell.report("show p").sections.first?.body else {
      throw Failure(.mismatch, "no fields")
    }
    #expect(fields["trials"] == .int(8))
  }

  @Test("Arrays that look transposed are noted, unless another array says that they are not")
  func transposed() throws {
    let shell = try shell()
    try shell.run("open \(Self.cases)/14-transposed/transposed_both.npz as p")
    #expect(shell.allNotes.contains("rhat has 4 frames and 240 cells: are the arrays transposed?"))
    let path = shell.folder + "/wide.npz"
    let wide = Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
    try NpzWriter.write(
      [NamedArray("rhat", wide), NamedArray("robs", wide), NamedArray("cid", shape: [3], values: .int64([4, 5, 6]))],
      to: path)
    let quiet = try Shell(opened: false)
    try quiet.run("open \(path) as wide")
    #expect(quiet.allNotes.isEmpty)
  }

  @Test("A torch file with rhat and robs opens as predictions")
  func torchPredictions() throws {
    let shell = try shell()
    #expect(try shell.record("open \(Self.cases)/16-containers/pred.pt as p")["kind"] == .string("predictions"))
    try shell.run("open \(Self.cases)/pred2.pt as q")
    #expect(try shell.table("eval q")["cid"] == Column("cid", [4, 5, 6]))
  }

  @Test("Whole zips that can't be read are never called cut short")
  func zips() throws {
    let shell = try shell()
    let folder = Self.cases + "/09-zip-called-cut-short"
    #expect(try shell.failure("open \(folder)/zip_lzma.npz as p").message.contains("compressed by LZMA"))
    #expect(try shell.failure("open \(folder)/zip_append_dup.npz as p").message.contains("in the file twice"))
    #expect(try shell.failure("open \(Self.cases)/prog.pt2 as p").message.contains("torch.export"))
    for file in ["two_forms", "zip_nonpy"] { try shell.run("open \(folder)/\(file).npz as \(file)") }
  }

  @Test("Folders of distributed checkpoints are named, with the command that makes one file of them")
  func folders() throws {
    let shell = try shell()
    let folder = Self.cases + "/17-checkpoint-folders"
    #expect(try shell.failure("open \(folder)/dcp_folder").hint?.contains("dcp_to_torch") == true)
    #expect(try shell.failure("open \(folder)/fsdp_dir.ckpt").hint?.contains("consolidate_checkpoint") == true)
    #expect(
      try shell.failure("open \(folder)/dcp_folder/__0_0.distcp").message.contains("torch.distributed.checkpoint"))
  }

  @Test("Pointers and pages in place of a file are named at the path that was typed")
  func pointers() throws {
    let shell = try shell()
    for (file, what) in [("annex.ckpt", "git-annex"), ("gz.ckpt.gz", "gzip"), ("html.ckpt", "web page")] {
      let failure = try shell.failure("open \(Self.cases)/18-pointers/\(file)")
      #expect(failure.message.contains(what) && failure.hint != nil && failure.span?.column == 6)
    }
  }

  // MARK: Recordings

  /// A folder with one stimulus of four cells, its parent YAML and its session's.
  private func recording(
    _ shell: Shell, rate: Double = 120, cids: String? = nil, scale: Bool = false, offset: Float = 0,
    file: String = "noise.dset",
    parent: String = "",
    transforms: String = "transforms:\n  stim: {source: stim, ops: [{pixelnorm: {}}], expose_as: stim}\n"
  ) throws -> String {
    let folder = shell.folder + "/data-\(UUID().uuidString)"
    let files = FileManager.default
    for name in ["Zoo_1", "sessions"] {
      try files.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
    }
    let divisor: Float = scale ? 255 : 1
    let pixels = (0..<40 * 4 * 4).map { (index: Int) -> Float in Float(index * 31 % 255) / divisor + offset }
    let counts = (0..<40 * 4).map { (index: Int) -> Float in Float(index % 3) }
    let trials = (0..<40).map { (index: Int) -> Int64 in Int64(index / 10) }
    let data = DatasetWriter(
      session: "Zoo_1", rateHz: rate,
      covariates: [
        .init("stim", shape: [40, 4, 4], float: pixels), .init("robs", shape: [40, 4], float: counts),
        .init("trial_inds", shape: [40], int64: trials),
      ])
    try data.write(to: folder + "/Zoo_1/" + file)
    let lines = [
      parent + "types: [noise]", "session_dir: ./sessions", "sessions: [Zoo_1]",
      "sampling: {source_rate: 120, target_rate: 120}", "keys_lags: {robs: 0, stim: [0, 1]}", transforms,
    ]
    try lines.joined(separator: "\n").write(toFile: folder + "/multi.yaml", atomically: true, encoding: .utf8)
    try "session: Zoo_1\n\(cids.map { "cids: \($0)\n" } ?? "")".write(
      toFile: folder + "/sessions/Zoo_1.yaml", atomically: true, encoding: .utf8)
    return folder
  }

  @Test("A damaged or empty .dset beside good ones is noted, and the good ones open")
  func emptyBeside() throws {
    let shell = try shell()
    let folder = try recording(shell)
    try Data().write(to: URL(filePath: folder + "/Zoo_1/extra.dset"))
    #expect(try shell.record("open \(folder)/Zoo_1 as s")["stimuli"] == .string("noise (40 frames)"))
    #expect(shell.allNotes.contains("not opened: ") && shell.allNotes.contains("extra.dset: the file is empty"))
    try FileManager.default.removeItem(atPath: folder + "/Zoo_1/noise.dset")
    #expect(try shell.failure("open \(folder)/Zoo_1 as t").message.contains("extra.dset: the file is empty"))
  }

  @Test(
    "A parent YAML that is no text is refused with its remedy, never passed over",
    arguments: [
      (Data(), "the file is empty"), (Data("s\0e\0s\0".utf8), "multi.yaml"),
      (Data([0x1f, 0x8b, 8, 0, 0xff]), "gzip"),
      (Data("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".utf8), "multi.yaml"),
    ])
  func unreadParent(content: Data, reason: String) throws {
    let shell = try shell()
    let folder = try recording(shell)
    try content.write(to: URL(filePath: folder + "/multi.yaml"))
    let failure = try shell.failure("open \(folder)/Zoo_1 as s")
    #expect(failure.message.contains("multi.yaml") && failure.message.contains(reason), "\(failure.message)")
    #expect(failure.hint?.contains("--config") == true)
    // Files of the system, and another parent that lists the session.
    try FileManager.default.moveItem(atPath: folder + "/multi.yaml", toPath: folder + "/._multi.yaml")
    #expect(try shell.record("open \(folder)/Zoo_1 as s")["status"] == .string("opened"))
  }

  @Test("A parent YAML may end in .YAML")
  func capitalYAML() throws {
    let shell = try shell()
    let folder = try recording(shell)
    try FileManager.default.moveItem(atPath: folder + "/multi.yaml", toPath: folder + "/multi.YAML")
    try shell.run("open \(folder)/Zoo_1 as s")
    guard case .report(let report) = try shell.run("show s"), case .fields(let fields)? = report.sections.first?.body
    else { throw Failure(.format, "no report") }
    #expect(fields["configuration"]?.plainText.contains("multi.YAML") == true)
  }

  @Test("A table that was written as .npz opens again with the same columns")
  func tableArrays() throws {
    let shell = try shell()
    let path = shell.folder + "/t.npz"
    try shell.run(
      "[{cid: 1, r: 0.5, area: \"V1\", ok: true}, {cid: 2, r: null, area: \"V2\", ok: false}] | sort cid > \(path)"
    )
    let table = try shell.table("open \(path) as t")
    #expect(table["cid"] == Column("cid", [1, 2]) && table["r"] == Column("r", [0.5, nil]))
    #expect(table["area"] == Column("area", ["V1", "V2"]) && table["ok"] == Column("ok", [true, false]))
    #expect(try shell.table("show t") == table)
  }

  @Test("The ending of a stimulus may be in capitals")
  func capitals() throws {
    let shell = try shell()
    let folder = try recording(shell, file: "noise.DSET")
    #expect(try shell.record("open \(folder)/Zoo_1 as s")["stimuli"] == .string("noise (40 frames)"))
    #expect(try shell.table("open \(folder)/multi.yaml --replace")["status"]?[0] == .string("opened"))
  }

  @Test("Cids in the YAML alone are taken in their order where they are as many as the columns; --cells gives others")
  func cids() throws {
    let shell = try shell()
    let folder = try recording(shell, cids: "[3, 5, 7, 9]")
    try shell.run("open \(folder)/Zoo_1 as s")
    #expect(shell.allNotes.contains("the YAML's 4 cids are taken in their order; --cells gives others"))
    let payload = try #require(try shell.session.workspace.lookup("s")?.payload as? RecordingPayload)
    #expect(payload.cids == [3, 5, 7, 9])
    let fewer = try recording(shell, cids: "[7, 9]")
    let failure = try shell.failure("open \(fewer)/Zoo_1 as t")
    #expect(failure.hint?.contains("--cells") == true)
    try shell.run("open \(fewer)/Zoo_1 as t --cells '3, 5, 7-7, 9'")
    // The choice holds for later commands: cells 7 and 9 are the last two columns.
    #expect(try shell.session.loadStimulus("t/noise").stimulus.counts().values.prefix(2) == [2, 0])
    #expect(try shell.failure("open \(fewer)/Zoo_1 as u --cells '1, 2'").message.contains("--cells lists 2 cells"))
    #expect(try shell.failure("open \(fewer)/Zoo_1 as u --cells a").kind == .usage)
  }

  @Test("A monitor's true rate beside its nominal one opens with a note; --rate settles any other difference")
  func rates() throws {
    let shell = try shell()
    let folder = try recording(shell, rate: 119.98)
    try shell.run("open \(folder)/Zoo_1 as s")
    #expect(shell.allNotes.contains("yaml 120.0 Hz, file 119.98 Hz: the YAML's rate is used"))
    try shell.run("open \(folder)/Zoo_1 as exact --rate 119.98")
    #expect((try shell.session.workspace.lookup("exact")?.payload as? RecordingPayload)?.rateHz == 119.98)
    let far = try recording(shell, rate: 60)
    #expect(try shell.failure("open \(far)/Zoo_1 as t").hint?.contains("--rate") == true)
    try shell.run("open \(far)/Zoo_1 as t --rate 120")
    #expect(try shell.session.loadStimulus("t/noise").stimulus.rateHz == 120)
    #expect(try shell.failure("open \(far)/Zoo_1 as u --rate 0").kind == .usage)
  }

  @Test("A stimulus that is already scaled to 0..1 gets a warning, one of grey levels none")
  func scale() throws {
    let shell = try shell()
    try shell.run("open \(try recording(shell))/Zoo_1 as grey")
    #expect(!shell.allNotes.contains("already scaled"))
    let scaled = try recording(shell, scale: true)
    try shell.run("open \(scaled)/Zoo_1 as scaled")
    #expect(shell.allNotes.contains("the stimulus `noise` is already scaled"))
    for (offset, range) in [(Float(-127), "values from -127"), (300, "values up to 5")] {
      try shell.run("open \(try recording(shell, offset: offset))/Zoo_1 as other --replace")
      #expect(shell.allNotes.contains("the stimulus `noise` is not in grey levels (\(range)"))
    }
    #expect(shell.allNotes.contains("multiply it by 255 and save it"))
    #expect(shell.allNotes.contains("save it as grey levels from 0 to 255"))
    let plain = try Shell(opened: false)
    try plain.run(
      "open \(try recording(plain, scale: true, transforms: "transforms:\n  stim: {source: stim, ops: [], expose_as: stim}\n"))/Zoo_1 as s"
    )
    #expect(plain.allNotes.isEmpty)
  }

  @Test("A parent YAML with a byte order mark is found, and one that does not parse is never passed over")
  func parents() throws {
    let shell = try shell()
    let marked = try recording(shell, parent: "\u{feff}")
    try shell.run("open \(marked)/Zoo_1 as s")
    #expect(try shell.session.loadStimulus("s/noise").stimulus.lags == [0, 1])
    #expect(try shell.table("open \(marked)/multi.yaml --replace")["status"]?[0] == .string("opened"))
    let broken = try recording(shell, parent: "a:\n\tb: 1\n")
    for path in ["\(broken)/Zoo_1", "\(broken)/multi.yaml"] {
      let failure = try shell.failure("open \(path) as t")
      #expect(failure.message.contains("multi.yaml:2:"), "\(failure.message)")
    }
    #expect(try shell.names() == ["Zoo_1", "s"])
  }

  // MARK: Tables

  @Test("A table that was written opens again, and join takes it", arguments: ["csv", "tsv", "json", "jsonl"])
  func tables(_ ending: String) throws {
    let shell = try shell()
    try shell.run("open \(Self.cases)/04-npz-object-array/extra_none.npz as p")
    try shell.run("eval p > \(shell.folder)/units.\(ending)")
    let written = try shell.table("eval p")
    let table = try shell.table("open \(shell.folder)/units.\(ending)")
    #expect(table.names == written.names && table["r"]?.numbers == written["r"]?.numbers)
    #expect(try shell.names() == ["p", "units"])
    for other in ["units", "(show units)", "(open \(shell.folder)/units.\(ending) --replace)"] {
      let joined = try shell.table("eval p | select cid r | join \(other) on cid")
      #expect(joined.rowCount == 4 && joined.names.contains("r_2"))
    }
  }

  @Test("Columns go to a .npz as numpy arrays, and come back with their values")
  func columns() throws {
    let shell = try shell()
    try shell.run("open \(Self.cases)/04-npz-object-array/extra_none.npz as p; eval p > \(shell.folder)/t.npz")
    let archive = try NpzArchive(path: shell.folder + "/t.npz")
    let table = try shell.table("eval p")
    #expect(archive.arrayNames == table.names)
    #expect(archive.info("cid")?.scalar == .int64)
    #expect(try archive.doubles("r") == table["r"]?.numbers?.compactMap(\.self))
    #expect(try shell.failure("show p > \(shell.folder)/u.npz").message.contains("only a table's columns"))
  }

  @Test(
    "Endings for which there is no format are refused before anything runs",
    arguments: ["xlsx", "parquet", "npy", "pkl", "h5", "mat", "foo"])
  func endings(_ ending: String) throws {
    let shell = try shell()
    let path = shell.folder + "/t.\(ending)"
    let failure = try shell.failure("open \(Self.cases)/15-trial-names/trial_str.npz as p > \(path)")
    #expect(failure.message == "\(path.shortened): vcsh does not write .\(ending) files")
    #expect(failure.hint?.contains(".csv") == true)
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try shell.names().isEmpty)
  }

  @Test(
    "A result that the ending can't hold is refused before the command runs",
    arguments: ["p.npz", "p.svg", "p.txt", "p"])
  func unfitting(_ file: String) throws {
    let shell = try shell()
    let failure = try shell.failure("snapshot before > \(shell.folder)/\(file)")
    #expect(failure.kind == .usage)
    #expect(try shell.table("snapshots").rowCount == 0)
  }

  @Test("A device takes what the screen would show, whatever the result is")
  func device() throws {
    let shell = try shell()
    try shell.run("open \(Self.cases)/15-trial-names/trial_str.npz as p > /dev/null; eval p > /dev/null")
    #expect(try shell.names() == ["p"])
  }

  @Test("A table is not written under an ending of text, a text is")
  func textEndings() throws {
    let shell = try shell()
    try shell.run("open \(Self.cases)/15-trial-names/trial_str.npz as p")
    for name in ["t.yaml", "t.txt", "t"] {
      _ = try shell.failure("eval p > \(shell.folder)/\(name)")
      #expect(!FileManager.default.fileExists(atPath: "\(shell.folder)/\(name)"))
    }
    try shell.run("script > \(shell.folder)/t.txt")
    #expect(FileManager.default.fileExists(atPath: shell.folder + "/t.txt"))
  }
}
