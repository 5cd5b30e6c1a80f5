import Base
import Foundation
import Synchronization

/// A `.npz`: named numpy arrays in a zip. Opening reads the headers; an array is read when it is asked for.
///
/// An entry that is not an array, or can't be read, is listed with the reason and disturbs nothing else.
public final class NpzArchive: StoredArraySource {
  /// What an entry holds.
  private enum Content {
    case array(ZipArchive.Entry, NpyHeader)
    case unreadable(Failure)
  }

  public let path: String
  /// Numeric and other arrays, in file order.
  public let arrayNames: [String]
  /// Entries that are not arrays: `README.txt`, `__MACOSX/._rhat.npy`.
  public let foreignNames: [String]
  /// SHA-256 over every entry's name, size and CRC-32. It identifies the content, because these checksums are compared
  /// with the bytes when they are read.
  public let fingerprint: String
  public let byteCount: Int
  package let archive: ZipArchive
  private let arrays: [String: Content]
  /// The numbers of arrays of Python objects that were asked for; nil where they are not all numbers.
  private let numbers = Mutex<[String: NestedNumbers?]>([:])

  public convenience init(path: String) throws { try self.init(RegularFile(path: path)) }

  /// - Parameter directory: of the file, where it was read before.
  init(_ file: RegularFile, directory: ZipArchive? = nil) throws {
    path = file.path
    byteCount = file.size
    archive = try directory ?? ZipArchive(file)
    let twice = Set(archive.duplicates.map { Array($0.utf8) })
    var names: [String] = []
    var foreign: [String] = []
    var arrays: [String: Content] = [:]
    for entry in archive.entries {
      guard Self.isArray(entry, in: archive) else {
        foreign.append(entry.name)
        continue
      }
      let name = entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name
      let place = "\(file.path): `\(name)`"
      // Two entries of one name, or of two spellings of one name.
      if let known = arrays[name] {
        if twice.contains(Array(entry.name.utf8)) {
          arrays[name] = .unreadable(Self.repeated(place))
        } else if case .array = known {
          foreign.append(entry.name)
        }
        continue
      }
      names.append(name)
      do {
        arrays[name] = .array(entry, try Self.header(of: entry, in: archive, place))
      } catch let failure as Failure where failure.kind == .format || failure.kind == .unsupported {
        arrays[name] = .unreadable(failure)
      }
    }
    arrayNames = names
    foreignNames = foreign
    self.arrays = arrays
    fingerprint = Digest.of("vcsh npz 1\n" + archive.directoryText)
  }

  private static func repeated(_ place: String) -> Failure {
    Failure(
      .format, "\(place) is in the file twice: which one is meant is not known",
      hint: "the file was appended to: write it again with `numpy.savez`")
  }

  private static func header(of entry: ZipArchive.Entry, in archive: ZipArchive, _ place: String) throws -> NpyHeader {
    let header = try NpyHeader(origin: place) { try archive.prefix(entry, $0) }
    let needed = try header.byteCount(place)
    guard header.holdsObjects || needed == entry.size - header.dataOffset else {
      throw Failure(
        .format,
        "\(place): shape \(header.shape) needs \(needed) bytes, but the entry has \(entry.size - header.dataOffset)")
    }
    return header
  }

  /// Whether an entry is an array: by its ending, or by its first bytes, as numpy itself reads it. What macOS and file
  /// managers add is none.
  static func isArray(_ entry: ZipArchive.Entry, in archive: ZipArchive) -> Bool {
    let parts = entry.name.split(separator: "/")
    guard !entry.name.hasPrefix("__MACOSX/"), let last = parts.last, !last.hasPrefix("."), !entry.name.hasSuffix("/")
    else { return false }
    if last.hasSuffix(".npy") { return true }
    guard archive.entries.count <= 4096, !last.contains("."), entry.size >= 10 else { return false }
    return (try? archive.prefix(entry, 6)) == Data([0x93] + Array("NUMPY".utf8))
  }

  public var origin: String { path }

  /// What an entry's header declares, whatever its elements are; nil where it can't be read.
  package func declared(_ name: String) -> NpyHeader? {
    if case .array(_, let header)? = arrays[name] { header } else { nil }
  }

  /// Nil also for arrays of text, records, dates or complex numbers, and of objects that are not all numbers; for these
  /// `isNumeric` is false.
  public func info(_ name: String) -> ArrayInfo? {
    guard case .array(_, let header)? = arrays[name] else { return nil }
    let scalar = header.scalar ?? (objectNumbers(name) == nil ? nil : .float64)
    return scalar.map { ArrayInfo(shape: header.shape, scalar: $0) }
  }

  public func isNumeric(_ name: String) -> Bool { info(name) != nil }

  public func obstacle(_ name: String) -> Failure? {
    switch arrays[name] {
    case .unreadable(let failure)?: failure
    case .array(_, let header)? where info(name) == nil: header.refusal("\(path): `\(name)`")
    case .array?, nil: nil
    }
  }

  public func stored(_ name: String) throws -> StoredArray {
    guard let array = arrays[name] else { throw unknown(name) }
    let place = "\(path): `\(name)`"
    switch array {
    case .unreadable(let failure): throw failure
    case .array(let entry, let header):
      // Decompressed, and as float32 beside it.
      if entry.isDeflated { try MemoryLimit.check(entry.size + 4 * (entry.size / max(1, header.itemSize)), place) }
      guard header.scalar != nil else {
        guard let numbers = objectNumbers(name) else { throw header.refusal(place) }
        return try StoredArray(numbers.values, shape: numbers.shape, in: path, place: place)
      }
      let content = try archive.content(entry)
      return try header.stored(content[(content.start + header.dataOffset)...], place: place)
    }
  }

  /// The elements of an array of text, or of Python objects, as a flat list in row-major order; nil for any other.
  ///
  /// - Throws: `format` for damaged bytes.
  public func labels(_ name: String) throws -> [ConfigNode]? {
    guard case .array(let entry, let header)? = arrays[name] else { return nil }
    if header.textWidth != nil {
      guard !entry.isDeflated || entry.size <= Self.objectLimit else { return nil }
      return try header.texts(body(entry, header))?.map { .string($0) }
    }
    guard let objects = try objects(name) else { return nil }
    let node = try objects.configuration(origin: "\(path): `\(name)`")
    var labels = node.listValue ?? [node]
    for _ in header.shape.dropFirst() { labels = labels.flatMap { $0.listValue ?? [$0] } }
    return labels
  }

  /// The pickle of an array of Python objects, as nested lists; nil for any other array and for a very large one.
  private func objects(_ name: String) throws -> PickleValue? {
    guard case .array(let entry, let header)? = arrays[name], header.holdsObjects,
      !entry.isDeflated || entry.size <= Self.objectLimit
    else { return nil }
    return try PickleReader.read(body(entry, header), origin: "\(path): `\(name)`").root
  }

  /// The numbers of an array of Python objects; nil where one is no number, or the array can't be read.
  private func objectNumbers(_ name: String) -> NestedNumbers? {
    guard case .array(_, let header)? = arrays[name], header.holdsObjects else { return nil }
    return numbers.withLock { known in
      if let found = known[name] { return found }
      let found = (try? objects(name)).flatMap { NestedNumbers($0, asObjects: true) }
      let fitting = found?.shape == header.shape ? found : nil
      known[name] = .some(fitting)
      return fitting
    }
  }

  private func body(_ entry: ZipArchive.Entry, _ header: NpyHeader) throws -> Bytes {
    let content = try archive.content(entry)
    return content[(content.start + header.dataOffset)...]
  }

  /// Bytes of the largest compressed array of objects or texts that is read.
  private static let objectLimit = 64 << 20
}
