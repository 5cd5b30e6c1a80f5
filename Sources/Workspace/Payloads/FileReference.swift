import Foundation

/// A file outside the object store, with its size and content when it was opened.
public struct FileReference: Codable, Sendable, Equatable {
  /// Relative to the workspace if the file is inside it, else absolute.
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
