import Base
import Foundation

/// Reads amounts of storage as people write them: `500MB`, `1.5 GiB`.
package enum ByteCount {
  private static let units: [(name: String, factor: Double)] = [
    ("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1024), ("MiB", 1_048_576),
    ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12),
  ]

  /// - Returns: the number of bytes.
  /// - Throws: `Failure(.usage)` for text that is not a size.
  package static func parse(_ text: String, span: SourceSpan?) throws -> Int {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let unit = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces).lowercased()
    let factor = unit.isEmpty ? 1 : Self.units.first { $0.name.lowercased() == unit }?.factor
    guard let value = Double(digits), let factor, let bytes = Int(exactly: (value * factor).rounded()) else {
      throw Failure(.usage, "`\(text)` is not a size", hint: "write 500MB, 2GB or a number of bytes", span: span)
    }
    return bytes
  }
}
