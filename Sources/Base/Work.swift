import Synchronization

/// A request to stop, set by Ctrl-C and read by long work.
public final class Cancellation: Sendable {
  /// The request to stop for work on this thread, for code that gets no `Work`: a file's checksum.
  @TaskLocal public static var current: Cancellation?

  private let flag = Atomic<Bool>(false)

  public init() {}

  /// Safe in a signal handler.
  public func cancel() { flag.store(true, ordering: .relaxed) }
  public func reset() { flag.store(false, ordering: .relaxed) }
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }

  /// - Throws: `Failure.interrupted` once cancelled.
  public func check() throws { if isCancelled { throw Failure.interrupted } }
}

/// Receives the progress of long work, on the thread that started the work.
public protocol ProgressSink: AnyObject, Sendable {
  /// The work has `total` steps of `unit` (frames, cells).
  func begin(_ title: String, total: Int, unit: String)
  /// The same, where `done` steps are kept from an earlier run. They do not count for the speed of this run.
  func begin(_ title: String, total: Int, unit: String, done: Int)
  func advance(to done: Int)
  func end()
}

extension ProgressSink {
  public func begin(_ title: String, total: Int, unit: String, done: Int) {
    begin(title, total: total, unit: unit)
    if done > 0 { advance(to: done) }
  }
}

/// What long work needs from its caller: a request to stop, and a receiver of progress.
public struct Work: Sendable {
  public let cancellation: Cancellation
  public let progress: (any ProgressSink)?

  public init(cancellation: Cancellation = Cancellation(), progress: (any ProgressSink)? = nil) {
    self.cancellation = cancellation
    self.progress = progress
  }

  /// Work that is never stopped and reports no progress.
  public static var silent: Work { Work() }
}
