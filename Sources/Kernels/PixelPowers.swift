import CKernels

/// Pixels beside their squares, and weighted sums of their powers.
///
/// Shapes: images `[row, pixel]`, `features` `[row, 2 pixel]`: values, then squares; the sums `[pixel]`.
public struct PixelPowers: Sendable {
  public private(set) var features: [Float]
  /// Sums over rows of weight x, weight x^2 and weight x^4.
  public private(set) var first: [Double]
  public private(set) var second: [Double]
  public private(set) var fourth: [Double]

  /// Rows whose sums are float32 before they are added up in float64.
  private static let run = 64
  /// Pixels that a core works on at a time; a pixel's sums do not depend on it.
  private static let width = 256

  public init(images: [Float], rowWeights: [Float], pixelCount: Int) {
    let rows = rowWeights.count
    precondition(images.count == rows * pixelCount, "\(rows) rows of \(pixelCount) pixels in \(images.count) values")
    var sums = [Double](repeating: 0, count: 3 * pixelCount)
    features = [Float](unsafeUninitializedCapacity: 2 * images.count) { features, filled in
      filled = 2 * images.count
      images.withUnsafeBufferPointer { images in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let images = images.baseAddress, let features = features.baseAddress, let sums = sums.baseAddress
          else { return }
          // Every piece writes to its own pixels.
          nonisolated(unsafe) let (source, target, total) = (images, features, sums)
          try? Parallel.forEach((pixelCount + Self.width - 1) / Self.width) { piece in
            let first = piece * Self.width
            let count = min(Self.width, pixelCount - first)
            var part = [Float](repeating: 0, count: 3 * Self.width)
            part.withUnsafeMutableBufferPointer { part in
              guard let part = part.baseAddress else { return }
              for row in 0..<rows {
                let target = target + 2 * row * pixelCount + first
                ck_pixel_powers(
                  source + row * pixelCount + first, rowWeights[row], target, target + pixelCount, part, Self.width,
                  count)
                guard (row + 1) % Self.run == 0 || row + 1 == rows else { continue }
                for power in 0..<3 {
                  for pixel in 0..<count {
                    total[power * pixelCount + first + pixel] += Double(part[power * Self.width + pixel])
                    part[power * Self.width + pixel] = 0
                  }
                }
              }
            }
          }
        }
      }
    }
    first = Array(sums[..<pixelCount])
    second = Array(sums[pixelCount..<2 * pixelCount])
    fourth = Array(sums[(2 * pixelCount)...])
  }
}
