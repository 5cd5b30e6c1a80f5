import Base
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
      }
    }
    #expect(done.load(ordering: .relaxed) < 100_000)
  }

  @Test("Cancellation stops between pieces") func cancellationStopsBetweenPieces() {
    let work = Work()
    let done = Atomic<Int>(0)
    #expect(throws: Failure.interrupted) {
      try Parallel.forEach(100_000, work: work) { index in
        if index == 10 { work.cancellation.cancel() }
        done.wrappingAdd(1, ordering: .relaxed)
      }
    }
    #expect(done.load(ordering: .relaxed) < 100_000)
  }

  @Test("Progress is reported from the calling thread") func progressIsReportedFromTheCallingThread() throws {
    let sink = Sink()
    try Parallel.forEach(50, work: Work(progress: sink), reports: true) { _ in }
    #expect(sink.last.load(ordering: .relaxed) <= 50)
  }

  private final class Sink: ProgressSink {
    let last = Atomic<Int>(0)
    func begin(_ title: String, total: Int, unit: String) {}
    func advance(to done: Int) { last.store(done, ordering: .relaxed) }
    func end() {}
  }
}
