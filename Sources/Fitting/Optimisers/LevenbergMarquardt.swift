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
package struct LevenbergMarquardt: Sendable {
  package var status: StepControl.Status { control.status }
  package var loss: Double { control.loss }
  /// By how much the step to `trial` should lower the loss; 0 before the first.
  package var promise: Double { control.promise }
  /// Where the loss is lowest, and known unless the last step was taken on trust.
  package private(set) var parameters: [Double]
  /// Where the loss is asked for next.
  package private(set) var trial: [Double]

  private let bounds: [ClosedRange<Double>]
  private let stepLimits: [Double]
  private var control: StepControl
  private var gradient: [Double] = []
  /// At `parameters`.
  package private(set) var information: [Double] = []
  /// With what the information lacks, where that is known; then the information alone.
  private var models: [[Double]] = []
  private let scaling: StepControl.Scaling
  private let retraction: Retraction
  /// By number: in what damping counts.
  private var scales: [Double] = []

  /// - Parameters:
  ///   - tolerance: stops as converged once a step promises less than this.
  ///   - trusted: takes a last step on trust once it promises less than this: `StepControl`.
  ///   - maxIterations: evaluations.
  package init(
    start: [Double], bounds: [ClosedRange<Double>], stepLimits: [Double], scaling: StepControl.Scaling = .information,
    retraction: Retraction = .addition, tolerance: Double, trusted: Double = 0, maxIterations: Int
  ) {
    precondition(bounds.count == start.count && stepLimits.count == start.count)
    parameters = start.indices.map { min(max(start[$0], bounds[$0].lowerBound), bounds[$0].upperBound) }
    trial = parameters
    self.bounds = bounds
    self.stepLimits = stepLimits
    self.scaling = scaling
    self.retraction = retraction
    control = StepControl(tolerance: tolerance, trusted: trusted, maxIterations: maxIterations)
  }

  /// - Parameters:
  ///   - loss, gradient, information: at `trial`; information row-major, of which only the lower triangle is read.
  ///   - curvature: what the information lacks of the second derivatives; empty where that is not known.
  package mutating func receive(
    loss newLoss: Double, gradient newGradient: [Double], information newInformation: [Double],
    curvature: [Double] = []
  ) {
    guard status == .running else { return }
    if control.receive(newLoss) {
      parameters = trial
      gradient = newGradient
      information = newInformation
      models = curvature.isEmpty ? [information] : [zip(information, curvature).map(+), information]
      scales = scaling.scales(information, curvature, count: parameters.count)
    }
    let free = parameters.indices.filter { index in
      bounds[index].lowerBound < bounds[index].upperBound
        && !(parameters[index] <= bounds[index].lowerBound && gradient[index] > 0)
        && !(parameters[index] >= bounds[index].upperBound && gradient[index] < 0)
    }
    var control = control
    if free.isEmpty, status == .running { control.rest() }
    if let next = control.next({ step(damping: $0[0], over: free) }) {
      trial = next
      if control.status == .converged { parameters = next }
    }
    self.control = control
  }

  /// The step of some damping; nil where no model has one that promises anything.
  private func step(damping: Double, over free: [Int]) -> StepControl.Step<[Double]>? {
    var useless: StepControl.Step<[Double]>?
    for model in models {
      guard let step = newtonStep(model, damping, over: free, fixed: parameters.map { _ in nil }) else { continue }
      let decrement = free.reduce(0) { $0 - gradient[$1] * step[$1] / 2 }
      guard let inside = confined(step, model, damping, free: free) else { continue }
      let own = StepControl.Step(
        decrement: decrement, promise: promise(model, of: inside),
        trial: zip(retraction(parameters, by: inside), bounds).map { min(max($0, $1.lowerBound), $1.upperBound) })
      if own.promise > 0 { return own }
      useless = useless ?? own
    }
    return useless
  }

  /// The damped Newton step over the numbers `free`, given the steps `fixed` of others; 0 elsewhere. Nil where the
  /// damped second derivatives `model` are not positive definite.
  private func newtonStep(
    _ model: [Double], _ damping: Double, over free: [Int], fixed: [Double?]
  ) -> [Double]? {
    let size = parameters.count
    let largest = free.reduce(0) { max($0, scales[$1]) }
    // Keeps numbers on which the loss does not depend where they are.
    let floor = 1e-10 * largest + .leastNormalMagnitude
    var matrix = [Double](repeating: 0, count: free.count * free.count)
    var target = free.map { -gradient[$0] }
    for (row, i) in free.enumerated() {
      for (column, j) in free[...row].enumerated() { matrix[row * free.count + column] = model[i * size + j] }
      matrix[row * free.count + row] += damping * scales[i] + floor
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
  private func confined(_ step: [Double], _ model: [Double], _ damping: Double, free: [Int]) -> [Double]? {
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
      guard let next = newtonStep(model, damping, over: free, fixed: fixed) else { return nil }
      step = next
    }
  }

  /// By how much the loss falls with a step if gradient and `model` describe the loss exactly.
  private func promise(_ model: [Double], of step: [Double]) -> Double {
    let size = parameters.count
    var sum = 0.0
    for row in 0..<size where step[row] != 0 {
      var product = model[row * size + row] * step[row] / 2
      for column in 0..<row { product += model[row * size + column] * step[column] }
      sum -= step[row] * (gradient[row] + product)
    }
    return sum
  }
}
