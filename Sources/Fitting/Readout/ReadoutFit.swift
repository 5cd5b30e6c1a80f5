import Foundation

/// One cell's fit from one start: which numbers move, what they minimise, and how far it has come.
struct ReadoutFit: Sendable {
  /// Position among the objective's cells.
  let cell: Int
  private let start: ReadoutParameters
  private let part: ReadoutRefitOptions.Part
  private let terms: ReadoutTerms
  private let pull: Double
  private var state: LevenbergMarquardt

  /// A fit stops once its next step promises less than this, nats per bin.
  private static let tolerance = 1e-8

  /// - Parameter bounds: of all numbers of the readout; equal ones hold a number.
  init(
    cell: Int, start: ReadoutParameters, bounds: [ClosedRange<Double>], stepLimits: [Double], terms: ReadoutTerms,
    options: ReadoutRefitOptions
  ) {
    self.cell = cell
    self.start = start
    self.terms = terms
    part = options.part
    pull = options.pull
    let free = -Double.infinity...Double.infinity
    let isGain = part == .gain
    state = LevenbergMarquardt(
      start: isGain ? [1, start.bias] : start.vector, bounds: isGain ? [free, free] : bounds,
      stepLimits: isGain ? [.infinity, .infinity] : stepLimits,
      sizePenalty: isGain || terms.l1 == 0
        ? [] : start.vector.indices.map { $0 < start.channels ? terms.l1 : 0 },
      tolerance: Self.tolerance, maxIterations: options.maxIterations)
  }

  var isRunning: Bool { state.status == .running }
  var converged: Bool { state.status == .converged }
  var loss: Double { state.loss }
  /// Where the loss is asked for next, and where it was lowest.
  var trial: ReadoutParameters { readout(state.trial) }
  var found: ReadoutParameters { readout(state.parameters) }

  private func readout(_ numbers: [Double]) -> ReadoutParameters {
    guard part == .gain else { return ReadoutParameters(channels: start.channels, vector: numbers) }
    var scaled = start
    for index in 0..<start.channels { scaled.vector[index] *= numbers[0] }
    scaled.vector[start.channels] = numbers[1]
    return scaled
  }

  mutating func receive(_ sums: ReadoutSums) {
    let value = terms(sums, trial)
    guard part == .gain else {
      state.receive(
        loss: value.loss, gradient: value.gradient, information: value.information, curvature: value.curvature)
      return
    }
    let (loss, gradient, information) = (value.loss, value.gradient, value.information)
    // By the factor of the weights and the bias.
    let (channels, size) = (start.channels, gradient.count)
    var reduced = (gradient: [0, gradient[channels]], information: [0, 0, 0, information[channels * size + channels]])
    for i in 0..<channels {
      let weight = start.vector[i]
      reduced.gradient[0] += weight * gradient[i]
      reduced.information[2] += weight * information[channels * size + i]
      for j in 0..<channels {
        reduced.information[0] += weight * start.vector[j] * information[max(i, j) * size + min(i, j)]
      }
    }
    let away = [state.trial[0] - 1, state.trial[1] - start.bias]
    for index in 0..<2 {
      reduced.gradient[index] += 2 * pull * away[index]
      reduced.information[3 * index] += 2 * pull
    }
    state.receive(
      loss: loss + pull * (away[0] * away[0] + away[1] * away[1]), gradient: reduced.gradient,
      information: reduced.information)
  }
}
