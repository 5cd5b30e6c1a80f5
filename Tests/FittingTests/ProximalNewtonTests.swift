import Fitting
import Testing

@Suite("Newton steps with penalties on sizes")
struct ProximalNewtonTests {
  private let free = -Double.infinity...Double.infinity

  private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  /// Drives a fit of (d A d / 2 - b d) + l1 |d| over all numbers but the last.
  private func minimise(_ matrix: [[Double]], _ target: [Double], l1: Double, last: ClosedRange<Double>? = nil)
    -> ProximalNewton
  {
    let size = target.count
    var bounds = [ClosedRange<Double>](repeating: free, count: size)
    if let last { bounds[size - 1] = last }
    var fit = ProximalNewton(
      [
        .init(
          start: [Double](repeating: 0.5, count: size), bounds: bounds,
          stepLimits: [Double](repeating: .infinity, count: size),
          sizePenalty: (0..<size).map { $0 < size - 1 ? l1 : 0 })
      ], tolerance: 1e-12, maxIterations: 200)
    while fit.status == .running {
      let at = fit.trial[0]
      var (loss, gradient) = (0.0, [Double]())
      for (index, row) in matrix.enumerated() {
        let product = dot(row, at)
        loss += at[index] * (product / 2 - target[index])
        gradient.append(product - target[index])
      }
      fit.receive([LossDerivatives(loss: loss, gradient: gradient, information: matrix.flatMap { $0 })])
    }
    return fit
  }

  @Test("Without other numbers between them, each is the free minimum moved towards 0 by the penalty") func diagonal() {
    let fit = minimise([[2, 0, 0], [0, 4, 0], [0, 0, 1]], [3, 0.5, 7], l1: 1)
    #expect(fit.status == .converged)
    let wanted: [Double] = [1, 0, 7]
    for (found, wanted) in zip(fit.parameters[0], wanted) { #expect(abs(found - wanted) < 1e-9) }
    #expect(fit.parameters[0][1] == 0)
  }

  @Test("Numbers that depend on each other meet the conditions of the minimum, with and without a bound")
  func conditions() {
    let size = 12
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
    for i in 0..<size {
      for j in 0..<size { matrix[i][j] = 0.95 / Double(1 + abs(i - j)) + (i == j ? 1.02 : 0) }
    }
    let target: [Double] = (0..<size).map { Double(($0 * 7) % 5) - 2 }
    let bounds: [ClosedRange<Double>?] = [nil, -0.1...0.1]
    for last in bounds {
      let fit = minimise(matrix, target, l1: 0.8, last: last)
      #expect(fit.status == .converged)
      let at: [Double] = fit.parameters[0]
      #expect(at.dropLast().contains(0) && at.dropLast().contains { $0 != 0 })
      for (index, row) in matrix.enumerated() {
        let slope = dot(row, at) - target[index]
        if index == size - 1 {
          if let last {
            #expect(last.contains(at[index]) && (at[index] == last.upperBound ? slope <= 0 : slope >= 0))
          } else {
            #expect(abs(slope) < 1e-6)
          }
        } else if at[index] == 0 {
          #expect(abs(slope) <= 0.8 + 1e-6)
        } else {
          let push: Double = at[index] > 0 ? 0.8 : -0.8
          #expect(abs(slope + push) < 1e-6)
        }
      }
    }
  }

  @Test("A loss that is not a number ends the fit") func notANumber() {
    var fit = ProximalNewton(
      [.init(start: [0], bounds: [free], stepLimits: [1], sizePenalty: [1])], tolerance: 1e-9, maxIterations: 10)
    fit.receive([LossDerivatives(loss: .nan, gradient: [.nan], information: [.nan])])
    #expect(fit.status == .stopped)
  }
}
