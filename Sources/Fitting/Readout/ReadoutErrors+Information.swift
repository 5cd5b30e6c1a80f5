import Foundation
import Kernels

extension ReadoutErrors {
  /// - Parameters:
  ///   - bounds: of all numbers, as they were fitted.
  ///   - l2: penalty on the squared weights for a mean loss with weight 1.
  package init?(_ sums: ReadoutSums, _ parameters: ReadoutParameters, bounds: [ClosedRange<Double>], l2: Double) {
    let size = parameters.vector.count
    let free = parameters.vector.indices.filter { index in
      let margin = 1e-6 * max(1, abs(parameters.vector[index]))
      return parameters.vector[index] > bounds[index].lowerBound + margin
        && parameters.vector[index] < bounds[index].upperBound - margin
    }
    guard sums.bins > 0, !free.isEmpty else { return nil }
    var matrix = [Double](repeating: 0, count: free.count * free.count)
    let largest = free.reduce(0) { max($0, sums.information[$1 * size + $1]) }
    for (row, i) in free.enumerated() {
      for (column, j) in free[...row].enumerated() {
        matrix[row * free.count + column] = sums.information[i * size + j]
      }
      matrix[row * free.count + row] += 1e-10 * largest + (i < parameters.channels ? 2 * l2 * sums.bins : 0)
    }
    func error(_ place: Int, scale: Double = 1) -> Double? {
      guard let row = free.firstIndex(of: parameters.channels + place) else { return nil }
      var unit = [Double](repeating: 0, count: free.count)
      unit[row] = 1
      guard let column = BLAS.dposv(matrix, unit), column[row] > 0 else { return nil }
      return column[row].squareRoot() * scale
    }
    let mask = parameters.mask
    meanY = error(1)
    meanX = error(2)
    stdY = error(3, scale: mask.stdY)
    stdX = error(4, scale: mask.stdX)
    theta = error(5)
  }
}
