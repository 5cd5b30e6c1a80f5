import Base
import Metrics
import Testing

struct CellScoresTests {
  /// Three cells: one well predicted, one silent, one with a constant prediction.
  let predictions = Predictions(
    cids: [7, 3, 12], frames: [0, 1, 2, 3],
    rates: Tensor(shape: [4, 3], values: [0.1, 0.2, 0.5, 0.9, 0.1, 0.5, 0.2, 0.3, 0.5, 1.5, 0.1, 0.5]),
    counts: Tensor(shape: [4, 3], values: [0, 0, 1, 1, 0, 0, 0, 0, 0, 2, 0, 1]),
    mask: Tensor(shape: [4, 3], values: [Float](repeating: 1, count: 12)), rateHz: 120)

  @Test("Each cell's scores are those of its own series")
  func scoresOfSeries() throws {
    let scores = try evaluate(predictions)
    #expect(scores.map(\.cid) == [7, 3, 12])
    for (index, cell) in scores.enumerated() {
      let series = MaskedSeries(predictions, cell: index)
      #expect(cell.bitsPerSpike == BitsPerSpike.score(series))
      #expect(cell.r == PearsonCorrelation.score(series))
      #expect(cell.nll == NegativeLogLikelihood.score(series))
      #expect(cell.rateHz == FiringRate.score(series))
    }
  }

  @Test("A reason that two scores share is given once")
  func reasons() throws {
    #expect(try evaluate(predictions).map(\.reason) == [nil, "no spikes", "constant prediction"])
  }

  @Test("The table has its columns in order, and null where a score is undefined")
  func tableColumns() throws {
    let table = CellScores.shape().table(try evaluate(predictions))
    #expect(table.names == ["cid", "spikes", "rate_hz", "bits_per_spike", "r", "nll", "reason"])
    #expect(table["spikes"]?.typeName == "int")
    #expect(CellScores.shape().signatures.last?.help == "Why a score is null")
    #expect(table.record(1)["bits_per_spike"] == .null)
    #expect(table.record(1)["reason"] == .string("no spikes"))
  }

  @Test("Null rates are given in the order of the cells")
  func nullRates() throws {
    let scores = try evaluate(predictions, nullMeans: [0.3, 0.1, 0.2])
    #expect(scores[0].bitsPerSpike == BitsPerSpike.score(MaskedSeries(predictions, cell: 0), nullMean: 0.3))
    #expect(scores[2].bitsPerSpike == BitsPerSpike.score(MaskedSeries(predictions, cell: 2), nullMean: 0.2))
  }
}
