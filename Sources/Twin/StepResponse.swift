import Base

/// How every readout responds to a change of one frame of a window, lag by lag.
///
/// The response is `(z(x + a p at lag l) - z(x - a p at lag l)) / 2a`: z is the pre-activation (the readout's output before
/// the output activation), x a window, p a pattern of one frame and a its amplitude. Spike history is left out. Use windows
/// of natural stimuli and finite steps: the derivative of an RMS norm at grey, eps^-1/2, says little about the network.
///
/// For patterns of random signs, the mean square of the response is the squared gradient summed over pixels. For a pattern
/// of ones, the response is the gradient summed over pixels.
///
/// - Source: SEMANTICS 23
public struct StepResponse: Sendable {
  /// The change of a frame.
  public enum Step: String, Sendable, CaseIterable {
    /// A random sign for every pixel, the same at all lags, another for every window.
    case noise
    /// The same for all pixels.
    case flash
  }

  /// `[window, lag, cell]`, per unit of the step.
  public var values: Tensor
  /// `[lag][cell]`: whether no window responded beyond rounding.
  public var silent: [[Bool]]
}

extension TwinNetwork {
  /// Pre-activations: outputs of the readout before the output activation, without spike history.
  ///
  /// Shapes: `[batch, cell]`.
  ///
  /// - Throws: as `forward`.
  public func preActivations(_ input: TwinInput, head: Int, work: Work = .silent) throws -> Tensor {
    let run = try TwinRun(layers, architecture, input, head: head, readsHistory: false)
    let readout = run.head.readout.prepared(height: run.shapes.recurrent.height, width: run.shapes.recurrent.width)
    let rows = try run.mapGroups(work) { samples in
      var kept = TwinRun.Stages(isOn: false)
      let features = try run.core(samples, work.cancellation, &kept)
      return samples.indices.map { readout.forward(features.lastStep($0 - samples.lowerBound)) }
    }.flatMap { $0 }
    return Tensor(shape: [run.batch, run.head.readout.cellCount], values: rows.flatMap { $0 })
  }

  /// Responses to one-frame steps of size `amplitude` at each of `lags` (places in the window; all where nil) of every
  /// window of `input`.
  ///
  /// Progress advances by one a window; the caller says where it begins and ends.
  ///
  /// - Parameter seed: of the signs of `noise`.
  /// - Throws: `missing` where the twin reads no stimulus or `input` has no windows; as `forward`.
  public func stepResponse(
    _ input: TwinInput, head: Int, step: StepResponse.Step, amplitude: Float, seed: UInt32 = 1002, lags: [Int]? = nil,
    work: Work = .silent
  ) throws -> StepResponse {
    guard let windows = input.windows, windows.frames.rank == 4, architecture.readsStimulus else {
      throw Failure(.missing, "steps need windows of a stimulus, and a twin that reads them")
    }
    let count = windows.steps.count
    let lags = lags ?? Array(0..<(windows.steps.first?.count ?? 0))
    let cells = try layers.head(head).readout.cellCount
    var signs = MersenneTwister(seed: seed)
    var values: [Float] = []
    values.reserveCapacity(count * lags.count * cells)
    var largest = [Float](repeating: 0, count: cells)
    var changes = [Float](repeating: 0, count: lags.count * cells)
    for first in stride(from: 0, to: count, by: Self.windowsAtOnce) {
      try work.cancellation.check()
      let chosen = first..<min(count, first + Self.windowsAtOnce)
      let stepped = steppedInput(input, windows, chosen, lags) {
        (0..<windows.frames.rowCount).map { _ in
          step == .flash ? amplitude : signs.nextWord() & 1 == 0 ? amplitude : -amplitude
        }
      }
      let outputs = try preActivations(stepped, head: head, work: work).values
      // Two rows a lag: with the step and against it.
      for pair in 0..<chosen.count * lags.count {
        for cell in 0..<cells {
          let up = outputs[2 * pair * cells + cell]
          let down = outputs[(2 * pair + 1) * cells + cell]
          values.append((up - down) / (2 * amplitude))
          largest[cell] = max(largest[cell], abs(up), abs(down))
          let place = pair % lags.count * cells + cell
          changes[place] = max(changes[place], abs(up - down))
        }
      }
      work.progress?.advance(to: chosen.upperBound)
    }
    let silent = lags.indices.map { lag in
      (0..<cells).map { changes[lag * cells + $0] <= Self.roundingShare * largest[$0] }
    }
    return StepResponse(values: Tensor(shape: [count, lags.count, cells], values: values), silent: silent)
  }

  /// Windows that are worked on together: enough for all cores.
  private static let windowsAtOnce = 4
  /// A change below this share of the pre-activation is rounding in float32: eight units of the last place.
  private static let roundingShare: Float = 0x1p-20

  /// Every chosen window with a step up, then down, at every lag.
  private func steppedInput(
    _ input: TwinInput, _ windows: TwinInput.Windows, _ chosen: Range<Int>, _ lags: [Int], pattern: () -> [Float]
  ) -> TwinInput {
    let size = windows.frames.rowCount
    var frames: [Float] = []
    var steps: [[Int]] = []
    var groups: [Range<Int>] = []
    for window in chosen {
      let shown = windows.steps[window]
      let start = frames.count / size
      for place in shown { frames.append(contentsOf: windows.frames.values[place * size..<(place + 1) * size]) }
      let pattern = pattern()
      let firstRow = steps.count
      for lag in lags {
        for sign in [Float(1), -1] {
          let base = shown[lag] * size
          var row = Array(start..<start + shown.count)
          row[lag] = frames.count / size
          for pixel in 0..<size { frames.append(windows.frames.values[base + pixel] + sign * pattern[pixel]) }
          steps.append(row)
        }
      }
      groups.append(firstRow..<steps.count)
    }
    var stepped = input
    stepped.stimulus = nil
    stepped.history = nil
    stepped.windows = .init(
      frames: Tensor(shape: [frames.count / size] + windows.frames.shape.dropFirst(), values: frames), steps: steps)
    stepped.behavior = input.behavior.map { behavior in
      behavior.gathering(rows: chosen.flatMap { [Int](repeating: $0, count: 2 * lags.count) })
    }
    stepped.sampleCount = steps.count
    stepped.groups = groups
    return stepped
  }
}
