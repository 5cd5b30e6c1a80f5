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
    // The format's first day, 1 January 1980.
    var zip = ZipWriter(version: 20, date: 0x21)
    for array in arrays {
      let content = NpyWriter.encoded(array)
      let stream = try Zlib.deflate(content)
      // Deflated noise can grow; stored is then the smaller form.
      let deflated = stream.count < content.count ? stream : nil
      let name = array.name + ".npy"
      guard content.count < 0xffff_ffff, zip.byteCount + (deflated ?? content).count < 0xffff_ffff,
        name.utf8.count < 0xffff, arrays.count < 0xffff
      else { throw Failure(.unsupported, "array `\(array.name)`: vcsh does not write a .npz of more than 4 GiB") }
      zip.add(name, content, deflated: deflated)
    }
    return zip.finished()
  }
}
