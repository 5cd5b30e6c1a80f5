import Base
import Testing

@Suite("Tensors")
struct TensorTests {
  let matrix = Tensor(shape: [3, 2], values: [0, 1, 10, 11, 20, 21])

  @Test("Rows and columns are cut out of the row-major values")
  func cuts() {
    #expect(matrix[row: 1] == Tensor(shape: [2], values: [10, 11]))
    #expect(matrix[rows: 1..<3] == Tensor(shape: [2, 2], values: [10, 11, 20, 21]))
    #expect(matrix.column(1) == [1, 11, 21])
    #expect(matrix.gathering(rows: [2, 0]) == Tensor(shape: [2, 2], values: [20, 21, 0, 1]))
  }

  @Test("Another shape keeps the values")
  func reshapes() {
    #expect(matrix.reshaped([2, 3]).values == matrix.values)
    #expect(Tensor(zeros: [2, 0, 3]).count == 0)
  }

  @Test("Predictions of some rows keep what belongs to each row")
  func predictionsByRows() {
    let counts = Tensor(shape: [3, 2], values: [1, 2, 3, 4, 5, 6])
    let mask = Tensor(shape: [3, 2], values: [0, 1, 1, 1, 1, 0])
    let predictions = Predictions(
      cids: [7, 9], frames: [4, 5, 6], trials: [0, 0, 1], trialBins: [0, 1, 0], rates: matrix, counts: counts,
      mask: mask, rateHz: 120)
    let some = predictions.gathering(rows: [2, 1])
    #expect(some.frames == [6, 5])
    #expect(some.trials == [1, 0])
    #expect(some.trialBins == [0, 1])
    #expect(some.rates.values == [20, 21, 10, 11])
    #expect(some.counts.values == [5, 6, 3, 4] && some.mask.values == [1, 0, 1, 1])
    #expect(some.cids == [7, 9] && some.rateHz == 120)
  }
}
