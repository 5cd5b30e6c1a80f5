/// Contour lines on a grid, by marching squares.
enum Contour {
  /// An edge between two neighbouring grid points that the contour crosses.
  private struct Edge: Hashable {
    var y: Int
    var x: Int
    /// Whether the edge leads from (y, x) downwards; otherwise it leads to the right.
    var isVertical: Bool
  }

  /// The longest closed contour at `level`; points in pixels, in order. The grid gets a border of the value `outside`, which
  /// lies below the level, so that every contour closes.
  static func longest(
    _ values: [Double], height: Int, width: Int, level: Double, outside: Double
  ) -> [(x: Double, y: Double)] {
    func value(_ y: Int, _ x: Int) -> Double {
      (0..<height).contains(y) && (0..<width).contains(x) ? values[y * width + x] : outside
    }
    var neighbours: [Edge: [Edge]] = [:]
    var order: [Edge] = []
    for y in -1..<height {
      for x in -1..<width {
        for (a, b) in segments(y, x, { value($0, $1) >= level }) {
          for (edge, next) in [(a, b), (b, a)] {
            if neighbours[edge] == nil { order.append(edge) }
            neighbours[edge, default: []].append(next)
          }
        }
      }
    }
    var seen: Set<Edge> = []
    var longest: [Edge] = []
    for start in order where !seen.contains(start) {
      var line: [Edge] = []
      var edge: Edge? = start
      while let here = edge {
        seen.insert(here)
        line.append(here)
        edge = neighbours[here]?.first { !seen.contains($0) }
      }
      if line.count > longest.count { longest = line }
    }
    return longest.map { edge in
      let (from, to) = (value(edge.y, edge.x), edge.isVertical ? value(edge.y + 1, edge.x) : value(edge.y, edge.x + 1))
      let share = from == to ? 0.5 : min(1, max(0, (level - from) / (to - from)))
      return edge.isVertical
        ? (x: Double(edge.x), y: Double(edge.y) + share) : (x: Double(edge.x) + share, y: Double(edge.y))
    }
  }

  /// The pieces of contour in the square whose upper left corner is (y, x).
  private static func segments(_ y: Int, _ x: Int, _ isAbove: (Int, Int) -> Bool) -> [(Edge, Edge)] {
    let corners = [isAbove(y, x), isAbove(y, x + 1), isAbove(y + 1, x + 1), isAbove(y + 1, x)]
    let top = Edge(y: y, x: x, isVertical: false)
    let right = Edge(y: y, x: x + 1, isVertical: true)
    let bottom = Edge(y: y + 1, x: x, isVertical: false)
    let left = Edge(y: y, x: x, isVertical: true)
    switch corners {
    // Opposite corners are not connected, like pixels that share no side.
    case [true, false, true, false]: return [(left, top), (right, bottom)]
    case [false, true, false, true]: return [(top, right), (bottom, left)]
    default:
      let edges = [top, right, bottom, left]
      let crossed = edges.indices.filter { corners[$0] != corners[($0 + 1) % 4] }
      return crossed.count == 2 ? [(edges[crossed[0]], edges[crossed[1]])] : []
    }
  }
}
