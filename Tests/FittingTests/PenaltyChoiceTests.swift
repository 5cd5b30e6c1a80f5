import Base
import Fitting
import Foundation
import Testing

@Suite("Choosing a penalty inside the training trials")
struct PenaltyChoiceTests {
  private func choose(
    _ data: SimulatedFeatures, among penalties: [Double], rows: Int = 300
  ) throws -> PenaltyChoice {
    try PenaltyChoice(
      among: penalties, features: FeatureArray(data.features), counts: data.counts, mask: data.mask,
      trainRows: Array(0..<rows), frames: Array(0..<rows), trials: (0..<rows).map { $0 / 20 }, rateHz: 20)
  }

  @Test("Where counts follow the features a small penalty wins, where they do not a large one")
  func choice() throws {
    var data = SimulatedFeatures(rows: 400)
    #expect(try choose(data, among: [10, 1e-4]).best == 1e-4)
    // The same counts in another order do not depend on the features.
    data.counts = data.counts.gathering(rows: (0..<400).map { ($0 * 171 + 13) % 400 })
    let made = try choose(data, among: [10, 1e-4])
    #expect(made.best == 10)
    #expect(made.candidates.map(\.l2) == [10, 1e-4] && made.candidates.allSatisfy { $0.nll != nil })
  }

  @Test("Counts outside of the training rows play no part") func heldOut() throws {
    var data = SimulatedFeatures(rows: 400)
    let before = try choose(data, among: [0.01, 0.1])
    for row in 300..<400 { data.counts.values[row * 2] = 50 }
    #expect(try choose(data, among: [0.01, 0.1]) == before)
  }

  @Test("A single row gives no choice") func tooFew() throws {
    let made = try choose(SimulatedFeatures(rows: 10), among: [0.01, 0.1], rows: 1)
    #expect(made.best == nil && made.candidates.allSatisfy { $0.nll == nil })
  }

  @Test("A refit to counts that do not follow the features scores no better than a constant rate on held-out rows")
  func random() throws {
    var scores: [Double] = []
    for seed in 1...6 as ClosedRange<UInt32> {
      var data = SimulatedFeatures(rows: 400, cells: 4, seed: seed)
      data.counts = data.counts.gathering(rows: (0..<400).map { ($0 * 171 + 13) % 400 })
      scores += try data.fit(train: Array(0..<300), val: Array(300..<400)).compactMap(\.bitsPerSpikeVal)
    }
    let count = Double(scores.count)
    let mean = scores.reduce(0, +) / count
    let error = (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count).squareRoot()
    #expect(count == 24 && mean < 2 * error)
  }
}
