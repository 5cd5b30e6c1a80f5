/// Maximum or mean over windows that divide each axis into a given number of parts.
///
/// Part i of n covers floor(i size / n) ..< ceil((i + 1) size / n).
///
/// Shapes: `[time, channel, height, width]` -> the same with `parts` of time, height and width.
public struct AdaptivePooling: Sendable {
  public let kind: Pooling.Kind
  public let parts: [Int]

  /// - Precondition: `parts` of time, height and width.
  public init(_ kind: Pooling.Kind, parts: [Int]) {
    precondition(parts.count == 3)
    self.kind = kind
    self.parts = parts
  }

  public func callAsFunction(_ input: [Float], channels: Int, time: Int, height: Int, width: Int) -> [Float] {
    var out: [Float] = []
    out.reserveCapacity(channels * parts.reduce(1, *))
    forEachWindow(channels, time, height, width) { window in
      var sum = 0.0
      var largest = -Float.infinity
      forEachPlace(in: window) { place in
        let value = input[place]
        sum += Double(value)
        largest = value > largest || value.isNaN ? value : largest
      }
      out.append(kind == .maximum ? largest : Float(sum / Double(window.count)))
    }
    return out
  }

  /// From the output's gradient to the input's; a maximum's goes to the first of the largest values, as in torch.
  public func pullback(
    _ gradient: [Float], input: [Float], channels: Int, time: Int, height: Int, width: Int
  ) -> [Float] {
    var out = [Float](repeating: 0, count: input.count)
    var output = 0
    forEachWindow(channels, time, height, width) { window in
      defer { output += 1 }
      guard kind == .maximum else {
        let share = gradient[output] / Float(window.count)
        forEachPlace(in: window) { out[$0] += share }
        return
      }
      var best: Int?
      forEachPlace(in: window) { place in
        guard let known = best else {
          best = place
          return
        }
        if input[place] > input[known] || input[place].isNaN && !input[known].isNaN { best = place }
      }
      if let best { out[best] += gradient[output] }
    }
    return out
  }

  /// Ranges under one output, with the sizes that they lie in.
  private struct Window {
    var times: Range<Int>
    var rows: Range<Int>
    var columns: Range<Int>
    var channel: Int
    var channels: Int
    var height: Int
    var width: Int

    var count: Int { times.count * rows.count * columns.count }
  }

  /// Calls `body` for every output in its order.
  private func forEachWindow(_ channels: Int, _ time: Int, _ height: Int, _ width: Int, _ body: (Window) -> Void) {
    let windows = zip([time, height, width], parts).map { size, count in
      (0..<count).map { $0 * size / count..<(($0 + 1) * size + count - 1) / count }
    }
    for times in windows[0] {
      for channel in 0..<channels {
        for rows in windows[1] {
          for columns in windows[2] {
            body(
              Window(
                times: times, rows: rows, columns: columns, channel: channel, channels: channels, height: height,
                width: width))
          }
        }
      }
    }
  }

  private func forEachPlace(in window: Window, _ body: (Int) -> Void) {
    for time in window.times {
      let plane = (time * window.channels + window.channel) * window.height * window.width
      for row in window.rows {
        for column in window.columns { body(plane + row * window.width + column) }
      }
    }
  }
}
