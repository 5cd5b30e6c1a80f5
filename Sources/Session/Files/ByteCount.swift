import Base
import Foundation

/// An amount of storage as people write it: `500MB`, `1.5 GiB`.
package struct ByteCount: Sendable, Equatable {
  package var bytes: Int

  package init(_ bytes: Int) { self.bytes = bytes }

  private static let units: [(name: String, factor: Double)] = [
    ("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1024), ("MiB", 1_048_576),
    ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12),
  ]

  /// - Throws: `Failure(.usage)` for what is no size.
  package init(parsing text: String, span: SourceSpan?) throws {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let unit = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces).lowercased()
    let factor = unit.isEmpty ? 1 : Self.units.first { $0.name.lowercased() == unit }?.factor
    guard let value = Double(digits), let factor, let bytes = Int(exactly: (value * factor).rounded()) else {
      throw Failure(.usage, "`\(text)` is no size", hint: "write 500MB, 2GB or a number of bytes", span: span)
    }
    self.bytes = bytes
  }

  /// Three digits and a decimal unit: `12.3 MB`.
  package var text: String {
    guard bytes >= 1000 else { return "\(bytes) B" }
    let (name, factor) = Self.units[1...4].last { Double(bytes) >= $0.factor * 0.9995 } ?? Self.units[1]
    let value = Double(bytes) / factor
    return String(format: "%.\(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)f", value) + " \(name)"
  }
}
