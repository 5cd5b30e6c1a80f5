import Base
import Foundation
import Kernels
import Synchronization
import Testing

@Suite struct ParallelTests {
  @Test("Results come in order") func resultsComeInOrder() throws {
    #expect(try Parallel.map(1000) { $0 * $0 } == (0..<1000).map { $0 * $0 })
    #expect(try Parallel.map(0) { $0 } == [])
  }

  @Test("A failure ends the work") func aFailureEndsTheWork() {
    let done = Atomic<Int>(0)
    #expect(throws: Failure(.undefined, "piece 3")) {
      try Parallel.forEach(100_000) { index in
        if index == 3 { throw Failure(.undefined, "piece 3") }
        done.wrappingAdd(1, ordering: .relaxed)
        _ = usleep(100)
      }
    }
    // All other pieces would be 99,999.
    #expect(done.load(ordering: .relaxed) < 50_000)
  }

  @Test("Cancellation stops between pieces") func cancellationStopsBetweenPieces() {
    let work = Work()
    let done = Atomic<Int>(0)
    #expect(throws: Failure.interrupted) {
      try Parallel.forEach(100_000, work: work) { index in
        if index == 10 { work.cancellation.cancel() }
        done.wrappingAdd(1, ordering: .relaxed)
        _ = usleep(100)
      }
    }
    #expect(done.load(ordering: .relaxed) < 50_000)
  }

  @Test("Progress is reported from the calling thread alone") func progressIsReportedFromTheCallingThread() throws {
    let sink = Sink()
    // Pieces that are long enough for the calling thread to take some of them.
    try Parallel.forEach(100, work: Work(progress: sink), reports: true) { _ in _ = usleep(2000) }
    let steps = sink.steps.withLock { $0 }
    #expect(!steps.isEmpty && steps == steps.sorted() && steps.allSatisfy { (1...100).contains($0) })
    #expect(sink.others.load(ordering: .relaxed) == 0)
  }

  private final class Sink: ProgressSink {
    let steps = Mutex<[Int]>([])
    let others = Atomic<Int>(0)
    private let caller = pthread_self()

    func begin(_ title: String, total: Int, unit: String) {}
    func advance(to done: Int) {
      if pthread_equal(caller, pthread_self()) == 0 { others.wrappingAdd(1, ordering: .relaxed) }
      steps.withLock { $0.append(done) }
    }
    func end() {}
  }
}
