import Base

/// Observed counts and mask on some frames of a stimulus.
///
/// Shapes: `counts`, `mask` `[time, cell]`, a row for each of `frames`.
public struct ObservedResponses: Sendable {
  public var frames: [Int]
  public var counts: Tensor
  public var mask: Tensor
}

extension Stimulus {
  /// The number of frames that are read at a time: a few megabytes, however long the recording is.
  static let spanFrames = 4096

  /// Calls `body` with counts and mask of `frames`, in their order, for a limited part of the recording at a time.
  ///
  /// - Throws: `Failure(.missing)` for a frame outside the recording; what reading throws.
  public func eachSpan(of frames: [Int], _ body: (ObservedResponses) throws -> Void) throws {
    if let outside = frames.first(where: { !(0..<frameCount).contains($0) }) {
      throw Failure(.missing, "\(label): there is no frame \(outside) among its \(frameCount)")
    }
    let filters = try maskFilters()
    var start = 0
    while start < frames.count {
      let span = frames[start] / Self.spanFrames
      var end = start + 1
      while end < frames.count, frames[end] / Self.spanFrames == span { end += 1 }
      let chosen = Array(frames[start..<end])
      let first = chosen.min() ?? 0
      let rows = first..<(chosen.max() ?? first) + 1
      let places = chosen.map { $0 - first }
      let (counts, mask) = try responses(rows: rows, filters: filters)
      try body(
        ObservedResponses(
          frames: chosen, counts: counts.gathering(rows: places), mask: mask.gathering(rows: places)))
      start = end
    }
  }

  /// Each cell's masked mean count over `frames`; nil for a cell without a valid bin among them.
  ///
  /// - Units: counts per bin
  /// - Throws: as `eachSpan`.
  package func meanCounts(over frames: [Int]) throws -> [Double?] {
    var sums = [(counts: Double, bins: Double)](repeating: (0, 0), count: cellCount)
    try eachSpan(of: frames) { span in
      let (counts, mask) = (span.counts.values, span.mask.values)
      for index in counts.indices where mask[index] > 0 {
        sums[index % cellCount].counts += Double(counts[index]) * Double(mask[index])
        sums[index % cellCount].bins += Double(mask[index])
      }
    }
    return sums.map { $0.bins > 0 ? $0.counts / $0.bins : nil }
  }
}
