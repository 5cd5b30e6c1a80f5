import Synchronization

/// A request to stop, set by Ctrl-C and read by long work.
public final class Cancellation: Sendable {
  /// What stops the work of this thread, for work far below that is handed nothing: a file's checksum.
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

/// Where long work says how far it is. Called from the thread that started the work.
public protocol ProgressSink: AnyObject, Sendable {
  /// `total` steps of `unit` (frames, cells) lie ahead.
  func begin(_ title: String, total: Int, unit: String)
  /// As `begin`, with `done` steps that were kept from an earlier run: they say nothing about the speed of this one.
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

/// What long work is given: a way to be stopped and a way to report.
public struct Work: Sendable {
  public let cancellation: Cancellation
  public let progress: (any ProgressSink)?

  public init(cancellation: Cancellation = Cancellation(), progress: (any ProgressSink)? = nil) {
    self.cancellation = cancellation
    self.progress = progress
  }

  /// Work that nobody watches.
  public static var silent: Work { Work() }
}
