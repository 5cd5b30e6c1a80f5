import Base
import Fitting
import Testing

@Suite("A penalty for each cell by cross-validation")
struct PenaltyPathTests {
  private func path(_ data: SimulatedFeatures, rows: Int = 300) throws -> PenaltyPath {
    try PenaltyPath(
      over: [10, 1e-4], features: FeatureArray(data.features), counts: data.counts, mask: data.mask,
      trainRows: Array(0..<rows), frames: Array(0..<rows), trials: (0..<rows).map { $0 / 20 }, rateHz: 20,
      options: ReadoutRefitOptions())
  }

  @Test("A cell that follows the features gets a small penalty, one that does not a large one, side by side")
  func byCell() throws {
    var data = SimulatedFeatures(rows: 400)
    for row in 0..<400 { data.counts.values[2 * row + 1] = data.counts.values[2 * ((row * 171 + 13) % 400)] }
    let made = try path(data)
    #expect(made.penalties == [1e-4, 10] && made.best == [1e-4, 10])
  }

  @Test("A channel that holds the counts of the held-out rows changes neither the choice nor the fit")
  func oracle() throws {
    var data = SimulatedFeatures(rows: 400)
    let (train, held) = (Array(0..<300), Array(300..<400))
    func fitted() throws -> [CellReadout] {
      var options = ReadoutRefitOptions(starts: 2)
      options.l2ByCell = try path(data).best.map { $0 ?? 0 }
      return try data.fit(train: train, val: held, options: options)
    }
    let before = try fitted()
    for row in held {
      for pixel in 0..<42 { data.features.values[(row * 3 + 2) * 42 + pixel] = 10 * data.counts.values[2 * row] }
    }
    let after = try fitted()
    #expect(before.count == 2 && after.count == 2)
    #expect(zip(before, after).allSatisfy { $0.features == $1.features && $0.l2 == $1.l2 && $0.bias == $1.bias })
    // The planted channel is seen by the scores alone.
    #expect(before[0].nllVal != after[0].nllVal)
  }
}
