import Base
import Foundation

/// Writes files as `torch.save` does: a zip of stored entries, each beginning at a multiple of 64 bytes. The same value
/// always gives the same bytes.
public enum TorchWriter {
  private static let alignment = 64

  /// - Throws: `unsupported` above 4 GiB, `system` where the disk refuses.
  public static func write(_ value: PythonValue, to path: String) throws {
    try AtomicFile.write(encoded(value), to: path)
  }

  static func encoded(_ value: PythonValue) throws -> Data {
    var writer = PickleWriter()
    let pickle = try writer.pickle(value)
    var entries: [(name: String, content: Data)] = [
      ("data.pkl", pickle), (".format_version", Data("1".utf8)), (".storage_alignment", Data("\(alignment)".utf8)),
      ("byteorder", Data("little".utf8)),
    ]
    entries += writer.storages.enumerated().map { ("data/\($0)", $1) }
    entries.append(("version", Data("3\n".utf8)))

    // No version and no date, as torch writes them.
    var zip = ZipWriter(version: 0, date: 0, extraField: padding)
    for (name, content) in entries {
      guard content.count < 0xffff_ffff, zip.byteCount + content.count < 0xffff_ff00, entries.count < 0xffff else {
        throw Failure(.unsupported, "vcsh does not write a checkpoint of more than 4 GiB", hint: "export .safetensors")
      }
      zip.add("archive/\(name)", content)
    }
    return zip.finished()
  }

  /// An extra field after which the content begins aligned.
  private static func padding(before place: Int) -> Data {
    let rest = (place + 4) % alignment
    let fill = rest == 0 ? 0 : alignment - rest
    var field = Data()
    // torch's own tag for an extra field that aligns.
    field.append(0x4246, width: 2)
    field.append(fill, width: 2)
    field.append(Data(repeating: 0x5a, count: fill))
    return field
  }
}
