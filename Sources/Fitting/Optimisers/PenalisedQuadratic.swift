import Foundation
import Kernels

/// A convex quadratic in the steps of one or several fits, with penalties that have corners, inside boxes.
///
/// Formula: `q(d) = sum_k (g_k d_k + d_k A_k d_k / 2) + sum_i l_i |x_i + d_i| + sum_G f_G ||(x + d)_G||`. The numbers of a group
/// may belong to several fits; they and their boxes are free.
///
/// Each round goes through numbers and groups one after the other, each to its own minimum, which sets some to exactly 0; then to
/// the minimum over what is not 0, where the penalties are smooth: each fit alone, or with groups all together by a Newton step.
/// No round raises q.
/// Source: coordinate descent as in Friedman, Hastie and Tibshirani 2010; lengths as in Yuan and Lin 2006.
struct PenalisedQuadratic {
  struct Part {
    var point: [Double]
    var gradient: [Double]
    /// A, row-major, positive definite.
    var matrix: [Double]
    /// Of the steps.
    var bounds: [ClosedRange<Double>]
    /// l; none where empty.
    var sizes: [Double]
  }

  struct Group: Sendable, Equatable {
    struct Member: Sendable, Equatable {
      var part: Int
      var index: Int
    }

    var factor: Double
    var members: [Member]
  }

  let parts: [Part]
  let groups: [Group]
  /// Bounds of each member's curvature inside its group: sums of the row's sizes.
  let curvatures: [[Double]]
  let isGrouped: [[Bool]]
  var steps: [[Double]]
  /// Gradient of the quadratic at the steps.
  var slopes: [[Double]]

  private static let mostRounds = 200
  /// A round that gains less than this share of all that was gained is the last.
  private static let smallestShare = 1e-4

  init(_ parts: [Part], groups: [Group]) {
    self.parts = parts
    self.groups = groups
    steps = parts.map { $0.point.map { _ in 0 } }
    slopes = parts.map(\.gradient)
    var isGrouped = parts.map { $0.point.map { _ in false } }
    for member in groups.flatMap(\.members) { isGrouped[member.part][member.index] = true }
    self.isGrouped = isGrouped
    curvatures = groups.map { group in
      let byPart = Dictionary(grouping: group.members, by: \.part)
      return group.members.map { member in
        let part = parts[member.part]
        return (byPart[member.part] ?? []).reduce(0) {
          $0 + abs(part.matrix[member.index * part.point.count + $1.index])
        }
      }
    }
  }

  /// Minimises q; by how much it fell from no step at all.
  mutating func minimise() -> Double {
    let start = value
    var last = start
    for _ in 0..<Self.mostRounds {
      for part in parts.indices { sweep(part) }
      for group in groups.indices { shrink(group) }
      var isWhole = true
      if groups.isEmpty {
        for part in parts.indices where !polish(part) { isWhole = false }
      } else {
        isWhole = polishTogether()
      }
      let now = value
      if isWhole, last - now <= Self.smallestShare * (start - now) { break }
      last = now
    }
    return start - value
  }

  var value: Double {
    var sum = 0.0
    for (part, steps) in zip(parts.indices, steps) {
      for index in steps.indices {
        sum += steps[index] * (parts[part].gradient[index] + slopes[part][index]) / 2
        if !parts[part].sizes.isEmpty {
          sum += parts[part].sizes[index] * abs(parts[part].point[index] + steps[index])
        }
      }
    }
    return groups.reduce(sum) { $0 + $1.factor * length($1) }
  }

  func number(_ part: Int, _ index: Int) -> Double { parts[part].point[index] + steps[part][index] }

  mutating func move(_ part: Int, _ index: Int, to step: Double) {
    let change = step - steps[part][index]
    guard change != 0 else { return }
    steps[part][index] = step
    let size = steps[part].count
    for other in 0..<size { slopes[part][other] += parts[part].matrix[other * size + index] * change }
  }

  /// Each number alone to its minimum.
  private mutating func sweep(_ part: Int) {
    let own = parts[part]
    let size = own.point.count
    for index in 0..<size where !isGrouped[part][index] {
      let bounds = own.bounds[index]
      let curvature = own.matrix[index * size + index]
      guard bounds.lowerBound < bounds.upperBound, curvature > 0 else { continue }
      let free = number(part, index) - slopes[part][index] / curvature
      let best = Self.shrunk(free, by: own.sizes.isEmpty ? 0 : own.sizes[index] / curvature)
      move(part, index, to: min(max(best - own.point[index], bounds.lowerBound), bounds.upperBound))
    }
  }

  static func shrunk(_ value: Double, by amount: Double) -> Double {
    value > amount ? value - amount : value < -amount ? value + amount : 0
  }

  /// The numbers of a fit that are neither 0 nor at a bound: there q is smooth.
  func smooth(_ place: Int) -> [Int] {
    let part = parts[place]
    return part.point.indices.filter { index in
      let isCornered = isGrouped[place][index] || !part.sizes.isEmpty && part.sizes[index] > 0
      let step = steps[place][index]
      return part.bounds[index].lowerBound < step && step < part.bounds[index].upperBound
        && !(isCornered && number(place, index) == 0)
    }
  }

  /// Of such a number, with the penalty on its size.
  func slope(_ place: Int, _ index: Int) -> Double {
    let part = parts[place]
    let size = part.sizes.isEmpty ? 0 : part.sizes[index]
    return slopes[place][index] + (number(place, index) > 0 ? size : -size)
  }

  /// All numbers of a fit where q is smooth to their common minimum, or as far as the first that comes to a corner or bound.
  ///
  /// - Returns: whether nothing got in the way.
  private mutating func polish(_ place: Int) -> Bool {
    let free = smooth(place)
    guard !free.isEmpty else { return true }
    guard let change = BLAS.dposv(matrix(place, free), free.map { -slope(place, $0) }) else { return true }
    let (share, first) = reach(place, free, change)
    for (index, change) in zip(free, change) {
      move(place, index, to: index == first?.index ? first?.step ?? 0 : steps[place][index] + share * change)
    }
    return first == nil
  }

  /// The lower triangle of A over some numbers of a fit; row-major, with zeros above.
  func matrix(_ place: Int, _ chosen: [Int]) -> [Double] {
    let size = parts[place].point.count
    var matrix = [Double](repeating: 0, count: chosen.count * chosen.count)
    for (row, i) in chosen.enumerated() {
      for (column, j) in chosen[...row].enumerated() {
        matrix[row * chosen.count + column] = parts[place].matrix[i * size + j]
      }
    }
    return matrix
  }

  /// How far numbers can go along a direction, at most all the way, and which of them is the first at a corner or bound.
  func reach(_ place: Int, _ free: [Int], _ change: [Double]) -> (share: Double, first: (index: Int, step: Double)?) {
    let part = parts[place]
    var share = 1.0
    var first: (index: Int, step: Double)?
    for (index, change) in zip(free, change) where change != 0 {
      let step = steps[place][index]
      var ends = [change > 0 ? part.bounds[index].upperBound : part.bounds[index].lowerBound]
      if !part.sizes.isEmpty, part.sizes[index] > 0, number(place, index) * change < 0 {
        ends.append(-part.point[index])
      }
      for end in ends where (end - step) / change < share {
        share = (end - step) / change
        first = (index, end)
      }
    }
    return (share, first)
  }
}
