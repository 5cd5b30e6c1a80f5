import Foundation
import Kernels
import Testing

@Suite struct GaussianMaskTests {
  private let mask = GaussianMask(meanY: 0.3, meanX: -0.8, stdY: 1.1, stdX: 0.6, theta: 0.7)

  @Test("A mask sums to one") func sumsToOne() {
    #expect(abs(mask.values(height: 5, width: 7).reduce(0, +) - 1) < 1e-7)
  }

  @Test("An underflowing mask is zero") func anUnderflowingMaskIsZero() {
    let far = GaussianMask(meanY: 100, meanX: 0, stdY: 0.1, stdX: 0.1, theta: 0)
    #expect(far.values(height: 3, width: 3).allSatisfy { $0 == 0 })
  }

  @Test("Widths are clamped as in VisionCore") func widthsAreClampedAsInVisionCore() {
    #expect(GaussianMask(meanY: 0, meanX: 0, stdY: -1, stdX: 0, theta: 0).stdY == 1e-3)
  }

  @Test("Mean and widths are in the order y, x") func meanAndWidthsAreInTheOrderYX() {
    // Wide in y, narrow in x, centred one row down.
    let values = GaussianMask(meanY: 1, meanX: 0, stdY: 2, stdX: 0.2, theta: 0).values(height: 3, width: 3)
    #expect(values[7] > values[4] && values[4] > values[1])
    #expect(values[1] > 0.1 && values[3] < 1e-4)
  }

  @Test("Gradients are derivatives") func gradientsAreDerivatives() {
    let values = mask.values(height: 4, width: 5)
    let gradients = mask.gradients(values, height: 4, width: 5)
    let step = 1e-6
    let changes: [(inout GaussianMask, Double) -> Void] = [
      { $0.meanY += $1 }, { $0.meanX += $1 }, { $0.stdY *= exp($1) }, { $0.stdX *= exp($1) }, { $0.theta += $1 },
    ]
    for (index, change) in changes.enumerated() {
      var up = mask
      var down = mask
      change(&up, step)
      change(&down, -step)
      let above = up.values(height: 4, width: 5)
      let below = down.values(height: 4, width: 5)
      for pixel in values.indices {
        // Central differences are good to 1e-9 here.
        #expect(abs(gradients[pixel * 5 + index] - (above[pixel] - below[pixel]) / (2 * step)) < 1e-7)
      }
    }
  }

  @Test("Second derivatives are derivatives of the gradients") func secondDerivatives() {
    let values = mask.values(height: 4, width: 5)
    let second = mask.secondDerivatives(values, height: 4, width: 5)
    let step = 1e-6
    let changes: [(inout GaussianMask, Double) -> Void] = [
      { $0.meanY += $1 }, { $0.meanX += $1 }, { $0.stdY *= exp($1) }, { $0.stdX *= exp($1) }, { $0.theta += $1 },
    ]
    var pair = 0
    for i in 0..<5 {
      var up = mask
      var down = mask
      changes[i](&up, step)
      changes[i](&down, -step)
      let above = up.gradients(up.values(height: 4, width: 5), height: 4, width: 5)
      let below = down.gradients(down.values(height: 4, width: 5), height: 4, width: 5)
      for j in 0...i {
        for pixel in values.indices {
          let difference = (above[pixel * 5 + j] - below[pixel * 5 + j]) / (2 * step)
          #expect(abs(second[pixel * 15 + pair] - difference) < 1e-7, "\(i), \(j)")
        }
        pair += 1
      }
    }
  }
}
