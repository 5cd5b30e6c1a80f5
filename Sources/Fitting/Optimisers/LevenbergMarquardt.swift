import Kernels

/// Damped Newton steps on a smooth loss with bounds.
///
/// The caller evaluates the loss at `trial` and hands the result to `receive`, until `status` is no longer `.running`. In
/// this way many fits share one pass over the data.
///
/// The second derivatives are approximated by a matrix that is never negative: the Fisher information, or Gauss-Newton's. The
/// caller may add what that matrix lacks (`curvature`); a step uses it where the sum is positive definite, so that fits whose
/// residuals do not vanish, as with penalties, do not creep.
/// A number at its bound whose loss falls outward stays there; a step that leaves the bounds is cut at them. A number whose
/// bounds are equal stays as it is.
///
/// - Source: damping as in Nielsen 1999, "Damping parameter in Marquardt's method".
package struct LevenbergMarquardt: Sendable {
  package enum Status: Sendable { case running, converged, stopped }

  package private(set) var status = Status.running
  /// Where the loss is known and lowest.
  package private(set) var parameters: [Double]
  package private(set) var loss = Double.infinity
  /// Where the loss is asked for next.
  package private(set) var trial: [Double]

  private let bounds: [ClosedRange<Double>]
  private let stepLimits: [Double]
  private let tolerance: Double
  private var remaining: Int
  private var gradient: [Double] = []
  /// At `parameters`.
  package private(set) var information: [Double] = []
  /// With what the information lacks, where that is known; then the information alone.
  private var models: [[Double]] = []
  private var predicted = 0.0
  private var damping = 1e-3
  private var growth = 2.0
  /// Loss when the current stretch of evaluations began, and how many it has seen.
  private var stretch = (loss: Double.infinity, evaluations: 0)

  /// What the first of the steps that all failed had promised.
  private var firstFailure: Double?
  private static let restPromise = 1e-5

  /// Where the second derivatives are approximated, a step can promise more than it keeps. A fit has therefore also come to
  /// rest when so many evaluations together gain less than `restGain` tolerances.
  private static let restEvaluations = 40
  private static let restGain = 10.0

  /// - Parameters:
  ///   - tolerance: stops as converged once a step promises less than this.
  ///   - maxIterations: evaluations.
  package init(
    start: [Double], bounds: [ClosedRange<Double>], stepLimits: [Double], tolerance: Double, maxIterations: Int
  ) {
    precondition(bounds.count == start.count && stepLimits.count == start.count)
    parameters = start.indices.map { min(max(start[$0], bounds[$0].lowerBound), bounds[$0].upperBound) }
    trial = parameters
    self.bounds = bounds
    self.stepLimits = stepLimits
    self.tolerance = tolerance
    remaining = maxIterations
  }

  /// - Parameters:
  ///   - loss, gradient, information: at `trial`; information row-major, of which only the lower triangle is read.
  ///   - curvature: what the information lacks of the second derivatives; empty where that is not known.
  package mutating func receive(
    loss newLoss: Double, gradient newGradient: [Double], information newInformation: [Double],
    curvature: [Double] = []
  ) {
    guard status == .running else { return }
    remaining -= 1
    let isFirst = gradient.isEmpty
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
      gradient = newGradient
      information = newInformation
      models = curvature.isEmpty ? [information] : [zip(information, curvature).map(+), information]
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

  /// Chooses the next trial, or ends.
  private mutating func propose() {
    let free = parameters.indices.filter { index in
      bounds[index].lowerBound < bounds[index].upperBound
        && !(parameters[index] <= bounds[index].lowerBound && gradient[index] > 0)
        && !(parameters[index] >= bounds[index].upperBound && gradient[index] < 0)
    }
    guard !free.isEmpty else {
      status = .converged
      return
    }
    while damping < 1e12 {
      for model in models {
        guard let step = newtonStep(model, over: free, fixed: parameters.map { _ in nil }) else { continue }
        // A heavily damped step promises little even far from the optimum.
        let decrement = free.reduce(0) { $0 - gradient[$1] * step[$1] / 2 }
        if decrement < tolerance, damping <= 1 {
          status = .converged
          return
        }
        guard let inside = confined(step, model, free: free) else { continue }
        trial = parameters.indices.map { index in
          min(max(parameters[index] + inside[index], bounds[index].lowerBound), bounds[index].upperBound)
        }
        predicted = promise(model)
        if predicted > 0 { return }
      }
      damping *= growth
      growth *= 2
    }
    // No step lowers the loss, however short: at rest, if the longest promised next to nothing.
    status = (firstFailure ?? .infinity) < Self.restPromise ? .converged : .stopped
  }

  /// The damped Newton step over the numbers `free`, given the steps `fixed` of others; 0 elsewhere. Nil where the
  /// damped second derivatives `model` are not positive definite.
  private func newtonStep(_ model: [Double], over free: [Int], fixed: [Double?]) -> [Double]? {
    let size = parameters.count
    let largest = free.reduce(0) { max($0, information[$1 * size + $1]) }
    // Keeps numbers on which the loss does not depend where they are.
    let floor = 1e-10 * largest + .leastNormalMagnitude
    var matrix = [Double](repeating: 0, count: free.count * free.count)
    var target = free.map { -gradient[$0] }
    for (row, i) in free.enumerated() {
      for (column, j) in free[...row].enumerated() { matrix[row * free.count + column] = model[i * size + j] }
      matrix[row * free.count + row] += damping * information[i * size + i] + floor
      for (j, length) in fixed.enumerated() {
        if let length { target[row] -= model[max(i, j) * size + min(i, j)] * length }
      }
    }
    guard let solution = BLAS.dposv(matrix, target) else { return nil }
    var step = fixed.map { $0 ?? 0 }
    for (place, index) in free.enumerated() { step[index] = solution[place] }
    return step
  }

  /// `step` inside the bounds and step limits: numbers that go too far are held at the limit, the others solved again.
  private func confined(_ step: [Double], _ model: [Double], free: [Int]) -> [Double]? {
    var step = step
    var free = free
    var fixed = [Double?](repeating: nil, count: parameters.count)
    while true {
      var isInside = true
      for index in free {
        let low = max(-stepLimits[index], bounds[index].lowerBound - parameters[index])
        let high = min(stepLimits[index], bounds[index].upperBound - parameters[index])
        guard step[index] < low || step[index] > high else { continue }
        fixed[index] = step[index] < low ? low : high
        isInside = false
      }
      if isInside { return step }
      free.removeAll { fixed[$0] != nil }
      guard let next = newtonStep(model, over: free, fixed: fixed) else { return nil }
      step = next
    }
  }

  /// By how much the loss falls from `parameters` to `trial` if gradient and `model` describe the loss exactly.
  private func promise(_ model: [Double]) -> Double {
    let size = parameters.count
    let step = parameters.indices.map { trial[$0] - parameters[$0] }
    var sum = 0.0
    for row in 0..<size where step[row] != 0 {
      var product = model[row * size + row] * step[row] / 2
      for column in 0..<row { product += model[row * size + column] * step[column] }
      sum -= step[row] * (gradient[row] + product)
    }
    return sum
  }
}
