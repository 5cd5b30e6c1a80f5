import Base
import Foundation
import RunLogs
import Runs
import Testing

@Suite struct ForecastTests {
  /// Curves that fall to a floor of their own: fast ones early, whatever their length.
  private func courses(_ count: Int, sign: Double = 1) -> [RunForecast.Course] {
    var state: UInt64 = 7
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / Double(1 << 53)
    }
    return (0..<count).map { index in
      let (rate, floor, length) = (0.05 + 0.3 * random(), 0.2 + random(), [20, 40, 80][index % 3])
      let values = (0..<length).map { epoch in sign * (floor + exp(-rate * Double(epoch)) + 0.01 * random()) }
      return RunForecast.Course(run: "run\(index)", group: "", values: values, length: length)
    }
  }

  @Test("The forecast is nearer to the end than the best value so far", arguments: [1.0, -1.0])
  func medianBeatsBestSoFar(sign: Double) throws {
    let metric = RankingMetric(name: sign > 0 ? "val_loss" : "val_bps")
    let rows = try RunForecast(courses(90, sign: sign), metric: metric, after: 5).ended()
    let score = try #require(ForecastScore(rows))
    #expect(score.runs == 90)
    #expect(score.errorRatio < 0.3)
    #expect((0.7...0.9).contains(score.coverage))
    #expect(rows.allSatisfy { $0.lower <= $0.median && $0.median <= $0.upper })
  }

  @Test("A run's own end does not enter its forecast") func ownEndIsUnknown() throws {
    var runs = courses(40)
    let metric = RankingMetric(name: "val_loss")
    let before = try #require(RunForecast(runs, metric: metric, after: 5).ended().first)
    // The same first epochs and the same length, another end. The scale of all moves changes a little with it.
    for epoch in 10..<runs[0].values.count { runs[0].values[epoch] *= 0.999 }
    let after = try #require(RunForecast(runs, metric: metric, after: 5).ended().first)
    #expect(abs(before.median - after.median) < 1e-3 * before.median)
    #expect(before.actual != after.actual)
  }

  @Test("An unfinished run gets a forecast and a chance of being the best") func unfinished() throws {
    let all = courses(60)
    let metric = RankingMetric(name: "val_loss")
    let forecast = try RunForecast(Array(all.dropFirst()), metric: metric, after: 5)
    let whole = all[0]
    let row = try forecast.forecast(
      .init(run: "new", group: "", values: Array(whole.values.prefix(5)), length: whole.length))
    let end = try #require(whole.values.min())
    #expect(row.actual == nil)
    #expect(abs(row.median - end) < abs(row.bestSoFar - end))
    // The same course far below and far above all others: surely the best, surely not.
    func chance(scale: Double) throws -> Double {
      try #require(
        try forecast.forecast(
          .init(run: "new", group: "", values: whole.values.prefix(5).map { $0 * scale }, length: whole.length)
        ).chanceOfBest)
    }
    let chances = try [0.01, 1, 100].map(chance)
    #expect(
      chances[0] > 0.95 && chances[2] < 0.05 && chances[0] >= chances[1] && chances[1] >= chances[2], "\(chances)")
    #expect(row.chanceOfBest == chances[1])
    let far = try forecast.forecast(
      .init(run: "new", group: "", values: whole.values.prefix(5).map { $0 * 0.01 }, length: whole.length))
    #expect(far.isExtrapolated && far.chanceText == "above 99 %")
  }

  @Test("Too few runs are no ground for a forecast") func tooFew() {
    #expect(throws: Failure.self) {
      try RunForecast(courses(5), metric: RankingMetric(name: "val_loss"), after: 5)
    }
  }
}
