import Base

/// Regression by a random forest: trees on resamples of the rows, each split by the best of five sixths of the columns.
///
/// Source: Breiman 2001, "Random forests"; the share of columns as in Hutter, Hoos and Leyton-Brown 2011. The spread of the trees tells how little the rows say about a place.
struct RandomForest {
  private struct Node {
    var column = -1
    var cut = 0.0
    var left = 0
    var right = 0
    var value = 0.0
  }

  private static let treeCount = 200
  /// Fewer rows are not split.
  private static let leastSplit = 3

  private let trees: [[Node]]
  /// Mean of the trees that did not see the row; nil where all did.
  let leftOut: [Double?]

  /// - Precondition: at least one row; all rows have as many columns.
  init(_ rows: [[Double]], _ targets: [Double], generator: inout NumpyGenerator) {
    let width = rows.first?.count ?? 0
    var trees: [[Node]] = []
    var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: rows.count)
    for _ in 0..<Self.treeCount {
      let sample = rows.map { _ in generator.integer(below: rows.count) }
      let tree = Self.tree(sample, rows, targets, width, &generator)
      let seen = Set(sample)
      for row in rows.indices where !seen.contains(row) {
        sums[row].sum += Self.value(tree, rows[row])
        sums[row].count += 1
      }
      trees.append(tree)
    }
    self.trees = trees
    leftOut = sums.map { $0.count > 0 ? $0.sum / Double($0.count) : nil }
  }

  private static func tree(
    _ sample: [Int], _ rows: [[Double]], _ targets: [Double], _ width: Int, _ generator: inout NumpyGenerator
  ) -> [Node] {
    var nodes = [Node()]
    var open = [(node: 0, members: sample)]
    while let (node, members) = open.popLast() {
      nodes[node].value = members.reduce(0) { $0 + targets[$1] } / Double(max(1, members.count))
      guard members.count >= leastSplit, width > 0 else { continue }
      var best: (gain: Double, column: Int, cut: Double)?
      let columns = generator.permutation(width).prefix(max(1, (5 * width + 5) / 6))
      for column in columns {
        let sorted = members.sorted { rows[$0][column] < rows[$1][column] }
        let total = sorted.reduce(0) { $0 + targets[$1] }
        var left = 0.0
        for place in 0..<sorted.count - 1 {
          left += targets[sorted[place]]
          let (here, next) = (rows[sorted[place]][column], rows[sorted[place + 1]][column])
          let (a, b) = (Double(place + 1), Double(sorted.count - place - 1))
          guard here < next else { continue }
          let gain = left * left / a + (total - left) * (total - left) / b - total * total / (a + b)
          if gain > best?.gain ?? 1e-12 { best = (gain, column, (here + next) / 2) }
        }
      }
      guard let best else { continue }
      nodes[node].column = best.column
      nodes[node].cut = best.cut
      (nodes[node].left, nodes[node].right) = (nodes.count, nodes.count + 1)
      nodes += [Node(), Node()]
      open.append((nodes[node].left, members.filter { rows[$0][best.column] <= best.cut }))
      open.append((nodes[node].right, members.filter { rows[$0][best.column] > best.cut }))
    }
    return nodes
  }

  private static func value(_ tree: [Node], _ row: [Double]) -> Double {
    var place = 0
    while tree[place].column >= 0 {
      place = row[tree[place].column] <= tree[place].cut ? tree[place].left : tree[place].right
    }
    return tree[place].value
  }

  /// Mean and standard deviation over the trees.
  func prediction(_ row: [Double]) -> (mean: Double, deviation: Double) {
    let values = trees.map { Self.value($0, row) }
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot())
  }
}
