import Base

/// Transforms that each reach a few frames back and ahead, so that a stretch of a recording can be had from the rows
/// around it, number for number as from the whole.
struct FrameTransforms: Sendable {
  private let steps: [(transform: any Transform, reach: ClosedRange<Int>)]
  private let frameCount: Int

  /// Rows of one block where something is gathered over the whole recording.
  private static let blockFrames = 256

  /// - Parameter read: the rows that the first transform is applied to.
  /// - Throws: `Failure(.unsupported)` where a transform needs the whole recording; what `read` throws.
  init(_ transforms: [any Transform], frameCount: Int, read: (Range<Int>) throws -> Tensor) throws {
    var prepared = FrameTransforms(steps: [], frameCount: frameCount)
    for transform in transforms {
      let transform = try transform.prepared { body in
        for start in stride(from: 0, to: frameCount, by: Self.blockFrames) {
          try body(prepared.frames(start..<min(start + Self.blockFrames, frameCount), read: read))
        }
      }
      guard let reach = transform.reach else {
        throw Failure(.unsupported, "\(type(of: transform).name) needs the whole recording")
      }
      prepared = FrameTransforms(steps: prepared.steps + [(transform, reach)], frameCount: frameCount)
    }
    self = prepared
  }

  private init(steps: [(transform: any Transform, reach: ClosedRange<Int>)], frameCount: Int) {
    self.steps = steps
    self.frameCount = frameCount
  }

  /// Rows that are read beside those that are asked for, at most.
  var margin: Int { steps.reduce(0) { $0 + $1.reach.count - 1 } }

  /// - Shapes: `[time, …]`, one row for each of `rows`
  func frames(_ rows: Range<Int>, read: (Range<Int>) throws -> Tensor) throws -> Tensor {
    // Backwards: what each transform must be given, so that the last one gives the rows.
    var needed = [rows]
    for step in steps.reversed() {
      let next = needed[needed.count - 1]
      needed.append(
        max(0, next.lowerBound + step.reach.lowerBound)..<min(frameCount, next.upperBound + step.reach.upperBound))
    }
    var given = needed.removeLast()
    var values = try read(given)
    for step in steps {
      values = try step.transform.apply(values)
      guard values.shape.first == given.count else {
        throw Failure(
          .unsupported,
          "transform \(type(of: step.transform).name) leaves \(values.shape.first ?? 0) of \(given.count) frames")
      }
      let kept = needed.removeLast()
      if kept != given {
        values = values[rows: kept.lowerBound - given.lowerBound..<kept.upperBound - given.lowerBound]
      }
      given = kept
    }
    return values
  }
}
