import Kernels

/// Damped Newton steps on a smooth loss of one or several fits, with bounds and with penalties that have corners.
///
/// The penalties are on the sizes of numbers, and on the lengths of groups of numbers, which may belong to several fits. A step
/// minimises the loss's quadratic model together with the exact penalties (`PenalisedQuadratic`), so that numbers become 0 and
/// leave 0 within a step. A step that promises nothing is where the subgradient contains 0. Evaluation, bounds and rest are as in
/// `LevenbergMarquardt`. Each fit has its own damping: where its model promised too much the fit stays, and the others move.
///
/// - Source: Lee, Sun and Saunders 2014, "Proximal Newton-type methods for minimizing composite functions".
package struct ProximalNewton: Sendable {
  /// What is asked about one fit's numbers.
  package struct Part: Sendable {
    package var start: [Double]
    package var bounds: [ClosedRange<Double>]
    package var stepLimits: [Double]
    /// Factor of each number's size in the loss; none where empty.
    package var sizePenalty: [Double]

    package init(start: [Double], bounds: [ClosedRange<Double>], stepLimits: [Double], sizePenalty: [Double] = []) {
      precondition(bounds.count == start.count && stepLimits.count == start.count)
      self.start = start
      self.bounds = bounds
      self.stepLimits = stepLimits
      self.sizePenalty = sizePenalty
    }
  }

  /// A fit's step and what its model says of it.
  private struct Move: Sendable {
    /// Fall of the loss without penalties, as the model without damping has it, and what second derivatives and damping take of it.
    var fall: Double
    var bend: Double
  }

  /// By fit: where the loss is known and lowest, and where it is asked for next.
  package private(set) var parameters: [[Double]]
  package private(set) var trial: [[Double]]
  /// By fit, at `parameters`.
  package private(set) var values: [LossDerivatives] = []

  private let parts: [Part]
  private let groups: [PenalisedQuadratic.Group]
  private let scaling: StepControl.Scaling
  private let tolerance: Double
  private var control: StepControl
  private var moves: [Move] = []
  /// By fit and number, at `parameters`: in what damping counts.
  private var scales: [[Double]] = []

  package var status: StepControl.Status { control.status }
  /// Sum over the fits, with penalties.
  package var loss: Double { control.loss }

  /// - Parameters:
  ///   - tolerance: stops as converged once a step promises less than this for each fit.
  ///   - maxIterations: evaluations.
  package init(
    _ parts: [Part], scaling: StepControl.Scaling = .information, tolerance: Double, maxIterations: Int
  ) {
    self.init(parts, groups: [], scaling: scaling, tolerance: tolerance, maxIterations: maxIterations)
  }

  /// - Parameter groups: their numbers have no bounds.
  init(
    _ parts: [Part], groups: [PenalisedQuadratic.Group], scaling: StepControl.Scaling, tolerance: Double,
    maxIterations: Int
  ) {
    self.parts = parts
    self.groups = groups
    self.scaling = scaling
    self.tolerance = tolerance
    control = StepControl(parts: parts.count, tolerance: tolerance, maxIterations: maxIterations)
    parameters = parts.map { part in
      part.start.indices.map { min(max(part.start[$0], part.bounds[$0].lowerBound), part.bounds[$0].upperBound) }
    }
    trial = parameters
  }

  /// - Parameter values: by fit, at `trial`.
  package mutating func receive(_ newValues: [LossDerivatives]) {
    guard status == .running else { return }
    var (point, found) = (trial, newValues)
    var gains: [Double]?
    if parts.count > 1, !values.isEmpty {
      let own = parts.indices.map { gain(of: $0, newValues[$0].loss) }
      for part in parts.indices where own[part] < 0 { (point[part], found[part]) = (parameters[part], values[part]) }
      gains = own
    }
    if control.receive(found.reduce(penalties(point)) { $0 + $1.loss }, gains: gains) {
      parameters = point
      values = found
      scales = values.map { scaling.scales($0.information, $0.curvature, count: $0.gradient.count) }
    }
    var control = control
    if let next = control.next({ step(dampings: $0) }) { (trial, moves) = next }
    self.control = control
  }

  /// The share of what a fit's model promised that came true; below 0 where the fit should not move.
  ///
  /// With a minimum of the damped model and all penalties, the whole loss falls as long as no fit falls short of its model by more
  /// than what second derivatives and damping took.
  private func gain(of part: Int, _ newLoss: Double) -> Double {
    guard newLoss.isFinite else { return -1 }
    let shortfall = moves[part].fall - (values[part].loss - newLoss)
    return 1 - shortfall / max(moves[part].bend, 0.01 * tolerance)
  }

  private func penalties(_ numbers: [[Double]]) -> Double {
    var sum = 0.0
    for (part, numbers) in zip(parts, numbers) {
      for (factor, number) in zip(part.sizePenalty, numbers) { sum += factor * abs(number) }
    }
    return groups.reduce(sum) { sum, group in
      let squares = group.members.reduce(0.0) { $0 + numbers[$1.part][$1.index] * numbers[$1.part][$1.index] }
      return sum + group.factor * squares.squareRoot()
    }
  }

  private func step(dampings: [Double]) -> StepControl.Step<([[Double]], [Move])>? {
    var models: [PenalisedQuadratic.Part] = []
    for part in parts.indices {
      guard let model = model(part, damping: dampings[part]) else { return nil }
      models.append(model)
    }
    var quadratic = PenalisedQuadratic(models, groups: groups)
    let decrement = quadratic.minimise()
    var promise = decrement
    var moves: [Move] = []
    for (part, steps) in quadratic.steps.enumerated() {
      let size = steps.count
      var (slope, bend, damped) = (0.0, 0.0, 0.0)
      for (index, step) in steps.enumerated() where step != 0 {
        let product = (0..<size).reduce(0.0) { $0 + models[part].matrix[index * size + $1] * steps[$1] }
        slope += values[part].gradient[index] * step
        bend += step * product / 2
        damped += dampings[part] * scales[part][index] * step * step / 2
      }
      // The model without its damping.
      promise += damped
      moves.append(Move(fall: damped - slope - bend, bend: bend + damped))
    }
    let trial = parts.indices.map { part in
      zip(parameters[part], quadratic.steps[part]).enumerated().map { index, entry in
        let bounds = parts[part].bounds[index]
        return min(max(entry.0 + entry.1, bounds.lowerBound), bounds.upperBound)
      }
    }
    return .init(decrement: decrement, promise: decrement > 0 ? promise : 0, trial: (trial, moves))
  }

  /// The damped quadratic model of one fit: with its curvature where that leaves it positive definite; nil where it never is.
  private func model(_ place: Int, damping: Double) -> PenalisedQuadratic.Part? {
    let (part, value) = (parts[place], values[place])
    let size = part.start.count
    let bounds = (0..<size).map { index in
      let (low, high) = (part.bounds[index].lowerBound, part.bounds[index].upperBound)
      guard low < high else { return 0.0...0 }
      let number = parameters[place][index]
      return min(0, max(-part.stepLimits[index], low - number))...max(0, min(part.stepLimits[index], high - number))
    }
    let scales = scales[place]
    // Keeps numbers on which the loss does not depend where they are.
    let floor = 1e-10 * scales.reduce(0, max) + .leastNormalMagnitude
    for curvature in value.curvature.isEmpty ? [[]] : [value.curvature, []] {
      var matrix = [Double](repeating: 0, count: size * size)
      for row in 0..<size {
        for column in 0...row {
          let place = row * size + column
          let entry = value.information[place] + (curvature.isEmpty ? 0 : curvature[place])
          matrix[place] = entry
          matrix[column * size + row] = entry
        }
        matrix[row * size + row] += damping * scales[row] + floor
      }
      // Sums in single precision may leave the information a little below what is positive.
      if Self.isPositive(matrix, where: bounds) || curvature.isEmpty && scaling == .information {
        return .init(
          point: parameters[place], gradient: value.gradient, matrix: matrix, bounds: bounds, sizes: part.sizePenalty)
      }
    }
    return nil
  }

  /// Whether the matrix is positive definite over the numbers that may move.
  private static func isPositive(_ matrix: [Double], where bounds: [ClosedRange<Double>]) -> Bool {
    let free = bounds.indices.filter { bounds[$0].lowerBound < bounds[$0].upperBound }
    let own = free.flatMap { row in free.map { matrix[row * bounds.count + $0] } }
    return BLAS.dposv(own, free.map { _ in 0 }) != nil
  }
}
