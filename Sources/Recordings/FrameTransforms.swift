import Base

/// Transforms that each need only a few frames before and after. So a part of a recording can be transformed from the
/// frames around it, with the same numbers as from the whole recording.
struct FrameTransforms: Sendable {
  private let steps: [(transform: any Transform, reach: ClosedRange<Int>)]
  private let frameCount: Int

  /// Frames in one block, where a number is computed over the whole recording.
  private static let blockFrames = 256

  /// - Parameter read: reads the rows to which the first transform is applied.
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
        throw Failure(.unsupported, "the transform \(type(of: transform).name) needs the whole recording at once")
      }
      prepared = FrameTransforms(steps: prepared.steps + [(transform, reach)], frameCount: frameCount)
    }
    self = prepared
  }

  private init(steps: [(transform: any Transform, reach: ClosedRange<Int>)], frameCount: Int) {
    self.steps = steps
    self.frameCount = frameCount
  }

  /// The largest number of frames that are read in addition to the requested ones.
  var margin: Int { steps.reduce(0) { $0 + $1.reach.count - 1 } }

  /// - Shapes: `[time, …]`, one row for each of `rows`
  func frames(_ rows: Range<Int>, read: (Range<Int>) throws -> Tensor) throws -> Tensor {
    // From the last transform to the first: the rows that each one needs.
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
          "transform \(type(of: step.transform).name) returns \(values.shape.first ?? 0) frames for \(given.count)")
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
