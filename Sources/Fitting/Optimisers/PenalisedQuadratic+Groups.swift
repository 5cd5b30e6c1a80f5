import Kernels

extension PenalisedQuadratic {
  private static let mostHalvings = 30

  func length(_ group: Group) -> Double {
    group.members.reduce(0) { $0 + number($1.part, $1.index) * number($1.part, $1.index) }.squareRoot()
  }

  /// A group to 0 where that is its minimum, or else to the minimum of a quadratic above q that is diagonal in it.
  mutating func shrink(_ place: Int) {
    let group = groups[place]
    let slopesAtZero = slopesAtZero(group)
    func size(_ member: Group.Member) -> Double {
      parts[member.part].sizes.isEmpty ? 0 : parts[member.part].sizes[member.index]
    }
    let pullAtZero = zip(group.members, slopesAtZero).reduce(0.0) { sum, entry in
      let pull = Self.shrunk(entry.1, by: size(entry.0))
      return sum + pull * pull
    }
    guard pullAtZero.squareRoot() > group.factor else {
      for member in group.members { move(member.part, member.index, to: -parts[member.part].point[member.index]) }
      return
    }
    let pulls = zip(group.members, curvatures[place]).map { member, curvature in
      Self.shrunk(
        curvature * number(member.part, member.index) - slopes[member.part][member.index], by: size(member))
    }
    guard pulls.reduce(0, { $0 + $1 * $1 }).squareRoot() > group.factor else { return }
    // The group's new length is where these factors make it that long.
    func isLonger(than length: Double) -> Bool {
      let ratio = zip(pulls, curvatures[place]).reduce(0.0) { sum, entry in
        let part = entry.0 / (entry.1 * length + group.factor)
        return sum + part * part
      }
      return ratio > 1
    }
    var (low, high) = (0.0, 1e-6)
    while isLonger(than: high), high < 1e12 { (low, high) = (high, 4 * high) }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if isLonger(than: middle) { low = middle } else { high = middle }
    }
    for (member, (pull, curvature)) in zip(group.members, zip(pulls, curvatures[place])) {
      move(
        member.part, member.index,
        to: pull * high / (curvature * high + group.factor) - parts[member.part].point[member.index])
    }
  }

  /// The quadratic's gradient by a group's members where all of them are 0, and all else is as it is.
  private func slopesAtZero(_ group: Group) -> [Double] {
    let byPart = Dictionary(grouping: group.members, by: \.part)
    return group.members.map { member in
      let matrix = parts[member.part].matrix
      let line = member.index * parts[member.part].point.count
      return (byPart[member.part] ?? []).reduce(slopes[member.part][member.index]) {
        $0 - matrix[line + $1.index] * number(member.part, $1.index)
      }
    }
  }

  /// A Newton step of all numbers of all fits where q is smooth: together, because a group's length binds its members.
  ///
  /// The second derivatives of a length are `f (1 / |x| - x xᵀ / |x|³)`, so the matrix is that of each fit alone minus a product
  /// of few columns, one for each group. Each fit goes as far as the first of its numbers that comes to a corner or bound.
  ///
  /// - Returns: whether nothing got in the way.
  mutating func polishTogether() -> Bool {
    let lengths = groups.map(length)
    let active = groups.indices.filter { lengths[$0] > 0 }
    let columns = active.count
    let free = parts.indices.map(smooth)
    // Of each fit: its own steps and, behind them, those of the columns.
    var solved: [[Double]] = []
    var inner = [Double](repeating: 0, count: columns * columns)
    for column in 0..<columns { inner[column * columns + column] = 1 }
    var right = [Double](repeating: 0, count: columns)
    for part in parts.indices {
      let size = parts[part].point.count
      let count = free[part].count
      var row = [Int?](repeating: nil, count: size)
      for (place, index) in free[part].enumerated() { row[index] = place }
      var matrix = matrix(part, free[part])
      var sides = [Double](repeating: 0, count: count * (1 + columns))
      for (place, index) in free[part].enumerated() { sides[place * (1 + columns)] = -slope(part, index) }
      var entries: [(place: Int, column: Int, value: Double)] = []
      for (column, group) in active.enumerated() {
        let (factor, length) = (groups[group].factor, lengths[group])
        for member in groups[group].members where member.part == part {
          guard let place = row[member.index] else { continue }
          let number = number(part, member.index)
          matrix[place * count + place] += factor / length
          sides[place * (1 + columns)] -= factor / length * number
          let value = (factor / (length * length * length)).squareRoot() * number
          sides[place * (1 + columns) + 1 + column] = value
          entries.append((place, column, value))
        }
      }
      guard let own = BLAS.dposv(matrix, sides, columns: 1 + columns) else { return true }
      for entry in entries {
        right[entry.column] += entry.value * own[entry.place * (1 + columns)]
        for column in 0..<columns {
          inner[entry.column * columns + column] -= entry.value * own[entry.place * (1 + columns) + 1 + column]
        }
      }
      solved.append(own)
    }
    // Where rounding leaves the rest not positive, the lengths' parabolas alone.
    let shares = BLAS.dposv(inner, right) ?? right.map { _ in 0 }
    let changes = parts.indices.map { part in
      free[part].indices.map { place in
        let first = place * (1 + columns)
        return shares.indices.reduce(solved[part][first]) { $0 + solved[part][first + 1 + $1] * shares[$1] }
      }
    }
    return go(free, changes)
  }

  /// Goes along a direction in which q falls, as far as that is so.
  private mutating func go(_ free: [[Int]], _ changes: [[Double]]) -> Bool {
    let reaches = parts.indices.map { reach($0, free[$0], changes[$0]) }
    let isWhole = reaches.allSatisfy { $0.first == nil }
    let before = (value: value, steps: steps, slopes: slopes)
    for part in parts.indices {
      for (index, change) in zip(free[part], changes[part]) {
        let first = reaches[part].first
        move(
          part, index,
          to: index == first?.index ? first?.step ?? 0 : steps[part][index] + reaches[part].share * change)
      }
    }
    if value <= before.value { return isWhole }
    var share = reaches.reduce(1) { min($0, $1.share) }
    for _ in 0..<Self.mostHalvings {
      (steps, slopes) = (before.steps, before.slopes)
      for part in parts.indices {
        for (index, change) in zip(free[part], changes[part]) {
          move(part, index, to: steps[part][index] + share * change)
        }
      }
      if value <= before.value { return false }
      share /= 2
    }
    (steps, slopes) = (before.steps, before.slopes)
    return true
  }
}
