import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Files that are not what was meant")
struct ForeignFileTests {
  private func refusal(_ content: Data, _ name: String = "model.ckpt") throws -> Failure {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/" + name
    try content.write(to: URL(filePath: path))
    return try #require(throws: Failure.self) { try WholeFile(path: path) }
  }

  private func refusal(_ text: String, _ name: String = "model.ckpt") throws -> Failure {
    try refusal(Data(text.utf8), name)
  }

  @Test("Pointers are named, with the command that fetches the file itself")
  func pointers() throws {
    let lfs = try refusal("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 12345\n")
    #expect(lfs.message.contains("Git LFS pointer") && lfs.message.contains("12345 bytes"))
    #expect(lfs.hint?.contains("lfs pull --include model.ckpt") == true)
    let annex = try refusal("/annex/objects/SHA256E-s693951--bbbb.ckpt\n")
    #expect(annex.message.contains("git-annex pointer") && annex.hint?.contains("annex get model.ckpt") == true)
    let dvc = try refusal(
      "outs:\n- md5: a304afb96060aad90176268345e10355\n  size: 37891850\n  path: m.ckpt\n", "m.ckpt.dvc")
    #expect(
      dvc.message.contains("DVC pointer")
        && dvc.hint?.contains("pull m.ckpt.dvc`, then open the file beside it (m.ckpt)") == true)
  }

  @Test("DVC's command runs in the folder of the pointer, under the name that it needs")
  func dvc() throws {
    let text = "outs:\n- md5: a304afb96060aad90176268345e10355.dir\n  nfiles: 3\n  path: Sim_1\n"
    let folder = try refusal(text, "Sim_1.dvc")
    #expect(folder.message.contains("the folder that it names"))
    #expect(folder.hint?.hasSuffix(" pull Sim_1.dvc`, then open the folder beside it (Sim_1)") == true)
    let renamed = try refusal("outs:\n- md5: a304\n  path: twin.ckpt\n", "model.ckpt")
    #expect(
      renamed.hint?.contains("/model.ckpt ") == true && renamed.hint?.contains("/twin.ckpt.dvc && dvc --cd ") == true)
    #expect(renamed.hint?.hasSuffix(" pull twin.ckpt.dvc`") == true)
  }

  @Test("A link that leads back to itself is called so")
  func loop() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createSymbolicLink(atPath: folder + "/m.ckpt", withDestinationPath: "m.ckpt")
    let failure = #expect(throws: Failure.self) { try FileKind.recognise(folder + "/m.ckpt") }
    #expect(failure?.message == "\(folder)/m.ckpt is a link that leads back to itself (m.ckpt)")
  }

  @Test("A compressed tar archive is unpacked in one step")
  func compressedTar() throws {
    let starts: [(String, [UInt8])] = [
      ("t.tgz", [0x1f, 0x8b]), ("t.tar.gz", [0x1f, 0x8b]), ("t.tar.bz2", [0x42, 0x5a, 0x68]),
    ]
    for (name, first) in starts {
      let failure = try refusal(Data(first + [UInt8](repeating: 8, count: 40)), name)
      #expect(failure.hint?.hasPrefix("unpack it: `tar -xf /") == true && failure.hint?.hasSuffix("/\(name)`") == true)
    }
  }

  @Test("A page is known behind a comment, and UTF-16 without its mark")
  func disguised() throws {
    #expect(try refusal("<!-- saved --><!DOCTYPE html><html></html>").message.contains("a web page"))
    #expect(try refusal(Data("a: 1\nb: 2\n".utf8.flatMap { [$0, 0] })).message.contains("UTF-16"))
    #expect(try refusal(Data("a: 1\nb: 2\n".utf8.flatMap { [0, $0] })).message.contains("UTF-16"))
  }

  @Test("A part of a download is not copied again")
  func download() throws {
    let whole = try Data(contentsOf: URL(filePath: Fixtures.path("cases/16-containers/pred.pt")))
    for name in ["twin.ckpt.part", "twin.ckpt.crdownload"] {
      let failure = try refusal(whole.prefix(whole.count / 2), name)
      #expect(failure.hint?.contains("the download has not finished") == true)
    }
  }

  @Test("A link of git-annex without its content is named")
  func brokenLink() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/m.ckpt", withDestinationPath: ".git/annex/objects/xx/yy/SHA256E-s1--a.ckpt/a.ckpt")
    for look in [{ _ = try FileKind.recognise($0) }, { _ = try Checkpoint(path: $0) }] as [(String) throws -> Void] {
      let failure = #expect(throws: Failure.self) { try look(folder + "/m.ckpt") }
      #expect(failure?.hint?.contains("annex get m.ckpt") == true)
    }
  }

  @Test("Web pages and messages of servers are named, with the page's title")
  func pages() throws {
    let page = try refusal("<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>")
    #expect(page.message.contains("a web page (Sign in)"))
    #expect(try refusal("\n  <html><body>404</body></html>").message.contains("a web page"))
    #expect(
      try refusal("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>").message
        .contains("an XML message of a server"))
    #expect(try refusal("{\"message\": \"Not Found\"}").message.contains("a message of a server"))
    #expect(try refusal("404: Not Found").message.contains("a message of a server"))
  }

  @Test(
    "Compressed and foreign files are named, with the command that unpacks or converts them",
    arguments: [
      ([0x1f, 0x8b, 8, 0], "gzip", "gunzip < "), ([0x42, 0x5a, 0x68, 0x39], "bzip2", "bunzip2 < "),
      ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz", "unxz < "), ([0x28, 0xb5, 0x2f, 0xfd], "zstd", "unzstd"),
      ([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], "HDF5", ".npz"),
      (Array("MATLAB 5.0 MAT-file".utf8), "MATLAB", "loadmat"), (Array("MATLAB 7.3 MAT-file".utf8), "HDF5", "h5py"),
      (Array("PAR1".utf8), "Parquet", "read_parquet"), ([0x49, 0x49, 0x2a, 0], "TIFF", "tifffile"),
      ([0x5d, 0, 0, 0x80, 0], "lzma", "unlzma < "), ([0x1f, 0x9d, 0x90], "compress", "uncompress < "),
      ([0x08, 0x07, 0x12, 0x07] + Array("pytorch".utf8), "ONNX", "made from"),
      (Array("SQLite format 3\u{0}".utf8), "SQLite", "vcsh -w"),
    ])
  func signatures(_ bytes: [UInt8], _ name: String, _ remedy: String) throws {
    let failure = try refusal(Data(bytes + [UInt8](repeating: 0xfe, count: 40)))
    #expect(failure.message.contains(name))
    #expect(failure.hint?.contains(remedy) == true)
  }

  @Test("A file whose DVC pointer alone is here is fetched with dvc pull")
  func unpulled() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("outs:".utf8).write(to: URL(filePath: folder + "/twin.ckpt.dvc"))
    let failure = #expect(throws: Failure.self) { try CandidateFile(path: folder + "/twin.ckpt") }
    #expect(failure?.kind == .missing && failure?.hint == "fetch it: `dvc --cd \(folder) pull twin.ckpt.dvc`")
    let other = #expect(throws: Failure.self) { try CandidateFile(path: folder + "/other.ckpt") }
    #expect(other?.hint?.contains("dvc pull") != true)
  }

  @Test("Files that were not copied whole are named as such")
  func unfinished() throws {
    #expect(try refusal("").message.contains("empty (0 bytes)"))
    #expect(try refusal(Data(count: 4096)).message.contains("zero bytes only"))
    let whole = try Data(contentsOf: URL(filePath: Fixtures.path("cases/16-containers/pred.pt")))
    let cut = try refusal(whole.prefix(whole.count / 2))
    #expect(cut.message.contains("it was cut short") && cut.hint?.contains("copy it again") == true)
  }

  @Test("A whole zip of another kind is named for what it is, and never called cut short")
  func zips() throws {
    func failure(_ file: String) throws -> Failure {
      try #require(throws: Failure.self) { try Checkpoint(path: Fixtures.path("cases/\(file)")) }
    }
    #expect(try failure("prog.pt2").message.contains("a program of torch.export"))
    #expect(try failure("script.pt").message.contains("TorchScript"))
    for file in ["zip_lzma", "zip_append_dup", "two_forms", "zip_nonpy"] {
      #expect(try FileKind.recognise(Fixtures.path("cases/09-zip-called-cut-short/\(file).npz")) == .npz)
    }
    let lzma = try NpzArchive(path: Fixtures.path("cases/09-zip-called-cut-short/zip_lzma.npz"))
    #expect(lzma.obstacle("rhat")?.message.contains("compressed by LZMA") == true)
    let twice = try NpzArchive(path: Fixtures.path("cases/09-zip-called-cut-short/zip_append_dup.npz"))
    #expect(twice.obstacle("rhat")?.message.contains("in the file twice") == true)
    #expect(twice.obstacle("robs") == nil)
    let forms = try NpzArchive(path: Fixtures.path("cases/09-zip-called-cut-short/two_forms.npz"))
    #expect(try forms.tensor("rhat").shape == [40, 2])
    let bare = try NpzArchive(path: Fixtures.path("cases/09-zip-called-cut-short/zip_nonpy.npz"))
    #expect(bare.arrayNames == ["rhat", "robs"])
  }

  @Test("A torch file that was packed again under other folders reads as before")
  func deepRoot() throws {
    let packed = try Checkpoint(path: Fixtures.path("cases/09-zip-called-cut-short/zip_deep_root.ckpt"))
    // The same weights as torch packed them.
    let plain = try Checkpoint(path: Fixtures.path("cases/16-containers/box_bare_extra.pt"))
    #expect(packed.arrayNames.count == 19 && packed.arrayNames == plain.arrayNames)
    for name in plain.arrayNames { #expect(try packed.doubles(name) == plain.doubles(name), "\(name)") }
  }

  @Test("Folders of weights in parts are named, with the command that makes one file of them")
  func folders() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func hint(_ files: String...) throws -> String? {
      let path = folder + "/\(UUID().uuidString)"
      for file in files {
        let place = URL(filePath: path).appending(path: file)
        try FileManager.default.createDirectory(
          at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data([1]).write(to: place)
      }
      return CheckpointFolder.refusal(path)?.hint
    }
    #expect(try hint(".metadata", "__0_0.distcp")?.contains("format_utils dcp_to_torch") == true)
    #expect(try hint("__0_0.distcp")?.contains("hidden files") == true)
    #expect(try hint(".metadata", "meta.pt", "__0_0.distcp")?.contains("consolidate_checkpoint") == true)
    #expect(
      try hint("zero_to_fp32.py", "latest", "global_step10/mp_rank_00_model_states.pt")?.contains("zero_to_fp32")
        == true)
    #expect(
      try hint("checkpoint/mp_rank_00_model_states.pt")?.contains("python -m deepspeed.utils.zero_to_fp32") == true)
    #expect(
      try hint("model.safetensors.index.json", "model-00001-of-00002.safetensors")?.contains("one file of them") == true
    )
    #expect(try hint("data.pkl", "data/0", "version")?.contains("zip -0 -r") == true)
    #expect(try hint("last.ckpt", "epoch=3.ckpt")?.contains("/last.ckpt`") == true)
    #expect(try hint("noise.dset.dvc")?.contains(" pull -R .") == true)
    #expect(try hint("notes.md") == nil)
  }

  // MARK: YAML

  @Test("YAML with a byte order mark and with Windows line ends reads as without")
  func byteOrderMark() throws {
    let plain = try YAMLDocument.parse(text: "a: [1, 2]\nb: c\n", name: "x")
    #expect(try YAMLDocument.parse(text: "\u{feff}a: [1, 2]\r\nb: c\r\n", name: "x") == plain)
  }

  @Test("A tab in YAML is an error at its line, with the remedy")
  func tab() throws {
    let failure = #expect(throws: Failure.self) { try YAMLDocument.parse(text: "a:\n  b: 1\n\tc: 2\n", name: "x.yaml") }
    #expect(failure?.message.hasPrefix("x.yaml:3:") == true)
    #expect(failure?.hint == "the line holds a tab: indent with spaces")
  }

  @Test("A pointer in place of a YAML file is named, and so is UTF-16")
  func notYAML() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/multi.yaml"
    try Data("version https://git-lfs.github.com/spec/v1\nsize 3\n".utf8).write(to: URL(filePath: path))
    let pointer = #expect(throws: Failure.self) { try YAMLDocument.read(path: path) }
    #expect(pointer?.message == "\(path) is a Git LFS pointer: the file itself (3 bytes) is not here")
    try #require("a: 1".data(using: .utf16)).write(to: URL(filePath: path))
    let wide = #expect(throws: Failure.self) { try YAMLDocument.read(path: path) }
    #expect(wide?.message == "\(path): the text is UTF-16" && wide?.hint == "save it as UTF-8")
  }
}
