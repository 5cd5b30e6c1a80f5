import Base
import Fitting
import Recordings

/// The stimulus itself as features: at each lag of the twin's window the frame, averaged over blocks of pixels.
///
/// - Shapes: `[row, channel x lag, height, width]`, at most `largestSide` blocks a side and `largestSize` values a row where
///   there are not more channels and lags, so that a regression on all of them stays feasible.
package struct PixelFeatures: FeatureSource {
  package static let largestSide = 10
  package static let largestSize = 3000

  private let stimulus: Stimulus
  private let frames: [Int]
  private let lagCount: Int
  package let channels: Int
  package let height: Int
  package let width: Int

  /// - Parameter frames: of each row.
  /// - Throws: `missing` where the lags of the stimulus are not known.
  package init(_ stimulus: Stimulus, frames: [Int]) throws {
    self.stimulus = stimulus
    self.frames = frames
    let (images, steps) = try stimulus.sharedWindows(frames: Array(frames.prefix(1)))
    lagCount = steps.first?.count ?? 0
    channels = images.shape[1] * lagCount
    let side = min(Self.largestSide, BlockAverages.side(channels: channels, size: Self.largestSize))
    height = min(images.shape[2], side)
    width = min(images.shape[3], side)
  }

  package var rowCount: Int { frames.count }

  package func block(_ rows: Range<Int>) throws -> [Float] {
    let (images, steps) = try stimulus.sharedWindows(frames: Array(frames[rows]))
    let small = BlockAverages.of(
      images.values, maps: images.shape[0] * images.shape[1], rows: images.shape[2], columns: images.shape[3],
      height: height, width: width)
    let size = images.shape[1] * height * width
    var values: [Float] = []
    values.reserveCapacity(rows.count * size * lagCount)
    for window in steps {
      for image in window { values.append(contentsOf: small[image * size..<(image + 1) * size]) }
    }
    return values
  }
}
