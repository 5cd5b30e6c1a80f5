import Base
import Formats
import Synchronization
import TestSupport
import Testing
import Twin

@Suite("Responses to one-frame steps")
struct StepResponseTests {
  func network(_ path: String) throws -> TwinNetwork {
    let checkpoint = try Checkpoint(path: Fixtures.path(path))
    let architecture = try TwinArchitecture(
      configuration: try #require(checkpoint.configuration), source: checkpoint)
    return try TwinNetwork(architecture: architecture, source: checkpoint, heads: [1])
  }

  /// Windows of 18 grey frames of 25 x 25 pixels.
  func grey(_ count: Int = 1) -> TwinInput {
    .init(
      windows: .init(
        frames: Tensor(zeros: [1, 1, 25, 25]), steps: [[Int]](repeating: [Int](repeating: 0, count: 18), count: count)))
  }

  @Test(
    "The response to a flash in a grey window is the reference's, at every lag and size",
    arguments: ["0.02", "0.1", "0.3"])
  func flashes(size: String) throws {
    let expected = try NpzArchive(path: Fixtures.path("twin_lag0/composite_Sim_2025-01-17.npz"))
    let plus = try expected.tensor("fullfield_plus_\(size)").values
    let minus = try expected.tensor("fullfield_minus_\(size)").values
    let amplitude = try #require(Float(size))
    let response = try network("twin_lag0/twin_lag0.ckpt").stepResponse(
      grey(), head: 1, step: .flash, amplitude: amplitude)
    #expect(response.values.shape == [1, 18, 16])
    try #require(plus.count == response.values.values.count && minus.count == plus.count)
    let largest = zip(plus, minus).map { abs($0 - $1) }.max() ?? 0
    for (index, value) in response.values.values.enumerated() {
      // Float32 in another order; a change of z of 1e-4 of the largest.
      #expect(abs(2 * amplitude * value - (plus[index] - minus[index])) < 1e-4 * largest, "\(index)")
    }
  }

  @Test("The pre-activations of a grey window are the reference's")
  func preActivations() throws {
    let expected = try NpzArchive(path: Fixtures.path("twin_lag0/composite_Sim_2025-01-17.npz")).tensor("z_grey")
    let outputs = try network("twin_lag0/twin_lag0.ckpt").preActivations(grey(), head: 1)
    #expect(outputs.values.count == 16 && expected.values.count == 16)
    #expect(zip(outputs.values, expected.values).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("Under a window that is 0 at both ends, the first and the last lag have no effect")
  func windowed() throws {
    let response = try network("twin/twin.ckpt").stepResponse(grey(2), head: 1, step: .noise, amplitude: 0.02)
    let silent = response.silent.map { $0.allSatisfy { $0 } }
    #expect(silent == (0..<18).map { $0 == 0 || $0 == 17 })
  }

  @Test("Noise differs from window to window and from seed to seed, and is the same for the same seed")
  func seeds() throws {
    let network = try network("twin/twin.ckpt")
    func values(_ seed: UInt32) throws -> [Float] {
      try network.stepResponse(grey(2), head: 1, step: .noise, amplitude: 0.02, seed: seed, lags: [5]).values.values
    }
    let first = try values(1)
    #expect(try values(1) == first)
    #expect(try values(2) != first)
    #expect(Array(first[..<16]) != Array(first[16...]))
  }

  final class Steps: ProgressSink {
    let seen = Mutex<[Int]>([])
    func begin(_ title: String, total: Int, unit: String) {}
    func advance(to done: Int) { seen.withLock { $0.append(done) } }
    func end() {}
  }

  @Test("Progress is reported, and cancelled work stops")
  func progress() throws {
    let network = try network("twin/twin.ckpt")
    let steps = Steps()
    _ = try network.stepResponse(
      grey(6), head: 1, step: .flash, amplitude: 0.1, lags: [4], work: Work(progress: steps))
    #expect(steps.seen.withLock { $0 } == [4, 6])
    let stopped = Cancellation()
    stopped.cancel()
    #expect(throws: Failure.interrupted) {
      try network.stepResponse(
        grey(), head: 1, step: .flash, amplitude: 0.1, work: Work(cancellation: stopped))
    }
  }
}
