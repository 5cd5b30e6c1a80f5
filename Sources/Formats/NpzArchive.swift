import Base
import Foundation

/// A `.npz`: named numpy arrays in a zip. Opening reads the headers; an array is read when it is asked for.
public struct NpzArchive: StoredArraySource {
  public let path: String
  /// Numeric and other arrays, in file order.
  public let arrayNames: [String]
  /// SHA-256 over every entry's name, size and CRC-32. It identifies the content, because these checksums are compared
  /// with the bytes when they are read.
  public let fingerprint: String
  public let byteCount: Int
  private let archive: ZipArchive
  private let arrays: [String: (entry: ZipArchive.Entry, header: NpyHeader)]

  /// The largest array, in bytes, that is decompressed into memory.
  static let sizeLimit = 2 << 30

  public init(path: String) throws { try self.init(RegularFile(path: path)) }

  /// - Parameter directory: of the file, where it was read before.
  init(_ file: RegularFile, directory: ZipArchive? = nil) throws {
    path = file.path
    byteCount = file.size
    archive = try directory ?? ZipArchive(file)
    var names: [String] = []
    var arrays: [String: (entry: ZipArchive.Entry, header: NpyHeader)] = [:]
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else {
        throw Failure(.format, "\(file.path): entry `\(entry.name)` is not a .npy array")
      }
      let name = String(entry.name.dropLast(4))
      let place = "\(file.path): `\(name)`"
      let header = try NpyHeader(origin: place) { [archive] in try archive.prefix(entry, $0) }
      let needed = try header.byteCount(place)
      guard needed == entry.size - header.dataOffset else {
        throw Failure(
          .format,
          "\(place): shape \(header.shape) needs \(needed) bytes, but the entry has \(entry.size - header.dataOffset)")
      }
      arrays[name] = (entry, header)
      names.append(name)
    }
    arrayNames = names
    self.arrays = arrays
    fingerprint = Digest.of("vcsh npz 1\n" + archive.directoryText)
  }

  public var origin: String { path }

  /// Nil also for arrays of text, records, dates or complex numbers; for these `isNumeric` is false.
  public func info(_ name: String) -> ArrayInfo? {
    arrays[name].flatMap { array in array.header.scalar.map { ArrayInfo(shape: array.header.shape, scalar: $0) } }
  }

  public func isNumeric(_ name: String) -> Bool { arrays[name]?.header.scalar != nil }

  public func stored(_ name: String) throws -> StoredArray {
    guard let (entry, header) = arrays[name] else { throw unknown(name) }
    let place = "\(path): `\(name)`"
    guard !entry.isDeflated || entry.size <= NpzArchive.sizeLimit else {
      throw Failure(
        .unsupported, "\(place): \(entry.size) bytes after decompression; vcsh reads up to \(NpzArchive.sizeLimit)")
    }
    guard header.scalar != nil else { return try header.stored(Bytes(Data(), origin: place), place: place) }
    let content = try archive.content(entry)
    return try header.stored(content[(content.start + header.dataOffset)...], place: place)
  }
}
