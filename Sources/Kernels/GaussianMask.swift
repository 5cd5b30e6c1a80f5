import Foundation

/// The place from which one cell reads: a rotated Gaussian over the pixels of a map.
///
/// With (y, x) in pixels from the centre of the map, d = (y, x) - mean,
/// a = d_y cos theta + d_x sin theta, b = -d_y sin theta + d_x cos theta:
/// E = exp(-(a^2 / std_y^2 + b^2 / std_x^2) / 2), mask = E / (sum E + 1e-8). All of it in float64: a narrow mask far from
/// its centre is the exponential of a large difference.
///
/// - Shapes: `[height, width]`, row by row
/// - Units: means and widths in pixels of the map, y down; theta in radians
/// - Source: SEMANTICS 13
package struct GaussianMask: Sendable, Equatable {
  /// VisionCore's own lower limit of the widths.
  package static let smallestStd = 1e-3
  private static let epsilon = 1e-8

  package var meanY: Double
  package var meanX: Double
  package var stdY: Double
  package var stdX: Double
  package var theta: Double

  /// Widths below the limit are raised to it.
  package init(meanY: Double, meanX: Double, stdY: Double, stdX: Double, theta: Double) {
    self.meanY = meanY
    self.meanX = meanX
    self.stdY = max(stdY, Self.smallestStd)
    self.stdX = max(stdX, Self.smallestStd)
    self.theta = theta
  }

  /// The mask over a map.
  package func values(height: Int, width: Int) -> [Double] {
    let values = heights(height: height, width: width)
    let sum = values.reduce(0, +) + Self.epsilon
    return values.map { $0 / sum }
  }

  /// The Gaussian with a peak of 1: E.
  package func heights(height: Int, width: Int) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(height * width)
    forEachPixel(height: height, width: width) { a, b in
      values.append(exp(-0.5 * (a * a / (stdY * stdY) + b * b / (stdX * stdX))))
    }
    return values
  }

  /// The points at one standard deviation from the centre, in pixels from the map's centre; `count` of them, in turn.
  package func outline(_ count: Int) -> [(y: Double, x: Double)] {
    stride(from: 0.0, to: 2 * .pi, by: 2 * .pi / Double(count)).map { angle in
      let a = stdY * cos(angle)
      let b = stdX * sin(angle)
      return (meanY + a * cos(theta) - b * sin(theta), meanX + a * sin(theta) + b * cos(theta))
    }
  }

  /// Derivatives of the mask, given its values.
  ///
  /// - Shapes: `[height, width, 5]`: with respect to meanY, meanX, ln stdY, ln stdX and theta
  package func gradients(_ values: [Double], height: Int, width: Int) -> [Double] {
    gradients(values, height: height, width: width, across: 1 / (stdX * stdX) - 1 / (stdY * stdY))
  }

  /// Derivatives as of `gradients`, where the fifth number enters ln E with the slope `across` a b.
  package func gradients(_ values: [Double], height: Int, width: Int, across: Double) -> [Double] {
    let c = cos(theta)
    let s = sin(theta)
    let vy = stdY * stdY
    let vx = stdX * stdX
    var gradients: [Double] = []
    gradients.reserveCapacity(5 * values.count)
    var means = [Double](repeating: 0, count: 5)
    var pixel = 0
    forEachPixel(height: height, width: width) { a, b in
      // Of ln E.
      let logarithmic = [a * c / vy - b * s / vx, a * s / vy + b * c / vx, a * a / vy, b * b / vx, a * b * across]
      for index in 0..<5 { means[index] += values[pixel] * logarithmic[index] }
      gradients.append(contentsOf: logarithmic)
      pixel += 1
    }
    for pixel in values.indices {
      for index in 0..<5 {
        gradients[pixel * 5 + index] = values[pixel] * (gradients[pixel * 5 + index] - means[index])
      }
    }
    return gradients
  }

  /// Second derivatives of the mask, given its values.
  ///
  /// With l = ln E and <f> the mean of f over the mask, the derivative by i and j is
  /// mask ((l_i - <l_i>) (l_j - <l_j>) + l_ij - <l_ij> - <l_i l_j> + <l_i> <l_j>).
  ///
  /// - Shapes: `[height, width, 15]`: pairs (0, 0), (1, 0), (1, 1), (2, 0), … of the numbers of `gradients`
  package func secondDerivatives(_ values: [Double], height: Int, width: Int) -> [Double] {
    let c = cos(theta)
    let s = sin(theta)
    let py = 1 / (stdY * stdY)
    let px = 1 / (stdX * stdX)
    return secondDerivatives(values, height: height, width: width, across: px - py) { a, b in
      (
        (b * c - a * s) * (py - px), (b * s + a * c) * (py - px), 2 * a * b * py, -2 * a * b * px,
        (b * b - a * a) * (px - py)
      )
    }
  }

  /// Second derivatives as of `secondDerivatives`, where the fifth number enters ln E with the slope `across` a b.
  ///
  /// - Parameter curves: second derivatives of ln E at (a, b) by the fifth number and each of the five.
  package func secondDerivatives(
    _ values: [Double], height: Int, width: Int, across: Double,
    curves: (_ a: Double, _ b: Double) -> (Double, Double, Double, Double, Double)
  ) -> [Double] {
    let c = cos(theta)
    let s = sin(theta)
    let py = 1 / (stdY * stdY)
    let px = 1 / (stdX * stdX)
    var first: [[Double]] = []
    var second: [[Double]] = []
    first.reserveCapacity(values.count)
    second.reserveCapacity(values.count)
    var means = [Double](repeating: 0, count: 5)
    // Of l_ij + l_i l_j.
    var pairMeans = [Double](repeating: 0, count: 15)
    forEachPixel(height: height, width: width) { a, b in
      let value = values[first.count]
      let slopes = [a * c * py - b * s * px, a * s * py + b * c * px, a * a * py, b * b * px, a * b * across]
      let fifth = curves(a, b)
      let curves = [
        -c * c * py - s * s * px, s * c * (px - py), -s * s * py - c * c * px, -2 * a * c * py, -2 * a * s * py,
        -2 * a * a * py, 2 * b * s * px, -2 * b * c * px, 0, -2 * b * b * px, fifth.0, fifth.1, fifth.2, fifth.3,
        fifth.4,
      ]
      var pair = 0
      for i in 0..<5 {
        means[i] += value * slopes[i]
        for j in 0...i {
          pairMeans[pair] += value * (curves[pair] + slopes[i] * slopes[j])
          pair += 1
        }
      }
      first.append(slopes)
      second.append(curves)
    }
    var result: [Double] = []
    result.reserveCapacity(15 * values.count)
    for pixel in values.indices {
      var pair = 0
      for i in 0..<5 {
        for j in 0...i {
          let product = (first[pixel][i] - means[i]) * (first[pixel][j] - means[j])
          result.append(values[pixel] * (product + second[pixel][pair] - pairMeans[pair] + means[i] * means[j]))
          pair += 1
        }
      }
    }
    return result
  }

  /// Calls `body` with the rotated distances (a, b) of each pixel from the mean, row by row.
  private func forEachPixel(height: Int, width: Int, _ body: (Double, Double) -> Void) {
    let c = cos(theta)
    let s = sin(theta)
    for row in 0..<height {
      let dy = Double(row) - Double(height - 1) / 2 - meanY
      for column in 0..<width {
        let dx = Double(column) - Double(width - 1) / 2 - meanX
        body(dy * c + dx * s, -dy * s + dx * c)
      }
    }
  }
}
