import Base
import Glibc
import Synchronization

/// The objects that the running entries of this shell use and that the catalogue may not name yet.
///
/// They are written into the file that tells that this shell lives (see `SessionLease`), where `clean` in another shell reads
/// them. So whether an object may go depends on the shells that live, never on a clock. The file `locks/objects` keeps a
/// claim and a removal apart: without it an object could be found by one shell and removed by the other.
final class ObjectClaims: Sendable {
  private struct State {
    var entries: Set<Int64> = []
    var digests: Set<String> = []
  }

  private let state = Mutex(State())
  private let lease: SessionLease?
  private let root: String
  private let session: String

  init(_ lease: SessionLease?, session: String, in root: String) {
    self.lease = lease
    self.session = session
    self.root = root
  }

  /// The folder for objects that are being written; nil where this shell could not take its lock.
  var incoming: String? { lease == nil ? nil : "incoming-" + session }

  /// What follows is claimed until the entry ends.
  func begin(_ entry: Int64) { state.withLock { _ = $0.entries.insert(entry) } }

  func end(_ entry: Int64) {
    state.withLock { state in
      guard state.entries.remove(entry) != nil, state.entries.isEmpty, !state.digests.isEmpty else { return }
      state.digests = []
      lease?.forgetClaims()
    }
  }

  /// Claims an object for the entries that run; without a running entry no claim is needed.
  func claim(_ digest: String) {
    state.withLock { state in
      guard !state.entries.isEmpty, !state.digests.contains(digest) else { return }
      withExtendedLifetime(ObjectLock(in: root, isExclusive: false)) { lease?.claim(digest) }
      state.digests.insert(digest)
    }
  }

  /// Runs a removal while no shell claims anything, with what is claimed.
  ///
  /// - Parameter ofOthers: leave out what this shell claims itself.
  func removing<T>(ofOthers: Bool = false, _ body: (Set<String>) throws -> T) rethrows -> T {
    try withExtendedLifetime(ObjectLock(in: root, isExclusive: true)) {
      let own = ofOthers ? [] : state.withLock { $0.digests }
      return try body(SessionLease.claims(in: root, besides: session).union(own))
    }
  }

  deinit { rmdir(root + "/objects/incoming-" + session) }
}

/// The file `locks/objects`, locked for as long as this lives. Where it can't be made, nothing is locked.
private final class ObjectLock {
  private let descriptor: Int32

  init(in root: String, isExclusive: Bool) {
    descriptor = open(root + "/locks/objects", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return }
    while flock(descriptor, isExclusive ? LOCK_EX : LOCK_SH) != 0, errno == EINTR {}
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
