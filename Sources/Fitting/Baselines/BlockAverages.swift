/// Maps made smaller: each pixel of the result is the mean of a block of pixels.
package enum BlockAverages {
  /// The largest side of square maps of which `channels` together have at most `size` pixels; at least 1.
  package static func side(channels: Int, size: Int) -> Int {
    max(1, Int((Double(size) / Double(max(1, channels))).squareRoot()))
  }

  /// `[map, rows, columns]` -> `[map, height, width]`, where height and width are not larger.
  package static func of(
    _ values: [Float], maps: Int, rows: Int, columns: Int, height: Int, width: Int
  ) -> [Float] {
    var averages: [Float] = []
    averages.reserveCapacity(maps * height * width)
    for map in 0..<maps {
      for y in 0..<height {
        let (top, bottom) = (y * rows / height, (y + 1) * rows / height)
        for x in 0..<width {
          let (left, right) = (x * columns / width, (x + 1) * columns / width)
          var sum: Float = 0
          for row in top..<bottom {
            for column in left..<right { sum += values[(map * rows + row) * columns + column] }
          }
          averages.append(sum / Float((bottom - top) * (right - left)))
        }
      }
    }
    return averages
  }
}

/// Features whose maps are averaged over blocks, so that a regression on all of them stays feasible.
package struct PooledFeatures: FeatureSource {
  /// Values a row, where there are not more channels.
  package static let largestSize = 1000

  private let source: any FeatureSource
  package let height: Int
  package let width: Int

  package init(_ source: any FeatureSource) {
    self.source = source
    let side = BlockAverages.side(channels: source.channels, size: Self.largestSize)
    height = min(source.height, side)
    width = min(source.width, side)
  }

  package var rowCount: Int { source.rowCount }
  package var channels: Int { source.channels }

  package func block(_ rows: Range<Int>) throws -> [Float] {
    BlockAverages.of(
      try source.block(rows), maps: rows.count * channels, rows: source.height, columns: source.width, height: height,
      width: width)
  }
}
