import Base
import Kernels
import Layers

/// Some samples of a call, traced to the outputs.
struct TracedGroup {
  /// Gradients of what a group was given.
  struct Inputs {
    /// Of the first batch's frames; nil where the way back ended earlier.
    var frames: Features?
    /// `[sample, column]`; empty without a modulator.
    var behavior: [Float]
    /// `[sample, lag cell]`; empty without spike history.
    var history: [Float]
  }

  /// What a group begins with: the stimulus, or features that go into a later stage.
  struct Start {
    var stage: Stage
    var features: FeatureBatch
  }

  /// `[sample, cell]`
  let outputs: [Float]
  /// From the gradient of the outputs.
  let pullback: ([Float]) throws -> Inputs

  /// - Parameters:
  ///   - start: from the stimulus where nil.
  ///   - lowest: the last stage that a gradient is taken back through.
  init(
    _ run: TwinRun, _ samples: Range<Int>, _ pass: Pass, _ cancellation: Cancellation, start: Start? = nil,
    lowest: Stage = .adapter
  ) throws {
    let start = start ?? Start(stage: .adapter, features: run.start(samples, cancellation))
    var features = start.features
    var pullbacks: [Pullback] = []
    let behavior = Kept()
    for stage in Stage.core where stage.rawValue >= start.stage.rawValue {
      let traced = try run.traced(stage, features, samples, pass) { behavior.values = $0 }
      features = traced.output
      if stage.rawValue >= lowest.rawValue { pullbacks.append(traced.pullback) }
    }
    let readout = run.head.readout.traced(features, pass)
    var activations = readout.output
    let history = try run.head.history.map { try $0.perceptron.traced(samples.flatMap { run.history($0) }, pass) }
    if let history { Elementwise.add(history.output, to: &activations, count: activations.count) }
    let finish = try Self.finish(run, activations, samples.count, pass)
    let calibration = run.head.calibration?.traced(
      finish.output, stimulus: run.input.stimulusName, statistics: start.features.statistics?.values, pass)

    outputs = calibration?.output ?? finish.output
    let way = chained(pullbacks)
    let reachesFrames = lowest == .adapter
    pullback = { gradient in
      let cells = try finish.pullback(calibration?.pullback(gradient) ?? gradient)
      let past = try history?.pullback(cells) ?? []
      var frames = try way(readout.pullback(cells))
      if reachesFrames, let statistics = start.features.statistics, !pass.statistics.isEmpty {
        let slopes = start.features.steps.indices.map { pass.statistics[$0] ?? [] }
        statistics.pullback(slopes, start.features, to: &frames)
      }
      return Inputs(frames: reachesFrames ? frames : nil, behavior: behavior.values, history: past)
    }
  }

  /// What a stage hands out beside the gradient of its input.
  private final class Kept {
    var values: [Float] = []
  }

  /// Output activation, then the baseline, for `count` rows of cells.
  private static func finish(
    _ run: TwinRun, _ activations: [Float], _ count: Int, _ pass: Pass
  ) throws -> (output: [Float], pullback: ([Float]) throws -> [Float]) {
    let shape = FeatureShape(channels: run.head.readout.cellCount, time: count, height: 1, width: 1)
    let output = run.layers.outputActivation.traced(Features(shape, activations), pass)
    guard let baseline = run.head.baseline else {
      return (output.output.values, { try output.pullback(Features(shape, $0)).values })
    }
    var row = shape
    row.time = 1
    let offset = run.layers.baselineActivation?.traced(Features(row, baseline.values), pass)
    let shifts = offset?.output.values ?? baseline.values
    var values = output.output.values
    for index in values.indices { values[index] += shifts[index % shifts.count] }
    return (
      values,
      { gradient in
        let sums = (0..<shape.channels).map { cell in
          Float((0..<count).reduce(0.0) { $0 + Double(gradient[$1 * shape.channels + cell]) })
        }
        let shifted = try offset?.pullback(Features(row, sums)).values ?? sums
        pass.add(shifted, to: baseline)
        return try output.pullback(Features(shape, gradient)).values
      }
    )
  }
}
