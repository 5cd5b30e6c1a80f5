import Base
import Foundation

/// Bytes of a log that another program may still write to: what is there now.
package enum LogBytes {
  /// Larger logs are refused before anything is allocated.
  package static let sizeLimit = 1 << 30
  private static let attempts = 3

  /// - Throws: as `RegularFile`; `unsupported` for a larger file; `mismatch` where it changes faster than it is read.
  package static func read(_ path: String, limit: Int = sizeLimit) throws -> [UInt8] {
    for attempt in 1... {
      let file = try RegularFile(path: path)
      guard file.size <= limit else {
        throw Failure(.unsupported, "\(path): \(file.size) bytes; vcsh reads logs of this kind of up to \(limit)")
      }
      do {
        return try [UInt8](unsafeUninitializedCapacity: file.size) { buffer, count in
          try file.read(0..<file.size, into: UnsafeMutableRawBufferPointer(buffer))
          count = file.size
        }
      } catch let failure as Failure where failure.kind == .mismatch && attempt < attempts {
        continue
      }
    }
    return []
  }

  package static func text(_ path: String, limit: Int = 16 << 20) throws -> String {
    guard let text = try String(validating: read(path, limit: limit), as: UTF8.self) else {
      throw Failure(.format, "\(path): not valid UTF-8 text")
    }
    return text
  }
}
