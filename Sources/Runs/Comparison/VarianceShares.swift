import Base

/// How the scores' variance is shared out among the axes, the seed and all else. The shares add up to 1.
///
/// Of the seed: the sum of squares of runs around the mean of the runs that are the same in all other settings. Of an
/// axis: by how much its levels lessen what a least-squares sum of axes leaves unexplained, as the mean over the orders in
/// which the axes can enter. The rest belongs to interactions, to settings that were not asked for, to differences within
/// the halves of a number, and, where nothing was repeated, to the seed. All as parts of the sum of squares around the mean.
///
/// Source: Lindeman, Merenda and Gold 1980 (mean over orders; in a balanced grid every order gives the same).
struct VarianceShares {
  struct Share: Equatable {
    var part: Double
    /// What it is on average where scores have nothing to do with settings: degrees of freedom over those of all runs.
    var byChance: Double
  }

  private(set) var axes: [String: Share] = [:]
  /// Nil where no two runs are the same in all but their seed.
  private(set) var seed: (share: Share, groups: Int)?
  private(set) var rest: Share?
  /// Whether the orders of the axes are a sample.
  private(set) var isSampled = false

  private static let orderLimit = 720
  /// More levels in all are not shared out: nearly every run would have one of its own.
  private static let columnLimit = 400

  init(_ runs: MatchedRuns) {
    let count = runs.scores.count
    let scores = Self.centred(runs.scores)
    let total = scores.reduce(0) { $0 + $1 * $1 }
    let columns = runs.axes.map { Self.columns(of: runs.levels[$0] ?? []) }
    let width = columns.reduce(0) { $0 + $1.count }
    guard count > 2, total > 0, width <= Self.columnLimit else { return }
    let products = CrossProducts(columns.flatMap(\.self), scores)
    let orders = Self.orders(of: columns.count, &isSampled)
    let places = Self.places(columns.map(\.count))
    var parts = [(squares: Double, freedom: Double)](repeating: (0, 0), count: columns.count)
    for order in orders {
      var left = products
      for axis in order {
        let taken = left.take(places[axis])
        parts[axis].squares += taken.squares / Double(orders.count)
        parts[axis].freedom += Double(taken.freedom) / Double(orders.count)
      }
    }
    var (squares, freedom) = (0.0, 0)
    for group in runs.repeats {
      squares += Self.centred(group).reduce(0) { $0 + $1 * $1 }
      freedom += group.count - 1
    }
    let all = Double(count - 1)
    for (axis, part) in zip(runs.axes, parts) {
      axes[axis] = Share(part: part.squares / total, byChance: part.freedom / all)
    }
    let given = parts.reduce((squares: squares, freedom: Double(freedom))) {
      ($0.squares + $1.squares, $0.freedom + $1.freedom)
    }
    if freedom > 0 {
      seed = (Share(part: squares / total, byChance: Double(freedom) / all), runs.repeats.count)
    }
    // Rounding may leave a little less than nothing.
    rest = Share(part: max(0, 1 - given.squares / total), byChance: max(0, 1 - given.freedom / all))
  }

  private static func centred(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    return values.map { $0 - mean }
  }

  /// A column for each level, 1 where a run has it, around its mean.
  private static func columns(of levels: [SettingLevel?]) -> [[Double]] {
    Set(levels.map { $0?.text ?? "" }).sorted().map { text in
      centred(levels.map { $0?.text ?? "" == text ? 1 : 0 })
    }
  }

  private static func places(_ counts: [Int]) -> [Range<Int>] {
    var start = 0
    return counts.map { count in
      defer { start += count }
      return start..<start + count
    }
  }

  /// All orders of so many axes; of very many, some at random.
  private static func orders(of count: Int, _ isSampled: inout Bool) -> [[Int]] {
    var orders: [[Int]] = [[]]
    for axis in 0..<count {
      orders = orders.flatMap { order in (0...order.count).map { Array(order[..<$0]) + [axis] + Array(order[$0...]) } }
      guard orders.count <= orderLimit else {
        isSampled = true
        var generator = NumpyGenerator(seed: 1002)
        return (0..<orderLimit).map { _ in generator.permutation(count) }
      }
    }
    return orders
  }
}

/// Products of columns with each other and with a target, from which columns are taken one after the other, as in
/// Cholesky's decomposition.
private struct CrossProducts {
  private let width: Int
  private var columns: [Double]
  private var target: [Double]
  private let sizes: [Double]

  init(_ values: [[Double]], _ scores: [Double]) {
    width = values.count
    columns = values.flatMap { a in values.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
    target = values.map { zip($0, scores).reduce(0) { $0 + $1.0 * $1.1 } }
    sizes = values.map { $0.reduce(0) { $0 + $1 * $1 } }
  }

  /// Removes what columns explain from the target and from all other columns; a column that others explain adds nothing.
  ///
  /// - Returns: by how much the target's sum of squares falls, and how many columns did something.
  mutating func take(_ places: Range<Int>) -> (squares: Double, freedom: Int) {
    var (squares, freedom) = (0.0, 0)
    for place in places {
      let pivot = columns[place * width + place]
      guard pivot > 1e-9 * sizes[place], pivot > 0 else { continue }
      squares += target[place] * target[place] / pivot
      freedom += 1
      let row = Array(columns[place * width..<(place + 1) * width])
      let own = target[place]
      for other in 0..<width where row[other] != 0 {
        let factor = row[other] / pivot
        for column in 0..<width { columns[other * width + column] -= factor * row[column] }
        target[other] -= factor * own
      }
    }
    return (squares, freedom)
  }
}
