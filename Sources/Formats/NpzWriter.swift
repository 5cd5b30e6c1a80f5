import Base
import Foundation

/// Writes `.npz` files that numpy reads. The same arrays always give the same bytes: the file holds no times.
public enum NpzWriter {
  /// - Throws: `conflict` where two arrays have one name, `unsupported` above 4 GiB, `system` where the disk refuses.
  public static func write(_ arrays: [NamedArray], to path: String) throws {
    try AtomicFile.write(encoded(arrays), to: path)
  }

  static func encoded(_ arrays: [NamedArray]) throws -> Data {
    guard Set(arrays.map(\.name)).count == arrays.count else {
      throw Failure(
        .conflict, "a .npz can't hold two arrays of one name: \(arrays.map(\.name).joined(separator: ", "))")
    }
    var file = Data()
    var directory = Data()
    for array in arrays {
      let content = NpyWriter.encoded(array)
      let stream = try Zlib.deflate(content)
      // Deflated noise can grow; stored is then the smaller form.
      let isDeflated = stream.count < content.count
      let body = isDeflated ? stream : content
      let name = Data((array.name + ".npy").utf8)
      guard content.count < 0xffff_ffff, file.count + body.count < 0xffff_ffff, name.count < 0xffff,
        arrays.count < 0xffff
      else { throw Failure(.unsupported, "array `\(array.name)`: vcsh does not write a .npz of more than 4 GiB") }
      var fields = Data()
      append(&fields, 20, 2)
      append(&fields, 0x800, 2)  // names are UTF-8
      append(&fields, isDeflated ? 8 : 0, 2)
      append(&fields, 0, 2)  // midnight
      append(&fields, 0x21, 2)  // 1 January 1980
      append(&fields, Int(Zlib.crc32(content)), 4)
      append(&fields, body.count, 4)
      append(&fields, content.count, 4)
      append(&fields, name.count, 2)
      append(&fields, 0, 2)
      let place = file.count
      append(&file, 0x0403_4b50, 4)
      file.append(fields)
      file.append(name)
      file.append(body)
      append(&directory, 0x0201_4b50, 4)
      append(&directory, 20, 2)
      directory.append(fields)
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
    append(&file, arrays.count, 2)
    append(&file, arrays.count, 2)
    append(&file, directory.count, 4)
    append(&file, start, 4)
    append(&file, 0, 2)
    return file
  }

  private static func append(_ data: inout Data, _ value: Int, _ width: Int) {
    for byte in 0..<width { data.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
  }
}
