import Base
import Foundation
import Kernels

/// Mean and covariance of frames, weighted, added up a stretch at a time in float64: the smallest variances decide what
/// whitening does.
///
/// Formula: `mu = sum w x / sum w`, `C = sum w (x - mu)(x - mu)^T / sum w`.
/// Shapes: images `[row, pixel]`, weights `[row]`.
public struct FrameCovariance: Sendable {
  public let pixelCount: Int
  private var weight = 0.0
  private var sums: [Double]
  /// Lower triangle of sum w (x - shift)(x - shift)^T.
  private var products: [Double]
  /// A frame near the mean: what is left of it keeps its digits.
  private var shift: [Float]?

  public init(pixelCount: Int) {
    self.pixelCount = pixelCount
    sums = [Double](repeating: 0, count: pixelCount)
    products = [Double](repeating: 0, count: pixelCount * pixelCount)
  }

  /// - Throws: `Failure(.undefined)` where an image holds what is not finite.
  public mutating func add(images: [Float], weights: [Float]) throws {
    precondition(images.count == weights.count * pixelCount, "\(weights.count) rows of \(pixelCount) pixels")
    guard pixelCount > 0, let first = weights.firstIndex(where: { $0 > 0 }) else { return }
    guard images.allSatisfy(\.isFinite) else {
      throw Failure(.undefined, "the stimulus holds pixels that are not finite")
    }
    let shift = self.shift ?? Array(images[first * pixelCount..<(first + 1) * pixelCount])
    self.shift = shift
    var scaled = [Double](repeating: 0, count: images.count)
    for (row, weight) in weights.enumerated() where weight > 0 {
      let root = Double(weight).squareRoot()
      self.weight += Double(weight)
      for pixel in 0..<pixelCount {
        let value = root * (Double(images[row * pixelCount + pixel]) - Double(shift[pixel]))
        scaled[row * pixelCount + pixel] = value
        sums[pixel] += root * value
      }
    }
    BLAS.addGram(scaled, rows: weights.count, columns: pixelCount, to: &products)
  }

  /// Takes correlations between pixels out of frames.
  ///
  /// Formula: `W = V diag((lambda + ridge)^(-1/2)) V^T` for `C = V diag(lambda) V^T`, negative eigenvalues taken as 0; the
  /// mean square of pixel p after it is `sum_i V_pi^2 lambda_i / (lambda_i + ridge)`.
  /// Source: VisionCore's `estimate_spatial_whitener`.
  ///
  /// - Throws: `Failure(.undefined)` without frames.
  public func whitener(ridge: Double = 0.01) throws -> SpatialWhitener {
    guard weight > 0, let shift else { throw Failure(.undefined, "no frame to whiten by") }
    let offset = sums.map { $0 / weight }
    var covariance = products
    for row in 0..<pixelCount {
      for column in 0...row {
        covariance[row * pixelCount + column] =
          covariance[row * pixelCount + column] / weight - offset[row] * offset[column]
      }
    }
    guard let (values, vectors) = BLAS.dsyevd(covariance, size: pixelCount) else {
      throw Failure(.undefined, "the covariance of \(pixelCount) pixels has no eigenvectors")
    }
    // W is the product of its own fourth-root factor with itself.
    var factor = vectors
    var meanSquare = [Double](repeating: 0, count: pixelCount)
    for index in 0..<pixelCount {
      let variance = max(0, values[index])
      let scale = pow(variance + ridge, -0.25)
      for place in index * pixelCount..<(index + 1) * pixelCount {
        meanSquare[place % pixelCount] += vectors[place] * vectors[place] * variance / (variance + ridge)
        factor[place] *= scale
      }
    }
    var triangle = [Double](repeating: 0, count: pixelCount * pixelCount)
    BLAS.addGram(factor, rows: pixelCount, columns: pixelCount, to: &triangle)
    let matrix = triangle.indices.map { place in
      let (row, column) = (place / pixelCount, place % pixelCount)
      return Float(triangle[max(row, column) * pixelCount + min(row, column)])
    }
    return SpatialWhitener(
      mean: zip(offset, shift).map { $0 + Double($1) }, meanSquare: meanSquare, matrix: matrix)
  }
}

/// What `FrameCovariance` finds.
public struct SpatialWhitener: Sendable {
  /// mu, for each pixel.
  public let mean: [Double]
  /// Of each pixel of whitened frames.
  public let meanSquare: [Double]
  /// W, row by row; symmetric.
  let matrix: [Float]

  /// `(x - mu) W` for each row.
  ///
  /// - Throws: `Failure.interrupted`.
  public func callAsFunction(_ images: [Float], work: Work = .silent) throws -> [Float] {
    let pixels = mean.count
    guard pixels > 0 else { return images }
    let rows = images.count / pixels
    let parts = max(1, min(rows, ProcessInfo.processInfo.activeProcessorCount))
    let shift = mean.map { Float($0) }
    return try Parallel.map(parts, work: work) { part in
      let range = rows * part / parts * pixels..<rows * (part + 1) / parts * pixels
      let centred = range.map { images[$0] - shift[$0 % pixels] }
      var out = [Float](repeating: 0, count: range.count)
      BLAS.sgemm(m: range.count / pixels, n: pixels, k: pixels, a: centred, b: matrix, c: &out)
      return out
    }.flatMap { $0 }
  }
}
