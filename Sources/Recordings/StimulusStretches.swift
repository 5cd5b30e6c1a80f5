import Base

/// Some frames, with the images before them and the responses to them.
///
/// Shapes: `images` `[row, channel, height, width]`, one for each of `rows`; `counts`, `mask` `[row, cell]`, 0 in rows
/// that only show what came before a frame.
public struct ShownStretch: Sendable {
  /// The requested frames, ascending.
  public var frames: [Int]
  /// The row of each requested frame. The `lagCount` - 1 rows before it show the frames before it.
  public var places: [Int]
  /// The frame of every row, ascending.
  public var rows: [Int]
  public var images: Tensor
  public var counts: [Float]
  public var mask: [Float]
}

extension Stimulus {
  /// Those of `frames` whose window of lags 0 to `lagCount` - 1 is complete: it does not begin before the recording,
  /// lies within one trial (where trials are known), and has valid gaze throughout (where `dpi_valid` is known).
  ///
  /// The data filter `valid_nlags` with as many lags already ensures this.
  ///
  /// - Throws: as `trialIDs`.
  public func framesWithWholeWindows(_ frames: [Int], lagCount: Int) throws -> [Int] {
    let trials = hasTrials ? try trialIDs() : nil
    let gaze = source.info("dpi_valid") == nil ? nil : try source.doubles("dpi_valid")
    if let gaze, gaze.count != frameCount {
      throw Failure(.mismatch, "\(label): `dpi_valid` has \(gaze.count) entries for \(frameCount) frames")
    }
    // For each frame, the first frame of its unbroken run.
    var first = [Int](repeating: 0, count: frameCount)
    for frame in 0..<frameCount {
      if let gaze, !(gaze[frame] > 0) {
        first[frame] = frame + 1
      } else if frame > 0, trials.map({ $0[frame] == $0[frame - 1] }) ?? true {
        first[frame] = first[frame - 1]
      } else {
        first[frame] = frame
      }
    }
    return frames.filter { (0..<frameCount).contains($0) && first[$0] <= $0 - lagCount + 1 }
  }

  /// Calls `body` with `frames`, ascending, and the images of up to `lagCount` - 1 frames before each; a limited number
  /// of rows at a time.
  ///
  /// - Throws: `Failure(.missing)` for a frame outside the recording or without a whole window; what reading throws.
  public func eachStretch(
    of frames: [Int], lagCount: Int, rowLimit: Int, _ body: (ShownStretch) throws -> Void
  ) throws {
    let cells = cellCount
    try eachSpan(of: frames) { span in
      var start = 0
      while start < span.frames.count {
        var rows: [Int] = []
        var places: [Int] = []
        var end = start
        while end < span.frames.count {
          let frame = span.frames[end]
          guard frame >= lagCount - 1 else {
            throw Failure(.missing, "\(label): the window of frame \(frame) begins before the recording")
          }
          let lead = max(frame - lagCount + 1, rows.last.map { $0 + 1 } ?? 0)
          if end > start, rows.count + frame - lead + 1 > rowLimit { break }
          if lead <= frame { rows.append(contentsOf: lead...frame) }
          places.append(rows.count - 1)
          end += 1
        }
        var counts = [Float](repeating: 0, count: rows.count * cells)
        var mask = counts
        for (index, place) in places.enumerated() {
          let source = (start + index) * cells
          for cell in 0..<cells {
            counts[place * cells + cell] = span.counts.values[source + cell]
            mask[place * cells + cell] = span.mask.values[source + cell]
          }
        }
        try body(
          ShownStretch(
            frames: Array(span.frames[start..<end]), places: places, rows: rows, images: images(rows: rows),
            counts: counts, mask: mask))
        start = end
      }
    }
  }
}
