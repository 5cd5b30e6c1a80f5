import Base
import Foundation
import Glibc

/// A file mapped read-only: its bytes come from disk only where they are looked at.
struct MappedFile: Sendable {
  let path: String
  let data: Data
  /// Where the mapping begins; 0 for an empty file, which has none.
  private let address: UInt

  /// Arrays of this size on are given back as soon as they were looked at, so that a recording larger than memory can
  /// be read through.
  static let largeByteCount = 16 << 20

  /// - Throws: `missing` where no file is, with the sibling that was probably meant; `system` where it can't be read.
  init(path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw MappedFile.missing(path)
    }
    guard !isFolder.boolValue else {
      throw Failure(.format, "\(path): a folder, where a file is needed")
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    // A pipe or a device has no size to check anything against, and may never end.
    guard attributes?[.type] as? FileAttributeType != .some(.typeCharacterSpecial),
      attributes?[.type] as? FileAttributeType != .some(.typeUnknown)
    else { throw Failure(.format, "\(path): not a regular file") }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    let refusal = Failure(.system, "\(path): can't be read", hint: "check the file's permissions")
    guard descriptor >= 0 else { throw refusal }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw refusal }
    let count = Int(info.st_size)
    if count == 0 {
      data = Data()
      address = 0
    } else {
      guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), UInt(bitPattern: start) != UInt.max
      else { throw refusal }
      data = Data(bytesNoCopy: start, count: count, deallocator: .custom { munmap($0, $1) })
      address = UInt(bitPattern: start)
    }
    self.path = path
  }

  /// Gives back the memory of bytes that were looked at; they are read again when they are needed again.
  ///
  /// - Parameter range: of the file. Pages are taken whole: the mapping is read-only, so none can be lost.
  func release(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = max(0, range.lowerBound) / page * page
    let end = min(range.upperBound, data.count)
    guard address != 0, start < end else { return }
    madvise(UnsafeMutableRawPointer(bitPattern: address + UInt(start)), end - start, MADV_DONTNEED)
  }

  static func missing(_ path: String) -> Failure {
    Failure(.missing, "\(path): no such file", hint: Suggestion.hint(forPath: path))
  }
}
