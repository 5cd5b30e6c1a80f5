import Fitting
import Foundation
import Testing

@Suite("Steps of fits that got stuck")
struct StepControlTests {
  private let free = -Double.infinity...Double.infinity

  /// Drives a fit of (x - 1)² / 2 + 1e-3 f(y / 0.01), f a step between two pixels' losses with a dip behind it, as a narrow mask
  /// has it: y has no information but bends within a hundredth.
  private func minimise(_ scaling: StepControl.Scaling) -> LevenbergMarquardt {
    var fit = LevenbergMarquardt(
      start: [0, -0.03], bounds: [free, free], stepLimits: [.infinity, 3], scaling: scaling, tolerance: 1e-8,
      maxIterations: 500)
    while fit.status == .running {
      let (x, y) = (fit.trial[0], fit.trial[1])
      // Falls from 1 to 0 and rises far away: between pixels a mask leaves the loss flat.
      let (near, far) = (1 / (1 + exp(100 * y)), 1 / (1 + exp(-100 * (y - 0.4))))
      let slope = -100 * near * (1 - near) + 5e5 * far * (1 - far)
      let bend = 1e4 * near * (1 - near) * (1 - 2 * near) + 5e7 * far * (1 - far) * (1 - 2 * far)
      fit.receive(
        loss: (x - 1) * (x - 1) / 2 + 1e-3 * (near + 5000 * far), gradient: [x - 1, 1e-3 * slope],
        information: [1, 0, 0, 1e-16], curvature: [0, 0, 0, 1e-3 * bend])
    }
    return fit
  }

  @Test(
    "A place with next to no information gets stuck where damping counts in that, and not where it counts in the bend")
  func betweenPixels() {
    let stuck = minimise(.information)
    #expect(stuck.status == .stopped && stuck.loss > 0.1)
    let fit = minimise(.curvature)
    #expect(fit.status == .converged)
    #expect(abs(fit.parameters[0] - 1) < 1e-3 && (0.08...0.35).contains(fit.parameters[1]))
    #expect(fit.loss < 1e-6)
  }
}
