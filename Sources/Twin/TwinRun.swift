import Base
import Foundation
import Kernels
import Layers

/// One call of a network with its inputs checked.
struct TwinRun: Sendable {
  /// Stages of samples, kept on request, `[channel, time, height, width]` each.
  struct Stages {
    typealias Stage = (name: String, shape: [Int], values: [Float])

    let isOn: Bool
    var samples: [[Stage]] = []
    /// Core time until a stage was done, from the end of the one before.
    var seconds: [(name: String, seconds: Double)] = []
    private var mark = Self.coreSeconds

    init(isOn: Bool) { self.isOn = isOn }

    mutating func start(_ count: Int) {
      samples = [[Stage]](repeating: [], count: count)
      mark = Self.coreSeconds
    }

    /// What this thread has had of a core.
    private static var coreSeconds: Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    mutating func add(_ name: String, _ sample: Int, _ shape: [Int], _ values: @autoclosure () -> [Float]) {
      if isOn { samples[sample].append((name, shape, values())) }
    }

    mutating func add(_ name: String, _ batch: FeatureBatch) {
      seconds.append((name, Self.coreSeconds - mark))
      defer { mark = Self.coreSeconds }
      guard isOn else { return }
      let shape = batch.shape
      for index in samples.indices {
        add(
          name, index, [shape.channels, shape.time, shape.height, shape.width], batch.sample(index).channelsFirst)
      }
    }
  }

  let layers: TwinLayers
  let head: TwinLayers.Head
  let input: TwinInput
  let batch: Int
  let size: FeatureShape
  let shapes: TwinArchitecture.StageShapes
  let modulator: (any Modulator)?

  /// Samples worked on together at most: many share frames and make products large, few keep memory small.
  private var groupSize: Int {
    let stages = [size, shapes.adapter, shapes.frontend, shapes.convnet, shapes.modulator, shapes.recurrent]
    let largest = stages.map(\.count).max() ?? 1
    return max(1, min(input.windows == nil ? 8 : 16, Self.groupValues / max(1, largest)))
  }

  /// Values of the largest stage that a group may have.
  private static let groupValues = 1 << 25

  /// - Throws: `missing` or `mismatch` for an input that is not there or does not fit.
  init(
    _ layers: TwinLayers, _ architecture: TwinArchitecture, _ input: TwinInput, head index: Int,
    readsHistory: Bool = true
  ) throws {
    self.layers = layers
    head = try layers.head(index)
    self.input = input
    if let constant = layers.constantChannels {
      batch =
        input.sampleCount ?? (input.behavior ?? input.history ?? input.stimulus)?.shape.first
        ?? input.windows?.steps.count ?? 1
      size = FeatureShape(channels: constant, time: 1, height: 1, width: 1)
    } else if let windows = input.windows {
      (batch, size) = try Self.size(of: windows)
    } else if let stimulus = input.stimulus {
      guard stimulus.rank == 5 else {
        throw Failure(
          .mismatch, "a stimulus has five axes (batch, channel, time, height, width), not \(stimulus.shape)")
      }
      batch = stimulus.shape[0]
      size = FeatureShape(
        channels: stimulus.shape[1], time: stimulus.shape[2], height: stimulus.shape[3], width: stimulus.shape[4])
    } else {
      throw Failure(.missing, "this twin needs a stimulus")
    }
    modulator = input.skipsBehavior ? nil : layers.modulator
    try Self.checkBehavior(input, modulator, batch)
    if readsHistory { try Self.checkHistory(input, head, batch) }
    shapes = try architecture.shapes(size, head: index, withBehavior: modulator != nil)
    guard layers.lagMask < size.time || layers.lagMask == 0 else {
      throw Failure(
        .mismatch, "frontend.params.lag_mask: \(layers.lagMask) leaves none of the window's \(size.time) frames",
        hint: "the largest mask is \(size.time - 1)")
    }
  }

  static func checkBehavior(_ input: TwinInput, _ modulator: (any Modulator)?, _ batch: Int) throws {
    if let modulator {
      guard let behavior = input.behavior else {
        throw Failure(
          .missing,
          "this twin needs behaviour: its modulator (\(modulator.detail)) reads \(modulator.behaviorCount.counted("column"))",
          hint: "give `behavior` of shape (sample, \(modulator.behaviorCount))")
      }
      guard [2, 3].contains(behavior.rank), behavior.shape[0] == batch,
        behavior.shape.last == modulator.behaviorCount
      else {
        throw Failure(
          .mismatch, "behaviour of shape \(behavior.shape) for \(batch) samples of \(modulator.behaviorCount) columns"
        )
      }
    }
  }

  static func checkHistory(_ input: TwinInput, _ head: TwinLayers.Head, _ batch: Int) throws {
    if let encoder = head.history {
      guard let history = input.history else {
        throw Failure(.missing, "this twin needs spike history: \(encoder.lags) lags of \(encoder.cells) cells")
      }
      // Lags by cells, or a row of both; the other way round would be read as other numbers.
      guard
        history.shape == [batch, encoder.lags, encoder.cells]
          || history.shape == [batch, encoder.lags * encoder.cells]
      else {
        throw Failure(
          .mismatch,
          "history of shape \(history.shape) for \(batch) samples of \(encoder.lags) lags and \(encoder.cells) cells")
      }
    }
  }

  private static func size(of windows: TwinInput.Windows) throws -> (batch: Int, size: FeatureShape) {
    let shape = windows.frames.shape
    guard shape.count == 4, let times = windows.steps.first?.count else {
      throw Failure(.mismatch, "frames have four axes (frame, channel, height, width), not \(shape)")
    }
    guard windows.steps.allSatisfy({ $0.count == times && $0.allSatisfy { (0..<shape[0]).contains($0) } }) else {
      throw Failure(.mismatch, "windows of different lengths, or beyond their \(shape[0]) frames")
    }
    return (
      windows.steps.count, FeatureShape(channels: shape[1], time: times, height: shape[2], width: shape[3])
    )
  }

  /// `body` for all samples in groups, on all cores; the results in order.
  func mapGroups<Result: Sendable>(_ work: Work, _ body: @Sendable (Range<Int>) throws -> Result) throws -> [Result] {
    let groups = groups
    return try Parallel.map(groups.count, work: work) { try body(groups[$0]) }
  }

  /// Samples that are worked on together; the same on any number of cores.
  var groups: [Range<Int>] {
    let largest = groupSize
    // At least two groups, so that two cores have work.
    let given = input.groups ?? (batch > 1 ? [0..<batch / 2, batch / 2..<batch] : [0..<batch])
    return given.flatMap { group in
      stride(from: group.lowerBound, to: group.upperBound, by: largest).map { $0..<min(group.upperBound, $0 + largest) }
    }
  }

  func history(_ sample: Int) -> [Float] { input.history?[row: sample].values ?? [] }

  /// From the stimulus to the recurrent part.
  func core(_ samples: Range<Int>, _ cancellation: Cancellation, _ kept: inout Stages) throws -> FeatureBatch {
    kept.start(samples.count)
    let start = start(samples, cancellation)
    let adapted = try head.adapter.forward(start)
    kept.add("s_adapter", adapted)
    let front = try layers.frontend.forward(adapted)
    kept.add("s_frontend", front)
    var features = try layers.convnet.forward(front)
    kept.add("s_convnet", features)
    if let modulator {
      features = try modulator.forward(
        features, behavior: samples.map { behavior($0, modulator.behaviorCount) })
      kept.add("s_modulator", features)
    }
    features = try layers.recurrent.forward(features)
    kept.add("s_recurrent", features)
    return features
  }

  func start(_ samples: Range<Int>, _ cancellation: Cancellation) -> FeatureBatch {
    if layers.constantChannels != nil {
      let ones = Features(size, [Float](repeating: 1, count: size.count))
      return FeatureBatch(samples: samples.map { _ in ones }, cancellation: cancellation)
    }
    var batch = unmasked(samples, cancellation).greying(newest: layers.lagMask)
    if layers.readsStatistics { batch.statistics = WindowStatistics(batch) }
    return batch
  }

  private func unmasked(_ samples: Range<Int>, _ cancellation: Cancellation) -> FeatureBatch {
    if let windows = input.windows {
      let needed = frames(of: samples, windows)
      let places = Dictionary(uniqueKeysWithValues: needed.enumerated().map { ($1, $0) })
      var shape = size
      shape.time = needed.count
      return FeatureBatch(
        Features(shape, BlockGather.gather(windows.frames.values, size: size.frame, order: needed)),
        steps: samples.map { windows.steps[$0].compactMap { places[$0] } }, cancellation: cancellation)
    }
    let values = input.stimulus?.values ?? []
    return FeatureBatch(
      samples: samples.map { Features(channelsFirst: values[$0 * size.count..<($0 + 1) * size.count], shape: size) },
      cancellation: cancellation)
  }

  /// The frames that some samples show, each once, in order.
  func frames(of samples: Range<Int>, _ windows: TwinInput.Windows) -> [Int] {
    Set(samples.flatMap { windows.steps[$0] }).sorted()
  }

  /// One row of behaviour; several time steps are averaged.
  func behavior(_ sample: Int, _ count: Int) -> [Float] {
    guard let row = input.behavior?[row: sample], row.count > count else {
      return input.behavior?[row: sample].values ?? []
    }
    let steps = row.count / count
    return (0..<count).map { column in
      Float((0..<steps).reduce(0.0) { $0 + Double(row.values[$1 * count + column]) } / Double(steps))
    }
  }
}
