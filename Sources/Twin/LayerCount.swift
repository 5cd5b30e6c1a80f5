import Synchronization

/// Counts how often a twin's layers are built while it is set, for tests of what is built once.
package final class LayerCount: Sendable {
  @TaskLocal package static var current: LayerCount?

  private let counts = Mutex((withoutValues: 0, withValues: 0))

  package init() {}

  package var withoutValues: Int { counts.withLock { $0.withoutValues } }
  package var withValues: Int { counts.withLock { $0.withValues } }

  static func add(hasValues: Bool) {
    current?.counts.withLock {
      if hasValues { $0.withValues += 1 } else { $0.withoutValues += 1 }
    }
  }
}
