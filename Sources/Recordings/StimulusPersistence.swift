import Base

extension Stimulus {
  /// How alike neighbouring frames are: the correlation of the pixels of each of `frames` with those of the frame before it,
  /// over all of them. 1 where every frame lasts, about 0 where every frame is new.
  ///
  /// Undefined: nil where no frame has one before it, or no pixel differs from the mean of its frame.
  /// - Throws: what reading the stimulus throws.
  package func frameCorrelation(_ frames: [Int]) throws -> Double? {
    var (product, first, second) = (0.0, 0.0, 0.0)
    for frame in frames where frame > 0 {
      let images = try images(rows: [frame - 1, frame])
      let pixels = images.rowCount
      guard pixels > 0 else { continue }
      let before = images.values[..<pixels].map(Double.init)
      let now = images.values[pixels...].map(Double.init)
      let means = [before, now].map { $0.reduce(0, +) / Double(pixels) }
      for (a, b) in zip(before, now) {
        product += (a - means[0]) * (b - means[1])
        first += (a - means[0]) * (a - means[0])
        second += (b - means[1]) * (b - means[1])
      }
    }
    return first > 0 && second > 0 ? product / (first * second).squareRoot() : nil
  }
}
