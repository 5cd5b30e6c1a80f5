import Base

/// Mean, contrast and temporal frequency of a part of a stimulus.
///
/// Units: pixel values as the twin sees them (transforms applied); temporal frequency in Hz.
public struct StimulusStatistics: Sendable, Equatable {
  /// Mean over pixels and frames.
  public var mean: Double
  /// Standard deviation over pixels, averaged over frames (RMS contrast).
  public var contrast: Double
  /// Root-mean-square temporal frequency, `rate / (2 pi) sqrt(mean (s_t - s_(t-1))^2 / var s)`, the variance over time
  /// around each pixel's mean. Nil for a single frame, and for a stimulus that does not change.
  ///
  /// Source: Rice 1944, the expected rate of crossings.
  public var temporalFrequency: Double?

  /// - Shapes: `[time, channel, height, width]`
  /// - Parameter rateHz: frames per second.
  public init?(_ images: Tensor, rateHz: Double) {
    let frames = images.shape.first ?? 0
    let pixels = images.rowCount
    guard frames > 0, pixels > 0 else { return nil }
    var pixelSums = [Double](repeating: 0, count: pixels)
    var pixelSquares = pixelSums
    var meanSum = 0.0
    var contrastSum = 0.0
    var change = 0.0
    for frame in 0..<frames {
      var sum = 0.0
      var squares = 0.0
      for pixel in 0..<pixels {
        let value = Double(images.values[frame * pixels + pixel])
        sum += value
        squares += value * value
        pixelSums[pixel] += value
        pixelSquares[pixel] += value * value
        if frame > 0 {
          let step = value - Double(images.values[(frame - 1) * pixels + pixel])
          change += step * step
        }
      }
      let frameMean = sum / Double(pixels)
      meanSum += frameMean
      contrastSum += max(0, squares / Double(pixels) - frameMean * frameMean).squareRoot()
    }
    mean = meanSum / Double(frames)
    contrast = contrastSum / Double(frames)
    let variation = pixelSums.indices.reduce(0.0) { total, pixel in
      total + max(0, pixelSquares[pixel] - pixelSums[pixel] * pixelSums[pixel] / Double(frames))
    }
    guard frames > 1, variation > 0 else { return }
    let meanChange = change / Double((frames - 1) * pixels)
    temporalFrequency = rateHz / (2 * .pi) * (meanChange / (variation / Double(frames * pixels))).squareRoot()
  }
}
