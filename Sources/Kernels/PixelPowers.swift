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

  public init(images: [Float], rowWeights: [Float], pixelCount: Int) {
    let rows = rowWeights.count
    precondition(images.count == rows * pixelCount, "\(rows) rows of \(pixelCount) pixels in \(images.count) values")
    features = [Float](repeating: 0, count: 2 * images.count)
    first = [Double](repeating: 0, count: pixelCount)
    second = first
    fourth = first
    var sums = [Float](repeating: 0, count: 3 * pixelCount)
    images.withUnsafeBufferPointer { images in
      features.withUnsafeMutableBufferPointer { features in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let images = images.baseAddress, let features = features.baseAddress, let sums = sums.baseAddress
          else { return }
          for row in 0..<rows {
            Self.add(
              images + row * pixelCount, weight: rowWeights[row], features + 2 * row * pixelCount, sums, pixelCount)
            guard (row + 1) % Self.run == 0 || row + 1 == rows else { continue }
            for pixel in 0..<pixelCount {
              first[pixel] += Double(sums[pixel])
              second[pixel] += Double(sums[pixelCount + pixel])
              fourth[pixel] += Double(sums[2 * pixelCount + pixel])
            }
            for index in 0..<3 * pixelCount { sums[index] = 0 }
          }
        }
      }
    }
  }

  private static func add(
    _ image: UnsafePointer<Float>, weight: Float, _ features: UnsafeMutablePointer<Float>,
    _ sums: UnsafeMutablePointer<Float>, _ pixels: Int
  ) {
    for pixel in 0..<pixels {
      let value = image[pixel]
      let square = value * value
      features[pixel] = value
      features[pixels + pixel] = square
      sums[pixel] += weight * value
      sums[pixels + pixel] += weight * square
      sums[2 * pixels + pixel] += weight * square * square
    }
  }
}
