import Base
import Formats
import Foundation
import Layers

/// A gain and an offset for each cell behind the output activation: rate' = max(s + offset, 0.1 s) with
/// s = exp(log_gain) rate.
///
/// An offset takes at most nine tenths of a rate: where it took all, a spike would cost without bound, and no gradient would
/// bring the rate back.
///
/// With `stimuli`, each of these stimulus types has a row of its own; the first row is for all others. With
/// `follow_stimulus`, a signal h that all cells share, a weighted sum of the window's mean, contrast and temporal frequency
/// (see `WindowStatistics`), moves the gain and the offset of each cell by two more parameters:
/// exp(log_gain + gain_slope h), offset + offset_slope h. All parameters of a cell are 0 at the identity.
///
/// - Shapes: `[batch, cell]` -> same; `log_gain`, `offset` `[1 + stimulus, cell]`, slopes `[cell]`, `signal` `[3]`
struct OutputCalibration: Sendable {
  /// What a configuration asks for under `output_calibration`.
  struct Options {
    let stimuli: [String]
    let followsStimulus: Bool
    let pull: Double

    static let standardPull = 1e-3

    /// Reads the section; nil where there is none, or `enabled` is false.
    ///
    /// - Throws: `unsupported` naming an option and its place.
    init?(_ section: inout Section, outputIsLogRate: Bool, readsStimulus: Bool) throws {
      let isWritten = !section.isEmpty
      let isEnabled = try section.bool("enabled") ?? isWritten
      stimuli = try section.strings("stimuli") ?? []
      followsStimulus = try section.bool("follow_stimulus") ?? false
      pull = try section.double("pull") ?? Self.standardPull
      try section.finish()
      guard isEnabled else { return nil }
      guard pull >= 0, pull <= 1e6 else {
        throw Failure(.unsupported, "\(section.path("pull")): \(pull) is not a weight of at least 0")
      }
      guard Set(stimuli).count == stimuli.count, stimuli.allSatisfy({ !$0.isEmpty }) else {
        throw Failure(.unsupported, "\(section.path("stimuli")): a stimulus type is listed twice, or has no name")
      }
      guard !outputIsLogRate else {
        throw Failure(
          .unsupported, "output_calibration: calibrates rates, and the twin's output is the logarithm of the rate",
          hint: "set output_activation, e.g. output_activation=softplus")
      }
      guard readsStimulus || !followsStimulus else {
        throw Failure(.unsupported, "\(section.path("follow_stimulus")): this twin reads no stimulus")
      }
    }
  }

  let tensors: [StoredTensor]
  private let cells: Int
  private let stimuli: [String]
  private let logGain: Parameter
  private let offset: Parameter
  private let following: Following?

  private struct Following: Sendable {
    let signal: Parameter
    let gainSlope: Parameter
    let offsetSlope: Parameter
  }

  init(_ weights: Weights, cells: Int, _ options: Options) throws {
    self.cells = cells
    stimuli = options.stimuli
    let rows = 1 + stimuli.count
    logGain = try weights.parameter("log_gain", [rows, cells], start: .constant(0))
    offset = try weights.parameter("offset", [rows, cells], start: .constant(0))
    guard options.followsStimulus else {
      following = nil
      tensors = [logGain.stored, offset.stored]
      return
    }
    // At first the contrast; with slopes of 0 it moves nothing.
    let own = Following(
      signal: try weights.parameter("signal", [WindowStatistics.count], start: .values([0, 1, 0])),
      gainSlope: try weights.parameter("gain_slope", [cells], start: .constant(0)),
      offsetSlope: try weights.parameter("offset_slope", [cells], start: .constant(0)))
    following = own
    tensors = [logGain, offset, own.signal, own.gainSlope, own.offsetSlope].map(\.stored)
  }

  /// Whether it reads more of a sample than its rates.
  var readsStimulus: Bool { following != nil || !stimuli.isEmpty }
  var followsStimulus: Bool { following != nil }

  var detail: String {
    "calibrated" + (stimuli.isEmpty ? "" : " for \(stimuli.joined(separator: ", "))")
      + (followsStimulus ? ", gain follows the stimulus" : "")
  }

  /// - Parameters:
  ///   - rates: of one sample, in place.
  ///   - stimulus: the type of what is shown; nil where that is not known.
  ///   - statistics: of the sample's window; nil where no gain follows them.
  func apply(to rates: inout [Float], stimulus: String?, statistics: [Double]?) {
    let row = row(stimulus)
    let signal = signal(statistics)
    for cell in 0..<cells {
      let numbers = numbers(cell, row: row, signal: signal)
      let scaled = numbers.gain * Double(rates[cell])
      rates[cell] = Float(max(0, scaled + numbers.offset, Self.smallestShare * scaled))
    }
  }

  /// Rows of cells; the pullback gives the gradient of the rates, and hands out that of each sample's statistics.
  func traced(
    _ rates: [Float], stimulus: String?, statistics: [[Double]]?, _ pass: Pass
  ) -> (output: [Float], pullback: ([Float]) -> [Float]) {
    let row = row(stimulus)
    let samples = rates.count / max(1, cells)
    var output = rates
    for sample in 0..<samples {
      var own = Array(rates[sample * cells..<(sample + 1) * cells])
      apply(to: &own, stimulus: stimulus, statistics: statistics?[sample])
      output.replaceSubrange(sample * cells..<(sample + 1) * cells, with: own)
    }
    return (
      output,
      { gradient in
        var out = gradient
        var slopes = Slopes(rows: 1 + stimuli.count, cells: cells)
        for sample in 0..<samples {
          let signal = signal(statistics?[sample])
          var ofSignal = 0.0
          for cell in 0..<cells {
            let place = sample * cells + cell
            let numbers = numbers(cell, row: row, signal: signal)
            let scaled = numbers.gain * Double(rates[place])
            // Where a rate is a share of itself, the offset does not act; a rate of 0 passes nothing on.
            let isShare = scaled + numbers.offset < Self.smallestShare * scaled
            let slope = output[place] > 0 ? Double(gradient[place]) : 0
            let ofScaled = isShare ? Self.smallestShare * slope : slope
            let ofOffset = isShare ? 0 : slope
            let ofGain = ofScaled * scaled
            out[place] = Float(ofScaled * numbers.gain)
            slopes.logGain[row * cells + cell] += ofGain
            slopes.offset[row * cells + cell] += ofOffset
            slopes.gainSlope[cell] += ofGain * signal
            slopes.offsetSlope[cell] += ofOffset * signal
            ofSignal += ofGain * numbers.gainSlope + ofOffset * numbers.offsetSlope
          }
          guard let following, let phi = statistics?[sample] else { continue }
          for index in phi.indices { slopes.signal[index] += ofSignal * phi[index] }
          pass.addStatistics(following.signal.values.map { ofSignal * Double($0) }, sample: sample)
        }
        pass.add(slopes.logGain.map { Float($0) }, to: logGain)
        pass.add(slopes.offset.map { Float($0) }, to: offset)
        pass.add(slopes.gainSlope.map { Float($0) }, to: following?.gainSlope)
        pass.add(slopes.offsetSlope.map { Float($0) }, to: following?.offsetSlope)
        pass.add(slopes.signal.map { Float($0) }, to: following?.signal)
        return out
      }
    )
  }

  private struct Slopes {
    var logGain: [Double]
    var offset: [Double]
    var gainSlope: [Double]
    var offsetSlope: [Double]
    var signal = [Double](repeating: 0, count: WindowStatistics.count)

    init(rows: Int, cells: Int) {
      logGain = [Double](repeating: 0, count: rows * cells)
      offset = logGain
      gainSlope = [Double](repeating: 0, count: cells)
      offsetSlope = gainSlope
    }
  }

  private struct Numbers {
    var gain: Double
    var offset: Double
    var gainSlope: Double
    var offsetSlope: Double
  }

  private static let largestLogGain = 30.0
  /// What an offset leaves of a rate at least.
  private static let smallestShare = 0.1

  private func numbers(_ cell: Int, row: Int, signal: Double) -> Numbers {
    let gainSlope = Double(following?.gainSlope.values[cell] ?? 0)
    let offsetSlope = Double(following?.offsetSlope.values[cell] ?? 0)
    let log = Double(logGain.values[row * cells + cell]) + gainSlope * signal
    return Numbers(
      gain: exp(max(-Self.largestLogGain, min(Self.largestLogGain, log))),
      offset: Double(offset.values[row * cells + cell]) + offsetSlope * signal, gainSlope: gainSlope,
      offsetSlope: offsetSlope)
  }

  private func signal(_ statistics: [Double]?) -> Double {
    guard let following, let statistics else { return 0 }
    return zip(following.signal.values, statistics).reduce(0) { $0 + Double($1.0) * $1.1 }
  }

  private func row(_ stimulus: String?) -> Int { stimulus.flatMap { stimuli.firstIndex(of: $0) }.map { $0 + 1 } ?? 0 }
}
