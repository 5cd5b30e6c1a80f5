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

    var file = Data()
    var directory = Data()
    for (name, content) in entries {
      let name = Data("archive/\(name)".utf8)
      guard content.count < 0xffff_ffff, file.count + content.count < 0xffff_ff00, entries.count < 0xffff else {
        throw Failure(.unsupported, "vcsh does not write a checkpoint of more than 4 GiB", hint: "export .safetensors")
      }
      var fields = Data()
      append(&fields, 0, 2)  // version needed
      append(&fields, 0x800, 2)  // names are UTF-8
      append(&fields, 0, 2)  // stored
      append(&fields, 0, 4)  // no time: the same bytes every time
      append(&fields, Int(Zlib.crc32(content)), 4)
      append(&fields, content.count, 4)
      append(&fields, content.count, 4)
      append(&fields, name.count, 2)
      let place = file.count
      let padding = Self.padding(after: place + 30 + name.count)
      append(&file, 0x0403_4b50, 4)
      file.append(fields)
      append(&file, padding, 2)
      file.append(name)
      // torch's own tag for an extra field that aligns.
      append(&file, 0x4246, 2)
      append(&file, padding - 4, 2)
      file.append(Data(repeating: 0x5a, count: padding - 4))
      file.append(content)

      append(&directory, 0x0201_4b50, 4)
      append(&directory, 0, 2)
      directory.append(fields)
      append(&directory, 0, 2)  // no extra field
      append(&directory, 0, 2)
      append(&directory, 0, 2)
      append(&directory, 0, 2)
      append(&directory, 0, 4)
      append(&directory, place, 4)
      directory.append(name)
    }
    let start = file.count
    file.append(directory)
    append(&file, 0x0605_4b50, 4)
    append(&file, 0, 4)
    append(&file, entries.count, 2)
    append(&file, entries.count, 2)
    append(&file, directory.count, 4)
    append(&file, start, 4)
    append(&file, 0, 2)
    return file
  }

  /// Bytes of an extra field, its own header of 4 included, so that what follows begins aligned.
  private static func padding(after place: Int) -> Int {
    let rest = (place + 4) % alignment
    return 4 + (rest == 0 ? 0 : alignment - rest)
  }

  private static func append(_ data: inout Data, _ value: Int, _ width: Int) {
    for byte in 0..<width { data.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
  }
}
