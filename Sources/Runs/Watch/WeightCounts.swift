import Formats

/// What is counted of a stored tensor in one pass. It is read piece by piece: a watch has little memory.
struct WeightCounts {
  private(set) var notFinite = 0
  /// The norm of each channel; empty where the tensor has no channels.
  private(set) var norms: [Double] = []
  /// By limit: how many values are at it, or below it where it is the smallest that VisionCore allows.
  private(set) var atLimit: [Int]

  /// VisionCore keeps its readouts at least this wide: SEMANTICS 9.
  static let leastWidth = 1e-3
  /// Values this near to a limit, beside the limit or 1, are at it: float32 rounds them.
  private static let tolerance = 1e-5
  private static let pieceSize = 1 << 18

  /// - Parameters:
  ///   - channels: the length of the first axis, where its norms are wanted; else 0.
  ///   - limits: values at which a width may stand.
  /// - Throws: what is wrong with the file.
  init(_ array: StoredArray, channels: Int, limits: [Double]) throws {
    var (odd, squares): (Int, [Double]) = (0, [])
    var counts = [Int](repeating: 0, count: limits.count)
    // Values of one channel lie so many places apart from those of the next.
    let order = array.storageOrder
    let step = order.drop { $0 != 0 }.dropFirst().reduce(1) { $0 * array.shape[$1] }
    try array.forEachPiece(of: Self.pieceSize) { first, values in
      // Here the shape is known to fit the file.
      if squares.isEmpty, channels > 0 { squares = [Double](repeating: 0, count: channels) }
      odd += values.count { !$0.isFinite }
      if channels > 0, step > 0 {
        for (place, value) in values.enumerated() { squares[(first + place) / step % channels] += value * value }
      }
      for (place, limit) in limits.enumerated() { counts[place] += values.count { Self.isAt(limit, $0) } }
    }
    (notFinite, norms, atLimit) = (odd, squares.map { $0.squareRoot() }, counts)
  }

  private static func isAt(_ limit: Double, _ value: Double) -> Bool {
    limit <= leastWidth ? value <= limit * (1 + tolerance) : abs(value - limit) <= tolerance * max(1, limit)
  }
}
