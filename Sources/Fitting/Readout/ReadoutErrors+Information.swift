import Foundation
import Kernels

extension ReadoutErrors {
  /// - Parameters:
  ///   - information: what a fit had of its loss at its end, penalties included, row-major; only the lower triangle is read.
  ///   - bins: of the loss, over the weight of their mean in it.
  ///   - bounds: of all numbers, as they were fitted.
  package init?(
    _ information: [Double], bins: Double, _ parameters: ReadoutParameters, bounds: [ClosedRange<Double>]
  ) {
    let size = parameters.vector.count
    let free = parameters.vector.indices.filter { index in
      let margin = 1e-6 * max(1, abs(parameters.vector[index]))
      return parameters.vector[index] > bounds[index].lowerBound + margin
        && parameters.vector[index] < bounds[index].upperBound - margin
    }
    guard bins > 0, information.count == size * size, !free.isEmpty else { return nil }
    var matrix = [Double](repeating: 0, count: free.count * free.count)
    let largest = free.reduce(0) { max($0, information[$1 * size + $1]) }
    for (row, i) in free.enumerated() {
      for (column, j) in free[...row].enumerated() {
        matrix[row * free.count + column] = bins * information[i * size + j]
      }
      matrix[row * free.count + row] += 1e-10 * largest * bins
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
