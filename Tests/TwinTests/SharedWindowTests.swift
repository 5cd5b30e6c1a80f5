import Base
import Formats
import Kernels
import TestSupport
import Testing
import Twin

/// Windows that overlap give what they give alone, by the plain path.
@Suite struct SharedWindowTests {
  /// Frames of noise and windows over them: neighbours, one apart, one twice, one that wraps.
  static func windows(channels: Int, time: Int, size: Int, seed: UInt32 = 11) -> TwinInput.Windows {
    var generator = MersenneTwister(seed: seed)
    let frames = time + 6
    let values = (0..<frames * channels * size * size).map { _ in Float(generator.uniform() - 0.5) }
    let newest = [time - 1, time, time + 1, time + 5, time + 5, 1]
    return .init(
      frames: Tensor(shape: [frames, channels, size, size], values: values),
      steps: newest.map { frame in (0..<time).map { (frame - $0 + frames) % frames } })
  }

  static func unshared(_ windows: TwinInput.Windows) -> Tensor {
    let shape = windows.frames.shape
    let plane = shape[2] * shape[3]
    var values: [Float] = []
    for steps in windows.steps {
      for channel in 0..<shape[1] {
        for frame in steps {
          let start = (frame * shape[1] + channel) * plane
          values += windows.frames.values[start..<start + plane]
        }
      }
    }
    return Tensor(
      shape: [windows.steps.count, shape[1], windows.steps[0].count, shape[2], shape[3]], values: values)
  }

  static let cases = ZooCase.withNumbers.filter { (try? $0.input(head: 0).stimulus) != nil }

  @Test("Every stage of the zoo is the same for shared frames", arguments: cases) func everyStageOfTheZooIsTheSame(
    _ zoo: ZooCase
  ) throws {
    let shape = try #require(try zoo.input(head: 0).stimulus?.shape)
    let windows = Self.windows(channels: shape[1], time: shape[2], size: shape[3])
    var given = try zoo.input(head: 0)
    given.behavior = given.behavior.map { Self.repeated($0, rows: windows.steps.count) }
    given.history = given.history.map { Self.repeated($0, rows: windows.steps.count) }
    var shared = given
    shared.stimulus = nil
    shared.windows = windows
    given.stimulus = Self.unshared(windows)
    let architecture = try zoo.architecture()
    let source = try zoo.checkpoint()
    let plain = try TwinNetwork(architecture: architecture, source: source, backend: Backends.plain)
      .forward(given, head: 0, stages: true)
    let fast = try TwinNetwork(architecture: architecture, source: source).forward(shared, head: 0, stages: true)
    #expect(fast.rates.distance(from: plain.rates) <= 1)
    #expect(fast.stages.map(\.name) == plain.stages.map(\.name))
    for (a, b) in zip(fast.stages, plain.stages) {
      #expect(a.tensor.distance(from: b.tensor) <= 1, "\(a.name)")
    }
  }

  @Test("The full-size twin gives the plain path's rates", .enabled(if: Fixtures.hasShared))
  func theFullSizeTwinGivesThePlainPathsRates() throws {
    let zoo = ZooCase(folder: Fixtures.shared("canonical"))
    let windows = Self.windows(channels: 1, time: 25, size: 51)
    let architecture = try zoo.architecture()
    let source = try zoo.checkpoint()
    let plain = try TwinNetwork(architecture: architecture, source: source, heads: [0], backend: Backends.plain)
      .forward(.init(stimulus: Self.unshared(windows)), head: 0, stages: true)
    let fast = try TwinNetwork(architecture: architecture, source: source, heads: [0])
      .forward(.init(windows: windows), head: 0, stages: true)
    #expect(fast.rates.distance(from: plain.rates) <= 1)
    #expect(!fast.stages.isEmpty && fast.stages.map(\.name) == plain.stages.map(\.name))
    for (a, b) in zip(fast.stages, plain.stages) {
      #expect(a.tensor.distance(from: b.tensor) <= 1, "\(a.name)")
    }
  }

  static func repeated(_ rows: Tensor, rows count: Int) -> Tensor {
    Tensor(
      shape: [count] + rows.shape.dropFirst(),
      values: (0..<count).flatMap { rows[row: $0 % rows.shape[0]].values })
  }
}
