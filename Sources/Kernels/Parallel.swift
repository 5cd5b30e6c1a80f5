import Base
import Dispatch
import Foundation
import Synchronization

/// Independent pieces of work on all cores.
public enum Parallel {
  /// Runs `body` for 0..<count on all cores; returns when all have ended.
  ///
  /// Before each piece the cancellation is read. After a failure no further piece starts. With `reports`, progress
  /// advances by one a piece, on the calling thread; the caller says where it begins and ends.
  ///
  /// - Throws: `Failure.interrupted`, or the failure of the lowest index that failed.
  public static func forEach(
    _ count: Int, work: Work = .silent, reports: Bool = false, _ body: @Sendable (Int) throws -> Void
  ) throws {
    guard count > 0 else { return }
    let failed = Mutex<(index: Int, error: any Error)?>(nil)
    let stopped = Atomic<Bool>(false)
    let done = Atomic<Int>(0)
    let caller = pthread_self()
    DispatchQueue.concurrentPerform(iterations: count) { index in
      if stopped.load(ordering: .relaxed) { return }
      do {
        try work.cancellation.check()
        try body(index)
        let total = done.wrappingAdd(1, ordering: .relaxed).newValue
        if reports, let progress = work.progress, pthread_equal(caller, pthread_self()) != 0 {
          progress.advance(to: total)
        }
      } catch {
        stopped.store(true, ordering: .relaxed)
        failed.withLock { first in
          guard let earlier = first, earlier.index <= index else {
            first = (index, error)
            return
          }
        }
      }
    }
    if let first = failed.withLock({ $0 }) { throw first.error }
  }

  /// `body` for 0..<count on all cores, the results in order.
  ///
  /// - Throws: as `forEach`.
  public static func map<Result: Sendable>(
    _ count: Int, work: Work = .silent, reports: Bool = false, _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let results = Slots<Result>(count)
    try forEach(count, work: work, reports: reports) { results.set($0, try body($0)) }
    return results.values
  }

  /// Results by index, each slot written once by one thread.
  private final class Slots<Element: Sendable>: @unchecked Sendable {
    private let storage: UnsafeMutableBufferPointer<Element?>

    init(_ count: Int) {
      storage = .allocate(capacity: count)
      storage.initialize(repeating: nil)
    }

    deinit {
      storage.deinitialize()
      storage.deallocate()
    }

    func set(_ index: Int, _ value: Element) { storage[index] = value }

    /// All of them: called once every slot is set.
    var values: [Element] { storage.compactMap { $0 } }
  }
}
