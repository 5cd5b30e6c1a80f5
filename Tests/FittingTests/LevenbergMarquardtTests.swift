import Fitting
import Foundation
import Testing

@Suite struct LevenbergMarquardtTests {
  private let free = -Double.infinity...Double.infinity

  /// Drives a fit of (x - 3)^2 + 10 (y + x - 1)^2.
  private func minimise(bounds: [ClosedRange<Double>], stepLimits: [Double]) -> LevenbergMarquardt {
    var fit = LevenbergMarquardt(
      start: [0, 0], bounds: bounds, stepLimits: stepLimits, tolerance: 1e-12, maxIterations: 200)
    while fit.status == .running {
      let x = fit.trial[0]
      let y = fit.trial[1]
      let first = x - 3
      let second = y + x - 1
      fit.receive(
        loss: first * first + 10 * second * second, gradient: [2 * first + 20 * second, 20 * second],
        information: [22, 20, 20, 20])
    }
    return fit
  }

  @Test("Finds the minimum of a quadratic") func findsTheMinimumOfAQuadratic() {
    let fit = minimise(bounds: [free, free], stepLimits: [.infinity, .infinity])
    #expect(fit.status == .converged)
    #expect(abs(fit.parameters[0] - 3) < 1e-5 && abs(fit.parameters[1] + 2) < 1e-5)
  }

  @Test("Stays inside its bounds") func staysInsideItsBounds() {
    let fit = minimise(bounds: [free, -1...1], stepLimits: [.infinity, .infinity])
    #expect(fit.status == .converged)
    #expect(fit.parameters[1] == -1)
    // With y = -1: minimum of (x - 3)^2 + 10 (x - 2)^2.
    #expect(abs(fit.parameters[0] - 23.0 / 11) < 1e-5)
  }

  @Test("Short steps find the same minimum") func shortStepsArriveToo() {
    let fit = minimise(bounds: [free, free], stepLimits: [0.5, 0.25])
    #expect(fit.status == .converged)
    #expect(abs(fit.parameters[0] - 3) < 1e-5 && abs(fit.parameters[1] + 2) < 1e-5)
  }

  @Test("Stops at a loss that is not a number") func stopsAtALossThatIsNotANumber() {
    var fit = LevenbergMarquardt(
      start: [0], bounds: [free], stepLimits: [1], tolerance: 1e-9, maxIterations: 10)
    fit.receive(loss: .nan, gradient: [.nan], information: [.nan])
    #expect(fit.status == .stopped)
  }

  @Test("Stops after its last evaluation") func stopsAfterItsLastEvaluation() {
    var fit = LevenbergMarquardt(
      start: [0], bounds: [free], stepLimits: [0.001], tolerance: 1e-12, maxIterations: 3)
    var evaluations = 0
    while fit.status == .running {
      let x = fit.trial[0]
      fit.receive(loss: (x - 9) * (x - 9), gradient: [2 * (x - 9)], information: [2])
      evaluations += 1
    }
    #expect(fit.status == .stopped && evaluations == 3)
  }

  @Test("A last step on trust saves an evaluation and ends at the same place") func trusted() {
    func minimise(trusted: Double) -> (evaluations: Int, fit: LevenbergMarquardt) {
      let free = -Double.infinity...Double.infinity
      var fit = LevenbergMarquardt(
        start: [0.5], bounds: [free], stepLimits: [.infinity], tolerance: 1e-8, trusted: trusted, maxIterations: 20)
      var evaluations = 0
      while fit.status == .running {
        let x = fit.trial[0]
        fit.receive(loss: cosh(x), gradient: [sinh(x)], information: [cosh(x)])
        evaluations += 1
      }
      return (evaluations, fit)
    }
    let known = minimise(trusted: 0)
    let found = minimise(trusted: 1e-3)
    #expect(known.evaluations == 3 && found.evaluations == 2)
    #expect(found.fit.status == .converged && abs(found.fit.parameters[0]) < 1e-4)
    #expect(abs(found.fit.loss - 1) < 1e-6)
  }
}
