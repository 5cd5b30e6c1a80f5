import Foundation

/// A rotated Gaussian over the pixels of a feature map, and how it changes with its five numbers.
///
/// With (y, x) in pixels from the centre of the map, d = (y, x) - mean,
/// a = d_y cos th + d_x sin th, b = -d_y sin th + d_x cos th:
/// E = exp(-(a^2 / std_y^2 + b^2 / std_x^2) / 2), G = E / (sum E + 1e-8).
///
/// - Source: SEMANTICS 13
package struct GaussianMask: Sendable {
  /// VisionCore's own lower limit of the widths.
  package static let smallestStd = 1e-3
  private static let epsilon = 1e-8

  package var meanY: Double
  package var meanX: Double
  package var stdY: Double
  package var stdX: Double
  package var theta: Double

  package init(meanY: Double, meanX: Double, stdY: Double, stdX: Double, theta: Double) {
    self.meanY = meanY
    self.meanX = meanX
    self.stdY = max(stdY, Self.smallestStd)
    self.stdX = max(stdX, Self.smallestStd)
    self.theta = theta
  }

  /// G over the map, row-major.
  package func values(height: Int, width: Int) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(height * width)
    forEachPixel(height: height, width: width) { a, b in
      values.append(exp(-0.5 * (a * a / (stdY * stdY) + b * b / (stdX * stdX))))
    }
    let sum = values.reduce(0, +) + Self.epsilon
    return values.map { $0 / sum }
  }

  /// dG / d(meanY, meanX, ln stdY, ln stdX, theta), five numbers a pixel, given G.
  package func slopes(_ values: [Double], height: Int, width: Int) -> [Double] {
    let c = cos(theta)
    let s = sin(theta)
    let vy = stdY * stdY
    let vx = stdX * stdX
    var slopes: [Double] = []
    slopes.reserveCapacity(5 * values.count)
    var means = [Double](repeating: 0, count: 5)
    var pixel = 0
    forEachPixel(height: height, width: width) { a, b in
      // Of ln E.
      let logarithmic = [
        a * c / vy - b * s / vx, a * s / vy + b * c / vx, a * a / vy, b * b / vx, a * b * (1 / vx - 1 / vy),
      ]
      for index in 0..<5 { means[index] += values[pixel] * logarithmic[index] }
      slopes.append(contentsOf: logarithmic)
      pixel += 1
    }
    for pixel in values.indices {
      for index in 0..<5 { slopes[pixel * 5 + index] = values[pixel] * (slopes[pixel * 5 + index] - means[index]) }
    }
    return slopes
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
