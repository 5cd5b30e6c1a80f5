import Base
import Kernels

/// Some samples of a call, traced from their inputs to the outputs.
struct TracedGroup {
  /// Gradients of what a group was given.
  struct Inputs {
    /// Of the first batch's frames.
    var frames: Features
    /// `[sample, column]`; empty without a modulator.
    var behavior: [Float]
    /// `[sample, lag cell]`; empty without spike history.
    var history: [Float]
  }

  /// `[sample, cell]`
  let outputs: [Float]
  /// From the gradient of the outputs.
  let pullback: ([Float]) throws -> Inputs

  init(_ run: TwinRun, _ samples: Range<Int>, _ pass: Pass, _ cancellation: Cancellation) throws {
    let start = run.start(samples, cancellation)
    let adapted = try run.head.adapter.traced(start, pass)
    let front = try run.layers.frontend.traced(adapted.output, pass)
    let network = try run.layers.convnet.traced(front.output, pass)
    let modulated: TracedModulation =
      try run.modulator.map { modulator in
        try modulator.traced(
          network.output, behavior: samples.map { run.behavior($0, modulator.behaviorCount) }, pass)
      } ?? (network.output, { ($0, []) })
    let recurrent = try run.layers.recurrent.traced(modulated.output, pass)
    let readout = run.head.readout.traced(recurrent.output, pass)
    var activations = readout.output
    let history = try run.head.history.map { try $0.perceptron.traced(samples.flatMap { run.history($0) }, pass) }
    if let history { Elementwise.add(history.output, to: &activations, count: activations.count) }
    let finish = try Self.finish(run, activations, samples.count, pass)

    outputs = finish.output
    pullback = { gradient in
      let cells = try finish.pullback(gradient)
      let past = try history?.pullback(cells) ?? []
      let parts = try modulated.pullback(recurrent.pullback(readout.pullback(cells)))
      let frames = try adapted.pullback(front.pullback(network.pullback(parts.features)))
      return Inputs(frames: frames, behavior: parts.behavior, history: past)
    }
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
