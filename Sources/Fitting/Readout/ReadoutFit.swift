import Foundation

/// One cell's fit from one start: which numbers move, what they minimise, and how far it has come.
struct ReadoutFit: Sendable {
  /// Position among the objective's cells.
  let cell: Int
  private let start: ReadoutParameters
  private let part: ReadoutRefitOptions.Part
  private let terms: ReadoutTerms
  private let pull: Double
  private let scaling: StepControl.Scaling
  /// Whether it steps by shears instead of turns.
  private let shears: Bool
  /// Nil where a fit does not save passes.
  private var memory: CurvatureMemory?
  private var state: State

  /// Penalties on sizes have corners, which plain Newton steps do not see.
  private enum State {
    case smooth(LevenbergMarquardt)
    case cornered(ProximalNewton)
  }

  /// A fit stops once its next step promises less than this, nats per bin.
  static let tolerance = 1e-8
  /// A fit that saves passes takes a step on trust that promises less than this.
  private static let trusted = 1e-6

  /// - Parameters:
  ///   - bounds: of all numbers of the readout; equal ones hold a number.
  ///   - scaling: by curvature for a fit that got stuck.
  ///   - shears: whether steps shear the mask instead of turning it; not with a penalty on sizes.
  ///   - saves: whether passes over the features are to be saved; not with a penalty on sizes.
  init(
    cell: Int, start: ReadoutParameters, bounds: [ClosedRange<Double>], stepLimits: [Double], terms: ReadoutTerms,
    options: ReadoutRefitOptions, scaling: StepControl.Scaling = .information, shears: Bool = false,
    saves: Bool = false
  ) {
    self.cell = cell
    self.start = start
    self.terms = terms
    self.scaling = scaling
    self.shears = shears
    part = options.part
    pull = options.pull
    memory = saves && part != .gain && terms.l1 == 0 ? CurvatureMemory() : nil
    if part == .gain {
      let free = -Double.infinity...Double.infinity
      state = .smooth(
        LevenbergMarquardt(
          start: [1, start.bias], bounds: [free, free], stepLimits: [.infinity, .infinity], tolerance: Self.tolerance,
          maxIterations: options.maxIterations))
    } else if terms.l1 == 0 {
      state = .smooth(
        LevenbergMarquardt(
          start: start.vector, bounds: bounds, stepLimits: stepLimits, scaling: scaling,
          retraction: shears ? ReadoutParameters.shearing(channels: start.channels) : .addition,
          tolerance: Self.tolerance, trusted: saves ? Self.trusted : 0, maxIterations: options.maxIterations))
    } else {
      state = .cornered(
        ProximalNewton(
          [.init(start: start.vector, bounds: bounds, stepLimits: stepLimits, sizePenalty: terms.sizePenalty(start))],
          scaling: scaling, tolerance: Self.tolerance, maxIterations: options.maxIterations))
    }
  }

  private var status: StepControl.Status {
    switch state {
    case .smooth(let state): state.status
    case .cornered(let state): state.status
    }
  }

  var isRunning: Bool { status == .running }
  var converged: Bool { status == .converged }

  var loss: Double {
    switch state {
    case .smooth(let state): state.loss
    case .cornered(let state): state.loss
    }
  }

  /// Where the loss was lowest, about a turn also where steps were shears.
  var information: [Double] {
    switch state {
    case .cornered(let state): return state.values.first?.information ?? []
    case .smooth(let state):
      guard shears else { return state.information }
      let (size, elongation) = (start.vector.count, found.elongation)
      var information = state.information
      for index in 0..<size { information[(size - 1) * size + index] *= elongation }
      information[size * size - 1] *= elongation
      return information
    }
  }

  /// Where the loss is asked for next.
  var trial: ReadoutObjective.Item {
    let parameters = readout(trialNumbers)
    var curves = true
    if let memory, case .smooth(let state) = state {
      curves = memory.isWanted(promise: state.promise, theta: parameters.mask.theta)
    }
    return .init(cell: cell, parameters: parameters, shears: shears, curves: curves)
  }

  private var trialNumbers: [Double] {
    switch state {
    case .smooth(let state): state.trial
    case .cornered(let state): state.trial[0]
    }
  }

  /// Where it was lowest.
  var found: ReadoutParameters {
    switch state {
    case .smooth(let state): readout(state.parameters)
    case .cornered(let state): readout(state.parameters[0])
    }
  }

  private func readout(_ numbers: [Double]) -> ReadoutParameters {
    guard part == .gain else { return ReadoutParameters(channels: start.channels, vector: numbers) }
    var scaled = start
    for index in 0..<start.channels { scaled.vector[index] *= numbers[0] }
    scaled.vector[start.channels] = numbers[1]
    return scaled
  }

  private mutating func receive(_ value: LossDerivatives) {
    switch state {
    case .smooth(var own):
      let curvature =
        memory?.receive(
          value.curvature, isLower: value.loss <= own.loss, promise: own.promise, theta: own.trial.last ?? 0)
        ?? value.curvature
      own.receive(
        loss: value.loss, gradient: value.gradient, information: value.information, curvature: curvature)
      state = .smooth(own)
    case .cornered(var own):
      own.receive([value])
      state = .cornered(own)
    }
  }

  mutating func receive(_ sums: ReadoutSums) {
    let value = terms(sums, readout(trialNumbers), steadies: scaling == .curvature, shears: shears)
    guard part == .gain else { return receive(value) }
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
    let away = [trialNumbers[0] - 1, trialNumbers[1] - start.bias]
    for index in 0..<2 {
      reduced.gradient[index] += 2 * pull * away[index]
      reduced.information[3 * index] += 2 * pull
    }
    receive(
      LossDerivatives(
        loss: loss + pull * (away[0] * away[0] + away[1] * away[1]), gradient: reduced.gradient,
        information: reduced.information))
  }
}
