import Base
import Foundation
import Kernels

/// Weighted mean and covariance of frames, accumulated in float64 because whitening divides by the smallest variances.
///
/// Formula: `mu = sum w x / sum w`, `C = sum w (x - mu)(x - mu)^T / sum w`.
/// Shapes: images `[row, pixel]`, weights `[row]`.
public struct FrameCovariance: Sendable {
  public let pixelCount: Int
  private var weight = 0.0
  private var sums: [Double]
  /// Lower triangle of sum w (x - shift)(x - shift)^T.
  private var products: [Double]
  /// A frame near the mean, subtracted from each frame so that the sums lose no precision.
  private var shift: [Float]?

  public init(pixelCount: Int) {
    self.pixelCount = pixelCount
    sums = [Double](repeating: 0, count: pixelCount)
    products = [Double](repeating: 0, count: pixelCount * pixelCount)
  }

  /// - Throws: `Failure(.undefined)` where a pixel is not finite.
  public mutating func add(images: [Float], weights: [Float]) throws {
    precondition(images.count == weights.count * pixelCount, "\(weights.count) rows of \(pixelCount) pixels")
    guard pixelCount > 0, let first = weights.firstIndex(where: { $0 > 0 }) else { return }
    guard images.allSatisfy(\.isFinite) else {
      throw Failure(.undefined, "the stimulus has pixels that are not finite")
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

  /// The transform that removes correlations between pixels.
  ///
  /// Formula: `W = V diag((lambda + ridge)^(-1/2)) V^T` for `C = V diag(lambda) V^T`, with negative eigenvalues set to 0; the
  /// mean square of pixel p after whitening is `sum_i V_pi^2 lambda_i / (lambda_i + ridge)`.
  /// Source: VisionCore's `estimate_spatial_whitener`.
  ///
  /// - Throws: `Failure(.undefined)` where no frame was added.
  public func whitener(ridge: Double = 0.01) throws -> SpatialWhitener {
    guard weight > 0, let shift else { throw Failure(.undefined, "no frames to estimate the whitening from") }
    let offset = sums.map { $0 / weight }
    var covariance = products
    for row in 0..<pixelCount {
      for column in 0...row {
        covariance[row * pixelCount + column] =
          covariance[row * pixelCount + column] / weight - offset[row] * offset[column]
      }
    }
    guard let (values, vectors) = BLAS.dsyevd(covariance, size: pixelCount) else {
      throw Failure(.undefined, "the eigenvectors of the covariance of \(pixelCount) pixels can't be computed")
    }
    // W = A A^T with A = V diag((lambda + ridge)^(-1/4)).
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

/// The whitening transform of `FrameCovariance`.
public struct SpatialWhitener: Sendable {
  /// mu of each pixel.
  public let mean: [Double]
  /// Mean square of each pixel after whitening.
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
