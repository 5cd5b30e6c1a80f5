/// Position and size of a receptive field at one lag.
///
/// Formula: the envelope is `e = sqrt(blur(z^2))`; the blur, binomial (1 4 6 4 1)/16 along both axes (sd 1 px), merges the
/// lobes of a field. The region is the set of connected pixels (through their sides) around the envelope's peak that lie
/// above the level half way between its median (the upper one of an even count) and its peak. `area` is their number, the
/// centre their mean position weighted by `e - median`, the outline the contour at that level.
/// Units: pixels; row 0 is the top, whole numbers are the pixels' centres.
/// Source: ours; the contour function that VisionCore uses is not public.
public struct FieldRegion: Sendable {
  public let centerY: Double
  public let centerX: Double
  public let area: Int
  /// A closed line of points, in order.
  public let outline: [(x: Double, y: Double)]
  /// Position of the envelope's peak.
  public let peak: (y: Int, x: Int)

  package init(_ z: [Double], height: Int, width: Int) {
    let envelope = Self.blurred(z.map { $0 * $0 }, height: height, width: width).map { $0.squareRoot() }
    let sorted = envelope.sorted()
    let median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    let top = envelope.indices.reduce(0) { envelope[$1] > envelope[$0] ? $1 : $0 }
    let level = (median + (envelope.isEmpty ? 0 : envelope[top])) / 2
    let region = Self.connected(from: top, height: height, width: width) { envelope[$0] >= level }
    var (sum, y, x) = (0.0, 0.0, 0.0)
    for pixel in region.indices where region[pixel] {
      let weight = envelope[pixel] - median
      sum += weight
      y += weight * Double(pixel / width)
      x += weight * Double(pixel % width)
    }
    peak = (top / max(1, width), top % max(1, width))
    centerY = sum > 0 ? y / sum : Double(peak.y)
    centerX = sum > 0 ? x / sum : Double(peak.x)
    area = region.count { $0 }
    // Pixels above the level that are not connected to the peak must not enter the outline.
    let own = envelope.indices.map { region[$0] ? envelope[$0] : min(envelope[$0], level.nextDown) }
    outline = Contour.longest(own, height: height, width: width, level: level, outside: median)
  }

  private static func blurred(_ values: [Double], height: Int, width: Int) -> [Double] {
    let taps = [1.0, 4, 6, 4, 1].map { $0 / 16 }
    func pass(_ values: [Double], _ count: Int, _ index: (Int, Int) -> Int, _ lines: Int) -> [Double] {
      var out = values
      for line in 0..<lines {
        for place in 0..<count {
          // Pixels beyond the edge repeat the edge's value.
          out[index(line, place)] = taps.indices.reduce(0) { sum, tap in
            sum + taps[tap] * values[index(line, min(count - 1, max(0, place + tap - 2)))]
          }
        }
      }
      return out
    }
    let rows = pass(values, width, { $0 * width + $1 }, height)
    return pass(rows, height, { $1 * width + $0 }, width)
  }

  private static func connected(
    from start: Int, height: Int, width: Int, where isIn: (Int) -> Bool
  ) -> [Bool] {
    var found = [Bool](repeating: false, count: height * width)
    guard found.indices.contains(start) else { return found }
    found[start] = true
    var open = [start]
    while let pixel = open.popLast() {
      let (y, x) = (pixel / width, pixel % width)
      for (nextY, nextX) in [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)] {
        guard (0..<height).contains(nextY), (0..<width).contains(nextX) else { continue }
        let next = nextY * width + nextX
        if !found[next], isIn(next) {
          found[next] = true
          open.append(next)
        }
      }
    }
    return found
  }
}
