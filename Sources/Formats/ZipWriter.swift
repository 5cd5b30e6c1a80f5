import Foundation

/// Puts a zip archive together: entries in order, then the directory. The same entries always give the same bytes.
struct ZipWriter {
  /// Version of the format that a reader needs, times ten.
  let version: Int
  /// Date of every entry, as DOS writes it; the time is midnight.
  let date: Int
  /// The extra field of an entry whose content would begin at a place, its own header included.
  let extraField: (_ place: Int) -> Data
  private var file = Data()
  private var directory = Data()
  private var entryCount = 0

  init(version: Int, date: Int, extraField: @escaping (_ place: Int) -> Data = { _ in Data() }) {
    self.version = version
    self.date = date
    self.extraField = extraField
  }

  /// Bytes of all entries so far.
  var byteCount: Int { file.count }

  /// Adds an entry, stored or deflated.
  ///
  /// - Precondition: fewer than 65,535 entries and less than 4 GiB in all.
  mutating func add(_ name: String, _ content: Data, deflated: Data? = nil) {
    let name = Data(name.utf8)
    let body = deflated ?? content
    let place = file.count
    let extra = extraField(place + 30 + name.count)
    var fields = Data()
    fields.append(version, width: 2)
    fields.append(0x800, width: 2)  // names are UTF-8
    fields.append(deflated == nil ? 0 : 8, width: 2)
    fields.append(0, width: 2)  // midnight
    fields.append(date, width: 2)
    fields.append(Int(Zlib.crc32(content)), width: 4)
    fields.append(body.count, width: 4)
    fields.append(content.count, width: 4)
    fields.append(name.count, width: 2)
    file.append(0x0403_4b50, width: 4)
    file.append(fields)
    file.append(extra.count, width: 2)
    file.append(name)
    file.append(extra)
    file.append(body)

    directory.append(0x0201_4b50, width: 4)
    directory.append(version, width: 2)
    directory.append(fields)
    // No extra field, comment, disk and attributes.
    for width in [2, 2, 2, 2, 4] { directory.append(0, width: width) }
    directory.append(place, width: 4)
    directory.append(name)
    entryCount += 1
  }

  /// The whole archive.
  func finished() -> Data {
    var out = file
    out.append(directory)
    out.append(0x0605_4b50, width: 4)
    out.append(0, width: 4)
    out.append(entryCount, width: 2)
    out.append(entryCount, width: 2)
    out.append(directory.count, width: 4)
    out.append(file.count, width: 4)
    out.append(0, width: 2)
    return out
  }
}

extension Data {
  /// A number in so many bytes, the lowest first.
  mutating func append(_ value: Int, width: Int) {
    for byte in 0..<width { append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
  }
}
