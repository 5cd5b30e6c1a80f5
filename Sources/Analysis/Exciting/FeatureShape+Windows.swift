import Foundation
import Layers

/// What is done to stimulus windows along their pixels; a window's values are stored `[channel, time, height, width]`.
extension FeatureShape {
  /// The axes of a window.
  package var windowAxes: [Int] { [channels, time, height, width] }

  /// Every frame moved down and to the right; what leaves at one edge enters at the other.
  package func shifted(_ window: [Float], by shift: (y: Int, x: Int)) -> [Float] {
    guard shift.y % height != 0 || shift.x % width != 0 else { return window }
    let rows = (0..<height).map { ($0 - shift.y % height + height) % height }
    let columns = (0..<width).map { ($0 - shift.x % width + width) % width }
    var out: [Float] = []
    out.reserveCapacity(count)
    for start in stride(from: 0, to: count, by: plane) {
      for row in rows {
        for column in columns { out.append(window[start + row * width + column]) }
      }
    }
    return out
  }

  /// Every frame smoothed by a Gaussian with the standard deviation `sigma` (px); edges go on as they are.
  package func smoothed(_ window: [Float], by sigma: Double) -> [Float] {
    let reach = max(1, Int((3 * sigma).rounded(.up)))
    let weights = (-reach...reach).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let total = weights.reduce(0, +)
    let kernel = weights.map { Float($0 / total) }
    func along(_ values: [Float], step: Int, length: Int, place: (Int) -> Int) -> [Float] {
      values.indices.map { index in
        let own = place(index)
        return kernel.indices.reduce(Float(0)) { sum, tap in
          let other = min(max(own + tap - reach, 0), length - 1)
          return sum + kernel[tap] * values[index + (other - own) * step]
        }
      }
    }
    let rows = along(window, step: 1, length: width) { $0 % width }
    return along(rows, step: width, length: height) { $0 / width % height }
  }

  /// Root mean square of the pixels of each frame, lag 0 first.
  package func contrastByLag(_ window: [Float]) -> [Double] {
    (0..<time).map { lag in
      let sum = (0..<channels).reduce(0.0) { sum, channel in
        let start = (channel * time + lag) * plane
        return sum + window[start..<start + plane].reduce(0.0) { $0 + Double($1) * Double($1) }
      }
      return (sum / Double(channels * plane)).squareRoot()
    }
  }

  /// The first channel's pixels at one lag.
  package func image(_ window: [Float], lag: Int) -> ArraySlice<Float> { window[lag * plane..<(lag + 1) * plane] }
}
