import Foundation
import Kernels

/// Steps of a mask's shape that are well defined also where it is round.
///
/// Where both widths are alike the angle says nothing, and near there a fit by widths and angle gets stuck. The shape is a symmetric
/// matrix of three numbers, the logarithm of the widths along their axes: its step has two numbers along the axes, by which the
/// logarithms of the widths change, and a third across them, the shear t. With m the mean of the logarithms after the step, half
/// their difference e and r = sqrt(e^2 + t^2), the widths' logarithms become m + r and m - r, and the axes turn by atan2(t, e) / 2.
/// Where t is small beside e the turn is t / (2 e).
extension GaussianMask {
  /// ln stdY, ln stdX and theta after a step of the shape. The axes keep their order.
  package func reshaped(byY stepY: Double, x stepX: Double, shear: Double) -> (y: Double, x: Double, theta: Double) {
    let (y, x) = (log(stdY) + stepY, log(stdX) + stepX)
    guard shear != 0 else { return (y, x, theta) }
    let (mean, half) = ((y + x) / 2, (y - x) / 2)
    let length = (half * half + shear * shear).squareRoot()
    return half < 0
      ? (mean - length, mean + length, theta + atan2(-shear, -half) / 2)
      : (mean + length, mean - length, theta + atan2(shear, half) / 2)
  }

  /// Derivatives of the mask, given its values.
  ///
  /// - Shapes: `[height, width, 5]`: with respect to meanY, meanX, ln stdY, ln stdX and the shear
  package func shapeGradients(_ values: [Double], height: Int, width: Int) -> [Double] {
    gradients(values, height: height, width: width, across: shearScale)
  }

  /// exp(-2 m) sinh(2 e) / e, with e half the difference and m the mean of the widths' logarithms: how a b enters ln E with the
  /// shear, and half the second derivative by the shear of (1/stdY^2 + 1/stdX^2) / 2.
  package var shearScale: Double { exp(-log(stdY) - log(stdX)) * Self.quotient(log(stdY / stdX) / 2).value }

  /// h = sinh(2 e) / e, and its derivative by e^2.
  private static func quotient(_ e: Double) -> (value: Double, slope: Double) {
    let square = e * e
    guard abs(e) >= 0.05 else {
      return (
        2 * (1 + square * (2.0 / 3 + square * 2 / 15)), 2 * (2.0 / 3 + square * (4.0 / 15 + square * 4 / 105))
      )
    }
    let value = sinh(2 * e) / e
    return (value, (cosh(2 * e) - value / 2) / square)
  }

  /// Second derivatives of the mask by a step of mean and shape, given its values.
  ///
  /// - Shapes: `[height, width, 15]`: pairs (0, 0), (1, 0), (1, 1), (2, 0), … of the numbers of `shapeGradients`
  package func shapeSecondDerivatives(_ values: [Double], height: Int, width: Int) -> [Double] {
    let c = cos(theta)
    let s = sin(theta)
    let e = log(stdY / stdX) / 2
    let scale = exp(-log(stdY) - log(stdX))
    let quotient = Self.quotient(e)
    let h = scale * quotient.value
    let bend = scale * quotient.slope * e
    return secondDerivatives(values, height: height, width: width, across: h) { a, b in
      (
        h * (a * s - b * c), -h * (a * c + b * s), -a * b * (h - bend), -a * b * (h + bend),
        bend * (a * a - b * b) - h * (a * a + b * b)
      )
    }
  }
}
