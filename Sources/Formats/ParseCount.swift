import Synchronization

/// Counts how often each file is parsed while it is set, for tests of what is read once.
package final class ParseCount: Sendable {
  @TaskLocal package static var current: ParseCount?

  private let counts = Mutex<[String: Int]>([:])

  package init() {}

  /// By path and part: a zip's directory, a pickle by the offset at which it starts, a YAML file.
  package var all: [String: Int] { counts.withLock { $0 } }

  static func add(_ part: @autoclosure () -> String) {
    guard let current else { return }
    let part = part()
    current.counts.withLock { $0[part, default: 0] += 1 }
  }
}
