import Fitting
import Foundation
import Kernels
import Testing

@Suite("Steps of a mask's shape") struct GaussianMaskShapeTests {
  /// Around, elongated one way and the other, nearly and wholly round.
  private static let shapes = [(1.1, 0.6), (0.6, 1.1), (1.02, 0.98), (0.9, 0.9)].map {
    GaussianMask(meanY: 0.3, meanX: -0.8, stdY: $0.0, stdX: $0.1, theta: 0.7)
  }

  private func moved(_ mask: GaussianMask, _ step: [Double]) -> [Double] {
    let shape = mask.reshaped(byY: step[2], x: step[3], shear: step[4])
    return GaussianMask(
      meanY: mask.meanY + step[0], meanX: mask.meanX + step[1], stdY: exp(shape.y), stdX: exp(shape.x),
      theta: shape.theta
    ).values(height: 4, width: 5)
  }

  @Test("Gradients by a step of the shape are derivatives, also of a round mask", arguments: shapes)
  func shapeGradients(mask: GaussianMask) {
    let gradients = mask.shapeGradients(mask.values(height: 4, width: 5), height: 4, width: 5)
    let step = 1e-6
    for index in 0..<5 {
      let unit = (0..<5).map { $0 == index ? step : 0 }
      let above = moved(mask, unit)
      let below = moved(mask, unit.map { -$0 })
      for pixel in 0..<20 {
        #expect(abs(gradients[pixel * 5 + index] - (above[pixel] - below[pixel]) / (2 * step)) < 1e-7, "\(index)")
      }
    }
  }

  @Test("Second derivatives by a step of the shape are those of the mask", arguments: shapes)
  func shapeSecondDerivatives(mask: GaussianMask) {
    let values = mask.values(height: 4, width: 5)
    let second = mask.shapeSecondDerivatives(values, height: 4, width: 5)
    let step = 1e-4
    var pair = 0
    for i in 0..<5 {
      for j in 0...i {
        func corner(_ a: Double, _ b: Double) -> [Double] {
          moved(mask, (0..<5).map { ($0 == i ? a : 0) + ($0 == j ? b : 0) })
        }
        let corners = [corner(step, step), corner(step, -step), corner(-step, step), corner(-step, -step)]
        for pixel in values.indices {
          let difference =
            (corners[0][pixel] - corners[1][pixel] - corners[2][pixel] + corners[3][pixel]) / (4 * step * step)
          // Rounding of values near 1 over the square of the step.
          #expect(abs(second[pixel * 15 + pair] - difference) < 2e-6, "\(i), \(j)")
        }
        pair += 1
      }
    }
    #expect(second.contains { abs($0) > 0.1 })
  }

  @Test("A shear turns an elongated mask and keeps the order of its axes") func shear() {
    for (wide, narrow) in [(0.4, -0.4), (-0.4, 0.4)] {
      let mask = GaussianMask(meanY: 0, meanX: 0, stdY: exp(wide), stdX: exp(narrow), theta: 0.2)
      let shape = mask.reshaped(byY: 0, x: 0, shear: 0.01 * (wide - narrow))
      #expect(abs(shape.theta - 0.21) < 1e-4 && abs(shape.y - wide) < 1e-3 && abs(shape.x - narrow) < 1e-3)
      #expect((shape.y > shape.x) == (wide > narrow))
    }
    let round = GaussianMask(meanY: 0, meanX: 0, stdY: 1, stdX: 1, theta: 0.2).reshaped(byY: 0, x: 0, shear: 0.3)
    #expect(abs(round.theta - 0.2 - .pi / 4) < 1e-12 && abs(round.y - 0.3) < 1e-12 && abs(round.x + 0.3) < 1e-12)
  }
}
