/// How much of the scores' variance goes with each axis, and with the seed.
///
/// Of an axis: how much more the least-squares sum of all axes' effects leaves unexplained without it (type II). Of the
/// seed: the variance of runs that are the same in all other settings, pooled over such groups, of the variance of all.
/// What is left belongs to interactions and to axes that can't be told apart.
struct VarianceShares {
  private(set) var axes: [String: Double] = [:]
  /// Nil where no two runs are the same in all but their seed.
  private(set) var seed: (share: Double, groups: Int)?

  init(_ runs: MatchedRuns) {
    let count = runs.scores.count
    let mean = runs.scores.reduce(0, +) / Double(max(1, count))
    let centred = runs.scores.map { $0 - mean }
    let total = centred.reduce(0) { $0 + $1 * $1 }
    guard count > 2, total > 0 else { return }
    func columns(of axis: String) -> [[Double]] {
      let levels = runs.levels[axis] ?? []
      return Set(levels.map { $0?.text ?? "" }).sorted().map { text in levels.map { $0?.text ?? "" == text ? 1 : 0 } }
    }
    let ones = [[Double]](repeating: Array(repeating: 1, count: count), count: 1)
    let all = Self.unexplained(centred, ones + runs.axes.flatMap(columns))
    for axis in runs.axes {
      let without = Self.unexplained(centred, ones + runs.axes.filter { $0 != axis }.flatMap(columns))
      axes[axis] = max(0, (without - all) / total)
    }
    let groups = runs.repeats
    guard !groups.isEmpty else { return }
    var (squares, freedom) = (0.0, 0)
    for group in groups {
      let mean = group.reduce(0, +) / Double(group.count)
      squares += group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      freedom += group.count - 1
    }
    // Where repeats scatter more than all runs, nothing is left for the settings.
    seed = (min(1, squares / Double(freedom) / (total / Double(count - 1))), groups.count)
  }

  /// Sum of squares of what a least-squares fit by the columns leaves, by Gram and Schmidt; dependent columns add nothing.
  private static func unexplained(_ values: [Double], _ columns: [[Double]]) -> Double {
    var basis: [[Double]] = []
    func without(_ vector: [Double]) -> [Double] {
      var rest = vector
      // Twice, against rounding.
      for _ in 0..<2 {
        for direction in basis {
          let part = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
          for index in rest.indices { rest[index] -= part * direction[index] }
        }
      }
      return rest
    }
    for column in columns {
      let rest = without(column)
      let (size, before) = (rest.reduce(0) { $0 + $1 * $1 }, column.reduce(0) { $0 + $1 * $1 })
      guard size > 1e-10 * before else { continue }
      basis.append(rest.map { $0 / size.squareRoot() })
    }
    return without(values).reduce(0) { $0 + $1 * $1 }
  }
}
