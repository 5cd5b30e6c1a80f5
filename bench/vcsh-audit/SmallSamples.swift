import Base
import Foundation
import Kernels
import Metrics

/// Intervals and tests over few cells or trials.
enum SmallSamples {
  /// Values of a distribution with a known mean and median.
  private struct Source: Sendable {
    var name: String
    var sigma: Double?
    var mean: Double { sigma.map { exp($0 * $0 / 2) } ?? 0 }
    var median: Double { sigma == nil ? 0 : 1 }

    func draw(_ count: Int, _ generator: inout MersenneTwister) -> [Double] {
      (0..<count).map { _ in
        let value = generator.normal()
        return sigma.map { exp($0 * value) } ?? value
      }
    }
  }

  private static let sources = [
    Source(name: "normal", sigma: nil), Source(name: "log-normal, sigma 0.5", sigma: 0.5),
    Source(name: "log-normal, sigma 1", sigma: 1),
  ]

  static func claims(_ effort: Int) throws -> [Claim] {
    var claims: [Claim] = []
    for source in sources {
      claims.append(
        .coverage(
          "95 % interval of a mean over 12 to 60 cells, \(source.name)", in: 0.92...0.97,
          try [12, 20, 40, 60].map { count in
            try coverage(1000 * effort, seed: UInt32(count)) { generator in
              let found = MeanInterval(source.draw(count, &generator))
              return holds(source.mean, found?.lower, found?.upper)
            }
          }))
      claims.append(
        .coverage(
          "95 % interval of a median over 5 to 60 cells, \(source.name)", in: 0.92...0.97,
          try [5, 6, 7, 8, 12, 20, 60].map { count in
            try coverage(4000 * effort, seed: UInt32(count)) { generator in
              let found = MedianBounds.interval(of: source.draw(count, &generator))
              return holds(source.median, found?.lower, found?.upper)
            }
          }))
    }
    claims.append(
      .coverage(
        "95 % interval of a mean with sessions weighted equally (4 of 5 cells, 3 of 12)", in: 0.92...0.97,
        try [[5, 5, 5, 5], [12, 12, 12]].map { sizes in
          let groups = sizes.enumerated().flatMap { [String](repeating: "s\($0.offset)", count: $0.element) }
          return try coverage(1000 * effort, seed: UInt32(groups.count)) { generator in
            let found = MeanInterval(sources[1].draw(groups.count, &generator), groups: groups)
            return holds(sources[1].mean, found?.lower, found?.upper)
          }
        }))
    let few = (0..<12).allSatisfy { MeanInterval((0..<$0).map { Double($0 * $0) })?.lower == nil }
    claims.append(
      Claim(
        name: "fewer than 12 cells: no interval of a mean, with a reason", promised: "always",
        measured: few ? "always" : "not always", holds: few))
    claims.append(
      .rate(
        "p of a rank correlation of 4 to 60 unrelated pairs is below 0.05", atMost: 0.05,
        try [4, 5, 6, 7, 8, 9, 10, 12, 20, 40, 60].map { count in
          try wrong(4000 * effort, seed: UInt32(count)) { generator in
            let (a, b) = (sources[2].draw(count, &generator), sources[0].draw(count, &generator))
            return (RankCorrelation(a, b)?.p ?? 1) < 0.05
          }
        }))
    claims.append(
      .rate(
        "the same with ties (three levels), below 0.01", atMost: 0.01,
        try [6, 9, 10, 20, 40].map { count in
          try wrong(4000 * effort, seed: UInt32(count)) { generator in
            let (a, b) = (sources[0].draw(count, &generator), sources[0].draw(count, &generator))
            return (RankCorrelation(a.map { ($0 * 1.2).rounded() }, b.map { ($0 * 1.2).rounded() })?.p ?? 1) < 0.01
          }
        }))
    claims.append(
      .rate(
        "p of a paired comparison of 4 to 60 cells without a difference is below 0.05", atMost: 0.05,
        try [4, 5, 6, 12, 40, 60].flatMap { count in
          try [true, false].map { isWilcoxon in
            try wrong(2000 * effort, seed: UInt32(count)) { generator in
              let zeros = [Double](repeating: 0, count: count)
              // The sign test alone may be used where differences are skewed.
              let values = sources[0].draw(count, &generator)
              guard let found = PairedComparison(values, baseline: zeros) else { return false }
              return ((isWilcoxon ? found.wilcoxon?.p : found.sign?.p) ?? 1) < 0.05
            }
          }
        }))
    return claims
  }

  private static func holds(_ truth: Double, _ lower: Double?, _ upper: Double?) -> Bool? {
    guard let lower, let upper else { return nil }
    return lower <= truth && truth <= upper
  }

  static func coverage(
    _ count: Int, seed: UInt32, _ body: @Sendable (inout MersenneTwister) throws -> Bool?
  ) throws -> (inside: Int, of: Int) {
    let found = try Parallel.map(count) { index in
      var generator = MersenneTwister(seed: seed &* 100_003 &+ UInt32(index))
      return try body(&generator)
    }.compactMap { $0 }
    return (found.count { $0 }, found.count)
  }

  static func wrong(
    _ count: Int, seed: UInt32, _ body: @Sendable (inout MersenneTwister) throws -> Bool
  ) throws -> (wrong: Int, of: Int) {
    let found = try coverage(count, seed: seed) { try body(&$0) }
    return (found.inside, found.of)
  }
}
