import Metrics
import Testing

struct RateDependenceTests {
  @Test("The share of the quarter of cells with the highest rates is found")
  func topShare() {
    let dependence = RateDependence([1, 2, 3, 10, 4], rates: [1, 2, 3, 9, 20])
    // Two of five cells, rounded up: those at 20 and at 9 Hz.
    #expect(dependence.topCells == 2)
    #expect(dependence.topShare == 0.7)
    #expect(abs((dependence.correlation?.rho ?? 0) - 0.9) < 1e-12)
  }

  @Test("Cells without a value or a rate are left out")
  func missingValues() {
    let dependence = RateDependence([1, nil, 3, 5, 2], rates: [1, 2, nil, 4, 3])
    #expect(dependence.cells == 3 && dependence.topCells == 1)
    #expect(dependence.topShare == 0.625)
    #expect(dependence.correlation == nil)
  }

  @Test("The share is undefined where the sum is not above 0")
  func notPositive() {
    #expect(RateDependence([-1, 1, -3, 2], rates: [1, 2, 3, 4]).topShare == nil)
    #expect(RateDependence([], rates: []).topShare == nil)
  }

  @Test("Rates and their logarithms give the same correlation")
  func logarithms() {
    let values: [Double?] = [0.3, -0.1, 0.5, 0.2, 0.9]
    let plain = RateDependence(values, rates: [3, 1, 9, 2, 27])
    #expect(plain.correlation != nil)
    #expect(plain.correlation == RateDependence(values, rates: [1.1, 0, 2.2, 0.7, 3.3]).correlation)
  }
}
