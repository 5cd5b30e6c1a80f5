import Base

/// The axis over which a norm takes its mean: channels, unless `target_dim` says otherwise.
enum NormAxis: String, Sendable {
  case channels, time, height, width

  /// Reads `target_dim`, an axis of `[batch, channel, time, height, width]`.
  ///
  /// - Throws: `unsupported` for the batch axis, a list, or an axis that is not there.
  init(_ options: inout Section) throws {
    guard options.has("target_dim"), let axis = try options.int("target_dim") else {
      self = .channels
      return
    }
    switch axis {
    case 1, -4: self = .channels
    case 2, -3: self = .time
    case 3, -2: self = .height
    case 4, -1: self = .width
    default:
      throw Failure(.unsupported, "\(options.path("target_dim")): \(axis) is not an axis of one sample (1 to 4)")
    }
  }
}

extension Features {
  /// Every line along `axis`, replaced by what `body` makes of it.
  mutating func mapLines(along axis: NormAxis, _ body: ([Float]) -> [Float]) {
    mapLines(along: axis, with: self) { line, _ in body(line) }
  }

  /// Every line along `axis`, replaced by what `body` makes of it and of the same line of `other`.
  mutating func mapLines(along axis: NormAxis, with other: Features, _ body: ([Float], [Float]) -> [Float]) {
    let sizes = [shape.time, shape.channels, shape.height, shape.width]
    let strides = [shape.frame, shape.plane, shape.width, 1]
    let position = axis == .time ? 0 : axis == .channels ? 1 : axis == .height ? 2 : 3
    let size = sizes[position]
    let stride = strides[position]
    guard size > 0 else { return }
    for start in 0..<values.count where start / stride % size == 0 {
      let places = (0..<size).map { start + $0 * stride }
      let line = body(places.map { values[$0] }, places.map { other.values[$0] })
      for (index, value) in line.enumerated() { values[start + index * stride] = value }
    }
  }
}
