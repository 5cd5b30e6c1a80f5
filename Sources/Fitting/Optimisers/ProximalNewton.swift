import Kernels

/// Damped Newton steps on a smooth loss of one or several fits, with bounds and with penalties that have corners.
///
/// The penalties are on the sizes of numbers. A step
/// minimises the loss's quadratic model together with the exact penalties (`PenalisedQuadratic`), so that numbers become 0 and
/// leave 0 within a step. Evaluation, damping, bounds and rest are as in `LevenbergMarquardt`.
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

  package private(set) var status = LevenbergMarquardt.Status.running
  /// By fit: where the loss is known and lowest, and where it is asked for next.
  package private(set) var parameters: [[Double]]
  package private(set) var trial: [[Double]]
  /// Sum over the fits, with penalties.
  package private(set) var loss = Double.infinity

  private let parts: [Part]
  private let tolerance: Double
  private var remaining: Int
  /// By fit, at `parameters`.
  package private(set) var values: [LossDerivatives] = []
  private var predicted = 0.0
  private var damping = 1e-3
  private var growth = 2.0
  private var stretch = (loss: Double.infinity, evaluations: 0)
  private var firstFailure: Double?

  private static let restPromise = 1e-5
  private static let restEvaluations = 40
  private static let restGain = 10.0

  /// - Parameters:
  ///   - tolerance: stops as converged once a step promises less than this for each fit.
  ///   - maxIterations: evaluations.
  package init(_ parts: [Part], tolerance: Double, maxIterations: Int) {
    self.parts = parts
    self.tolerance = tolerance * Double(max(1, parts.count))
    remaining = maxIterations
    parameters = parts.map { part in
      part.start.indices.map { min(max(part.start[$0], part.bounds[$0].lowerBound), part.bounds[$0].upperBound) }
    }
    trial = parameters
  }

  /// - Parameter values: by fit, at `trial`.
  package mutating func receive(_ newValues: [LossDerivatives]) {
    guard status == .running else { return }
    let newLoss = newValues.reduce(penalties(trial)) { $0 + $1.loss }
    remaining -= 1
    let isFirst = values.isEmpty
    if newLoss.isFinite, newLoss <= loss {
      if !isFirst {
        let gain = predicted > 0 ? (loss - newLoss) / predicted : 0
        let factor = 2 * gain - 1
        damping = max(1e-12, damping * max(1.0 / 3, 1 - factor * factor * factor))
        growth = 2
      }
      firstFailure = nil
      parameters = trial
      loss = newLoss
      values = newValues
    } else {
      guard !isFirst else {
        status = .stopped
        return
      }
      // A step this small fails only by rounding.
      if predicted < 10 * tolerance, damping <= 1 {
        status = .converged
        return
      }
      if firstFailure == nil { firstFailure = predicted }
      damping *= growth
      growth *= 2
    }
    stretch.evaluations += 1
    if stretch.evaluations >= Self.restEvaluations {
      if stretch.loss - loss < Self.restGain * tolerance {
        status = .converged
        return
      }
      stretch = (loss, 0)
    }
    guard remaining > 0 else {
      status = .stopped
      return
    }
    propose()
  }

  private func penalties(_ numbers: [[Double]]) -> Double {
    var sum = 0.0
    for (part, numbers) in zip(parts, numbers) {
      for (factor, number) in zip(part.sizePenalty, numbers) { sum += factor * abs(number) }
    }
    return sum
  }

  private mutating func propose() {
    while damping < 1e12 {
      let models = parts.indices.map(model)
      var quadratic = PenalisedQuadratic(models)
      let promise = quadratic.minimise()
      if promise < tolerance, damping <= 1 {
        status = .converged
        return
      }
      let steps = quadratic.steps
      // The model without its damping.
      predicted = promise
      for (part, steps) in steps.enumerated() {
        let size = steps.count
        for (index, step) in steps.enumerated() {
          predicted += damping * values[part].information[index * size + index] * step * step / 2
        }
      }
      if promise > 0 {
        trial = parts.indices.map { part in
          zip(parameters[part], steps[part]).enumerated().map { index, entry in
            let bounds = parts[part].bounds[index]
            return min(max(entry.0 + entry.1, bounds.lowerBound), bounds.upperBound)
          }
        }
        return
      }
      damping *= growth
      growth *= 2
    }
    status = (firstFailure ?? .infinity) < Self.restPromise ? .converged : .stopped
  }

  /// The damped quadratic model of one fit: with its curvature where that leaves it positive definite.
  private func model(_ place: Int) -> PenalisedQuadratic.Part {
    let (part, value) = (parts[place], values[place])
    let size = part.start.count
    let bounds = (0..<size).map { index in
      let (low, high) = (part.bounds[index].lowerBound, part.bounds[index].upperBound)
      guard low < high else { return 0.0...0 }
      let number = parameters[place][index]
      return min(0, max(-part.stepLimits[index], low - number))...max(0, min(part.stepLimits[index], high - number))
    }
    let largest = (0..<size).reduce(0) { max($0, value.information[$1 * size + $1]) }
    // Keeps numbers on which the loss does not depend where they are.
    let floor = 1e-10 * largest + .leastNormalMagnitude
    func damped(_ curvature: [Double]) -> [Double] {
      var matrix = [Double](repeating: 0, count: size * size)
      for row in 0..<size {
        for column in 0...row {
          let place = row * size + column
          let entry = value.information[place] + (curvature.isEmpty ? 0 : curvature[place])
          matrix[place] = entry
          matrix[column * size + row] = entry
        }
        matrix[row * size + row] += damping * value.information[row * size + row] + floor
      }
      return matrix
    }
    var matrix = damped(value.curvature)
    if !value.curvature.isEmpty, !Self.isPositive(matrix, where: bounds) { matrix = damped([]) }
    return .init(
      point: parameters[place], gradient: value.gradient, matrix: matrix, bounds: bounds, sizes: part.sizePenalty)
  }

  /// Whether the matrix is positive definite over the numbers that may move.
  private static func isPositive(_ matrix: [Double], where bounds: [ClosedRange<Double>]) -> Bool {
    let free = bounds.indices.filter { bounds[$0].lowerBound < bounds[$0].upperBound }
    let own = free.flatMap { row in free.map { matrix[row * bounds.count + $0] } }
    return BLAS.dposv(own, free.map { _ in 0 }) != nil
  }
}
