import Foundation
import Glibc

/// Tells other shells that this one lives: a file that it holds locked, `locks/SESSION`.
///
/// The file system drops the lock when the process ends, however it ends and on whatever host. So no host's name and no
/// clock is asked. The file holds the digests of the objects that the shell's running entries use.
final class SessionLease: Sendable {
  private static let header = "vcsh claims 1\n"

  private let path: String
  private let descriptor: Int32
  private let isWritten: Bool

  /// Nil where the lock can't be taken: a full disk must not keep a workspace from opening.
  init?(_ session: String, in root: String) {
    let folder = root + "/locks"
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { return nil }
    let path = folder + "/" + session
    // Another shell that looked at the file before it was locked may have removed it.
    for _ in 0..<5 {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o666)
      guard descriptor >= 0 else { return nil }
      var info = stat()
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &info) == 0, info.st_nlink > 0 {
        self.path = path
        self.descriptor = descriptor
        // On a full disk the lock works, and what this shell uses stays unsaid.
        isWritten = Self.append(Self.header, to: descriptor)
        return
      }
      close(descriptor)
    }
    return nil
  }

  deinit {
    unlink(path)
    close(descriptor)
  }

  // MARK: Claims

  func claim(_ digest: String) {
    if isWritten { _ = Self.append(digest + "\n", to: descriptor) }
  }

  func forgetClaims() {
    if isWritten { ftruncate(descriptor, off_t(Self.header.utf8.count)) }
  }

  private static func append(_ text: String, to descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return write(descriptor, bytes, bytes.count) == bytes.count
  }

  /// What the other shells that live have claimed.
  static func claims(in root: String, besides own: String) -> Set<String> {
    var claims: Set<String> = []
    for session in (try? FileManager.default.contentsOfDirectory(atPath: root + "/locks")) ?? []
    where session != own && isHeld(session, in: root) == true {
      guard let text = try? String(contentsOfFile: root + "/locks/" + session, encoding: .utf8) else { continue }
      claims.formUnion(text.split(separator: "\n").dropFirst().map(String.init))
    }
    return claims
  }

  /// Whether a session's shell lives and says what it claims: an older vcsh does not.
  static func claimsAreKnown(_ session: String, in root: String) -> Bool {
    guard isHeld(session, in: root) == true,
      let file = FileHandle(forReadingAtPath: root + "/locks/" + session),
      let start = try? file.read(upToCount: header.utf8.count)
    else { return false }
    return start == Data(header.utf8)
  }

  // MARK: Life

  /// Whether a session's process lives. Nil where it left no lock: it has ended in good order, or is an older vcsh.
  static func isHeld(_ session: String, in root: String) -> Bool? {
    // The name comes from the catalogue.
    guard !session.isEmpty, session.utf8.allSatisfy({ $0 == 0x2d || Character(Unicode.Scalar($0)).isHexDigit }) else {
      return nil
    }
    let path = root + "/locks/" + session
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return errno == ENOENT || errno == ENOTDIR ? nil : true }
    defer { close(descriptor) }
    // A lock that can be taken is held by nobody. What the file system can't tell counts as alive.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return true }
    unlink(path)
    return false
  }
}
