import Foundation

/// A file outside the object store: where it is and what it held when it was opened.
public struct FileReference: Codable, Sendable, Equatable {
  /// Absolute, or relative to the workspace where the file lies inside it.
  public var path: String
  public var byteCount: Int
  /// SHA-256 as the format's reader defines it (for torch archives over the directory with its CRCs).
  public var fingerprint: String

  public init(path: String, byteCount: Int, fingerprint: String) {
    self.path = path
    self.byteCount = byteCount
    self.fingerprint = fingerprint
  }
}
