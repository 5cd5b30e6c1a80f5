import Base
import Foundation

/// A file that vcsh does not read, named for what it is, with the command that makes a file that it reads.
public enum ForeignFile {
  /// The failure for a file of unknown kind.
  public static func refusal(_ path: String) -> Failure {
    do {
      let file = try RegularFile(path: path)
      if file.size == 0 { return empty(path) }
      let front = try Bytes(file).prefix(512)
      if let known = known(path, front) { return known }
      if front.starts(with: [0x50, 0x4b]) { return try ForeignZip.refusal(ZipArchive(file)) }
    } catch { return error as? Failure ?? Failure(.system, "\(path): can't be read") }
    if let place = invalidText(path) {
      return Failure(.format, "\(path): not valid UTF-8 text at byte \(place)", hint: "save it as UTF-8")
    }
    return Failure(
      .format,
      "\(path): the bytes from byte 0 on are not those of a torch file, a pickle, .npz, .npy, .safetensors or YAML",
      hint: opened)
  }

  /// What `open` takes.
  public static let opened =
    "vcsh opens checkpoints (.ckpt, .pt, .safetensors), recordings (.dset or a folder of them), predictions (.npz), tables (.csv, .tsv, .json, .jsonl) and folders of runs"

  static func empty(_ path: String) -> Failure {
    Failure(
      .format, "\(path): the file is empty (0 bytes)", hint: copyAgain(path))
  }

  /// The remedy for a file that ends too early. A download that goes on has an ending of its own.
  static func copyAgain(_ path: String) -> String {
    ["part", "partial", "crdownload", "download"].contains((path as NSString).pathExtension.lowercased())
      ? "the download has not finished: wait for its end, or start it again"
      : "copy it again: writing or copying it did not finish"
  }

  /// Where a text without zeros stops being UTF-8; nil for a valid text, and for bytes that aren't text.
  private static func invalidText(_ path: String) -> Int? {
    guard let front = try? Bytes(RegularFile(path: path)).prefix(4096), !front.contains(0) else { return nil }
    let bytes = Array(front)
    guard bytes.count(where: { $0 >= 32 || $0 == 9 || $0 == 10 || $0 == 13 }) == bytes.count else { return nil }
    // Of a text whose first `count` bytes are valid all shorter ones are, but for a character that is cut.
    func isValid(_ count: Int) -> Bool {
      (0...min(3, count)).contains { String(validating: bytes[..<(count - $0)], as: UTF8.self) != nil }
    }
    var (low, high) = (0, bytes.count)
    while low < high {
      let middle = (low + high + 1) / 2
      if isValid(middle) { low = middle } else { high = middle - 1 }
    }
    while low > 0, String(validating: bytes[..<low], as: UTF8.self) == nil { low -= 1 }
    return low < bytes.count ? low : nil
  }

  /// What a file's first bytes tell; nil for what is none of the known foreign kinds.
  static func known(_ path: String, _ front: Data) -> Failure? {
    if let pointer = FilePointer(path, front) { return pointer.failure }
    if Archive.isTar(path), !front.isEmpty, let command = compressedTar(path, front) {
      return Failure(.unsupported, "\(path): vcsh does not read tar archives", hint: "unpack it: `\(command)`")
    }
    for (signature, name, remedy) in signatures where front.starts(with: signature) {
      return Failure(.unsupported, "\(path): vcsh does not read \(name)", hint: remedy(path))
    }
    if front.count > 1, front.first == 0x80, (6..<32).contains(front[front.startIndex + 1]) {
      return Failure(
        .unsupported,
        "\(path): a pickle of protocol \(front[front.startIndex + 1]) at byte 1; vcsh reads protocols 0 to 5",
        hint: "write it again with `pickle.dump(value, file, protocol=5)`")
    }
    if front.count > 262, front.dropFirst(257).starts(with: Array("ustar".utf8)) {
      return Failure(
        .unsupported, "\(path): vcsh does not read tar archives", hint: "unpack it: `tar -xf \(ShellText.quoted(path))`"
      )
    }
    if front.count >= 64, front.allSatisfy({ $0 == 0 }) {
      return Failure(
        .format, "\(path): the file begins with zero bytes only",
        hint: copyAgain(path))
    }
    if isWide(front) {
      return Failure(.unsupported, "\(path): vcsh does not read text in UTF-16", hint: "save it as UTF-8")
    }
    if isONNX(front) {
      return Failure(
        .unsupported, "\(path): vcsh does not read ONNX", hint: "open the checkpoint that it was made from")
    }
    return nil
  }

  /// The command that unpacks a compressed tar archive in one step; nil for other files.
  private static func compressedTar(_ path: String, _ front: Data) -> String? {
    guard compressions.contains(where: { front.starts(with: $0) }) else { return nil }
    return "tar -xf \(ShellText.quoted(path))"
  }

  /// First bytes of gzip, bzip2, xz, zstd, lzma and compress.
  private static let compressions: [[UInt8]] = [
    [0x1f, 0x8b], Array("BZh".utf8), [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], [0x28, 0xb5, 0x2f, 0xfd], lzma, [0x1f, 0x9d],
  ]

  /// The usual properties of lzma's own format, and the low bytes of a dictionary's size.
  private static let lzma: [UInt8] = [0x5d, 0, 0]

  /// Whether a text without a mark is UTF-16: every other byte is zero, and the rest are characters.
  private static func isWide(_ front: Data) -> Bool {
    let bytes = Array(front.prefix(64))
    guard bytes.count >= 4 else { return false }
    let pairs = stride(from: 0, to: bytes.count - 1, by: 2).map { (bytes[$0], bytes[$0 + 1]) }
    func isText(_ byte: UInt8) -> Bool { (0x20..<0x7f).contains(byte) || byte == 9 || byte == 10 || byte == 13 }
    return pairs.allSatisfy { $0 == 0 && isText($1) } || pairs.allSatisfy { isText($0) && $1 == 0 }
  }

  /// ONNX begins with the version of its format (field 1) and the producer's name (field 2), in protocol buffers.
  private static func isONNX(_ front: Data) -> Bool {
    let bytes = Array(front.prefix(64))
    guard bytes.count > 8, bytes[0] == 0x08, (1...32).contains(bytes[1]), bytes[2] == 0x12, bytes[3] > 0 else {
      return false
    }
    let name = bytes.dropFirst(4).prefix(Int(bytes[3]))
    return name.count == bytes[3] && name.allSatisfy { (0x20..<0x7f).contains($0) }
  }

  private static let signatures: [(signature: [UInt8], name: String, remedy: @Sendable (String) -> String)] = [
    (
      HDF5.signature, "HDF5",
      { _ in
        "in Python: `import h5py, numpy`, then `numpy.savez(\"arrays.npz\", **{n: d[()] for n, d in h5py.File(FILE).items()})`"
      }
    ),
    ([0x1f, 0x8b], "gzip-compressed files", { decompress("gunzip", $0, endings: ["gz"]) }),
    ([0xff, 0xfe], "text in UTF-16", { _ in "save it as UTF-8" }),
    ([0xfe, 0xff], "text in UTF-16", { _ in "save it as UTF-8" }),
    (Array("BZh".utf8), "bzip2-compressed files", { decompress("bunzip2", $0, endings: ["bz2", "bz"]) }),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz-compressed files", { decompress("unxz", $0, endings: ["xz"]) }),
    ([0x28, 0xb5, 0x2f, 0xfd], "zstd-compressed files", { decompress("unzstd", $0, endings: ["zst"]) }),
    ([0x04, 0x22, 0x4d, 0x18], "lz4-compressed files", { decompress("unlz4", $0, endings: ["lz4"]) }),
    (lzma, "lzma-compressed files", { decompress("unlzma", $0, endings: ["lzma"]) }),
    ([0x1f, 0x9d], "files of `compress`", { decompress("uncompress", $0, endings: ["z"]) }),
    ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "7-Zip archives", { "unpack it: `7z x \(ShellText.quoted($0))`" }),
    (Array("Rar!".utf8), "RAR archives", { "unpack it: `unrar x \(ShellText.quoted($0))`" }),
    (Array("MATLAB 5.0".utf8), "MATLAB files", { _ in "in Python: `scipy.io.loadmat`, then `numpy.savez`" }),
    (
      Array("MATLAB 7.3".utf8), "MATLAB 7.3 files, which are HDF5",
      { "in Python: `h5py.File(\"\(($0 as NSString).lastPathComponent)\")`, then `numpy.savez`" }
    ),
    (Array("PAR1".utf8), "Parquet", { _ in "in Python: `pandas.read_parquet(FILE).to_csv(\"table.csv\")`" }),
    (Array("ARROW1".utf8), "Arrow files", { _ in "in Python: `pandas.read_feather(FILE).to_csv(\"table.csv\")`" }),
    (Array("SQLite format 3".utf8), "SQLite databases", { _ in "a workspace is opened with `vcsh -w FOLDER`" }),
    (Array("GGUF".utf8), "GGUF files", { _ in "open the checkpoint that it was made from" }),
    (Array("%PDF".utf8), "PDF documents", { _ in "open a checkpoint, a recording or predictions" }),
    ([0x89, 0x50, 0x4e, 0x47], "PNG images", { _ in "open a checkpoint, a recording or predictions" }),
    ([0x49, 0x49, 0x2a, 0], "TIFF images", { _ in tiff }), ([0x4d, 0x4d, 0, 0x2a], "TIFF images", { _ in tiff }),
  ]
}

extension ForeignFile {
  private static let tiff = "in Python: `tifffile.imread(FILE)`, then `numpy.savez`"

  /// The command that decompresses a file beside itself. Such programs refuse a file without their ending unless they read
  /// it from standard input.
  private static func decompress(_ program: String, _ path: String, endings: [String]) -> String {
    let file = path as NSString
    let hasEnding = endings.contains(file.pathExtension.lowercased())
    let target =
      hasEnding
      ? file.deletingPathExtension
      : file.deletingPathExtension + "-unpacked" + (file.pathExtension.isEmpty ? "" : "." + file.pathExtension)
    return "decompress it: `\(program) < \(ShellText.quoted(path)) > \(ShellText.quoted(target))`"
  }
}

/// HDF5, which vcsh knows but does not read.
enum HDF5 {
  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
}

/// A text for a command line of a shell.
enum ShellText {
  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || "._-/+:@%=,".utf8.contains($0)
    }
    return isPlain && !text.isEmpty ? text : "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
