import Base
import Fitting
import Foundation
import Synchronization
import Testing

@Suite("A linear-nonlinear model of features")
struct LinearNonlinearModelTests {
  private func rates(_ data: SimulatedFeatures, train: Int, all: Int) throws -> [[Float]?] {
    try LinearNonlinearModel(
      ratesOf: Array(train..<all), features: FeatureArray(data.features), counts: data.counts, mask: data.mask,
      trainRows: Array(0..<train), frames: Array(0..<train), trials: (0..<train).map { $0 / 20 }, rateHz: 20
    ).rates
  }

  private func correlation(_ rates: [Float], _ data: SimulatedFeatures, cell: Int, from first: Int) throws -> Double {
    var sums = CorrelationSums()
    for (row, rate) in rates.enumerated() {
      sums.add(rate: Double(rate), count: Double(data.counts.values[2 * (first + row) + cell]))
    }
    return try #require(sums.loss).r
  }

  @Test("It predicts held-out counts that follow the features, and gives the others nearly their mean rate")
  func predicts() throws {
    var data = SimulatedFeatures(rows: 1500, seed: 9)
    for row in 0..<1500 { data.counts.values[2 * row + 1] = data.counts.values[2 * ((row * 571 + 13) % 1500)] }
    let found = try rates(data, train: 1200, all: 1500)
    #expect(try correlation(#require(found[0]), data, cell: 0, from: 1200) > 0.3)
    let flat = try #require(found[1])
    let mean = Double(flat.reduce(0, +)) / 300
    let spread = (flat.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 300).squareRoot()
    #expect(spread < 0.2 * mean)
  }

  @Test("Counts of the rows that it predicts play no part, and a cell without spikes has no rates")
  func heldOut() throws {
    var data = SimulatedFeatures(rows: 500, seed: 9)
    for row in 0..<400 { data.counts.values[2 * row + 1] = 0 }
    let before = try rates(data, train: 400, all: 500)
    for row in 400..<500 { data.counts.values[2 * row] = 50 }
    #expect(try rates(data, train: 400, all: 500) == before)
    #expect(before[0] != nil && before[1] == nil)
  }

  private final class Steps: ProgressSink {
    let totals = Mutex<[Int]>([])
    let seen = Mutex<[Int]>([])
    func begin(_ title: String, total: Int, unit: String) { totals.withLock { $0.append(total) } }
    func advance(to done: Int) { seen.withLock { $0.append(done) } }
    func end() {}
  }

  @Test("Progress counts the training rows twice and the predicted ones once")
  func progress() throws {
    let data = SimulatedFeatures(rows: 500, seed: 9)
    let steps = Steps()
    _ = try LinearNonlinearModel(
      ratesOf: Array(400..<500), features: FeatureArray(data.features), counts: data.counts, mask: data.mask,
      trainRows: Array(0..<400), frames: Array(0..<400), trials: (0..<400).map { $0 / 20 }, rateHz: 20,
      work: Work(progress: steps))
    let seen = steps.seen.withLock { $0 }
    #expect(steps.totals.withLock { $0 } == [900] && seen.last == 900 && seen == seen.sorted())
  }

  @Test("Too few training rows are refused") func tooFew() throws {
    #expect(throws: Failure(.undefined, "the training trials are too few to fit a linear-nonlinear model")) {
      try rates(SimulatedFeatures(rows: 10), train: 1, all: 10)
    }
  }

  @Test("A feature that holds the counts of other rows changes nothing for the training rows")
  func oracle() throws {
    var data = SimulatedFeatures(rows: 600)
    func fitted() throws -> LinearNonlinearModel {
      try LinearNonlinearModel(
        ratesOf: Array(0..<400), features: FeatureArray(data.features), counts: data.counts, mask: data.mask,
        trainRows: Array(0..<400), frames: Array(0..<400), trials: (0..<400).map { $0 / 20 }, rateHz: 20)
    }
    let before = try fitted()
    for row in 400..<600 {
      data.counts.values[2 * row] += 3
      for pixel in 0..<42 { data.features.values[(row * 3 + 2) * 42 + pixel] = 10 * data.counts.values[2 * row] }
    }
    let after = try fitted()
    #expect(before.losses == after.losses && before.rates == after.rates)
    #expect(before.losses.allSatisfy { $0 != nil })
  }
}
