import Base
import Foundation
import RunLogs
import Runs
import Testing

@Suite struct RunSuggestionTests {
  private static let metric = RankingMetric(name: "val_bps")

  private func runs(_ points: [(a: Int, b: Int, score: Double)], hours: Double? = nil) -> [RunSummary] {
    points.enumerated().map { place, point in
      var run = RunSummary(kind: .lightning, folder: "r\(place)", files: [])
      (run.run, run.state, run.best, run.hours) = ("r\(place)", .finished, point.score, hours)
      run.parameters = [.init("a", .int(point.a)), .init("b", .int(point.b))]
      return run
    }
  }

  private func suggestion(_ runs: [RunSummary]) throws -> RunSuggestion {
    let compared = try ComparedRuns(runs, metric: Self.metric, score: { $0.best })
    let hours = Dictionary(uniqueKeysWithValues: runs.map { ($0.run, $0.hours) })
    return try RunSuggestion(compared) { hours[$0] ?? nil }
  }

  @Test("In simulated sweeps the first suggestion is on average better by half than a combination drawn at random")
  func beatsChance() throws {
    var generator = NumpyGenerator(seed: 3)
    var (chosen, random) = (0.0, 0.0)
    for _ in 0..<40 {
      let peak = (generator.integer(below: 6), generator.integer(below: 6))
      func truth(_ a: Int, _ b: Int) -> Double { -Double((a - peak.0) * (a - peak.0) + (b - peak.1) * (b - peak.1)) }
      let all = (0..<36).map { ($0 / 6, $0 % 6) }
      let order = generator.permutation(36)
      let points = order.prefix(14).map { (a: all[$0].0, b: all[$0].1, score: truth(all[$0].0, all[$0].1)) }
      let first = try #require(suggestion(runs(points)).rows.first).levels.compactMap(\.number).map { Int($0) }
      chosen += truth(first[0], first[1])
      random += order.dropFirst(14).reduce(0) { $0 + truth(all[$1].0, all[$1].1) } / 22
    }
    // Scores are 0 at best; a random choice misses it by about 11.
    #expect(chosen > 0.5 * random, "\(chosen / 40) against \(random / 40)")
  }

  @Test("No combination that was run is suggested, and rows are sorted by improvement an hour") func rows() throws {
    let points = [(0, 0), (0, 1), (1, 0), (2, 1), (2, 2), (1, 2)].map { (a: $0.0, b: $0.1, score: Double($0.0 + $0.1)) }
    let found = try suggestion(runs(points, hours: 2))
    #expect(found.rows.count == 3)
    #expect(!found.rows.contains { row in points.contains { row.levels.map(\.text) == ["\($0.a)", "\($0.b)"] } })
    #expect(zip(found.rows, found.rows.dropFirst()).allSatisfy { $0.worth >= $1.worth })
    #expect(
      found.rows.allSatisfy { $0.hours == 2 && abs($0.worth - $0.improvement / 2) < 1e-12 && $0.improvement >= 0 })
    #expect(abs(found.randomWorth - found.rows.reduce(0) { $0 + $1.worth } / 3) < 1e-12)
  }

  @Test("Too few runs and runs of different data are an error; a complete grid has no row") func none() throws {
    let all = (0..<9).map { (a: $0 / 3, b: $0 % 3, score: Double($0)) }
    #expect(throws: Failure.self) { try suggestion(runs(Array(all.prefix(5)))) }
    let complete = try suggestion(runs(all))
    #expect(complete.rows.isEmpty && complete.best == 8 && complete.randomWorth == 0)
    let mixed = runs(Array(all.prefix(8))).enumerated().map { place, run in
      var run = run
      run.parameters.append(.init("dataset", .string(place < 4 ? "x" : "y")))
      return run
    }
    #expect(throws: Failure.self) { try suggestion(mixed) }
  }
}
