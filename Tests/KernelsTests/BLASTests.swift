import Foundation
import Kernels
import Testing

@Suite struct BLASTests {
  @Test("Products agree with three loops", arguments: [false, true], [false, true]) func productsAgreeWithThreeLoops(
    _ transposeA: Bool, _ transposeB: Bool
  ) {
    let random = RandomValues(seed: 1)
    let (m, n, k) = (5, 7, 3)
    let a = random.floats(40)
    let b = random.floats(60)
    let before = random.floats(60)
    var c = before
    BLAS.sgemm(
      m: m, n: n, k: k, alpha: 2, a: a, aOffset: 1, lda: 6, transposeA: transposeA, b: b, bOffset: 2, ldb: 8,
      transposeB: transposeB, beta: 0.5, c: &c, cOffset: 3, ldc: 9)
    var expected = before
    for i in 0..<m {
      for j in 0..<n {
        var sum = 0.0
        for l in 0..<k {
          sum +=
            Double(a[1 + (transposeA ? l * 6 + i : i * 6 + l)]) * Double(b[2 + (transposeB ? j * 8 + l : l * 8 + j)])
        }
        expected[3 + i * 9 + j] = Float(2 * sum + 0.5 * Double(before[3 + i * 9 + j]))
      }
    }
    #expect(zip(c, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test("A vector product adds to its target") func vectorProductsAddToWhatIsThere() {
    var y: [Float] = [1, 1]
    BLAS.sgemv(rows: 2, columns: 3, a: [1, 2, 3, 4, 5, 6], x: [1, 0, -1], beta: 1, y: &y)
    #expect(y == [-1, -1])
  }

  @Test("Positive definite systems are solved") func positiveDefiniteSystemsAreSolved() throws {
    let x = try #require(BLAS.dposv([4, 1, 1, 3], [1, 2]))
    #expect(abs(x[0] - 1.0 / 11) < 1e-14 && abs(x[1] - 7.0 / 11) < 1e-14)
  }

  @Test("Several right sides have the solutions of each") func severalRightSides() throws {
    let x = try #require(BLAS.dposv([4, 1, 1, 3], [1, 3, 2, 4], columns: 2))
    let (first, second) = (
      try #require(BLAS.dposv([4, 1, 1, 3], [1, 2])), try #require(BLAS.dposv([4, 1, 1, 3], [3, 4]))
    )
    #expect(x.count == 4)
    for (found, expected) in zip(x, [first[0], second[0], first[1], second[1]]) {
      #expect(abs(found - expected) < 1e-14)
    }
    #expect(BLAS.dposv([1, 2, 2, 1], [1, 1, 1, 1], columns: 2) == nil)
  }

  @Test("A system that is not positive definite has no solution") func otherSystemsHaveNoSolution() {
    #expect(BLAS.dposv([1, 2, 2, 1], [1, 1]) == nil)
  }

  @Test("Eigenvectors of a symmetric matrix make it again") func eigenvectorsOfASymmetricMatrixMakeItAgain() throws {
    let n = 6
    let a = RandomValues(seed: 3).floats(4 * n).map { Double($0) }
    var matrix = [Double](repeating: 0, count: n * n)
    BLAS.addGram(a, rows: 4, columns: n, to: &matrix)
    // What stands in the upper triangle is not read.
    var garbled = matrix
    for row in 0..<n { for column in (row + 1)..<max(n, row + 1) { garbled[row * n + column] = 99 } }
    let (values, vectors) = try #require(BLAS.dsyevd(garbled, size: n))
    #expect(values == values.sorted())
    // Four rows span four dimensions.
    #expect(abs(values[0]) < 1e-14 && abs(values[1]) < 1e-14 && values[2] > 1e-6)
    for row in 0..<n {
      for column in 0...row {
        let gram = (0..<4).reduce(0.0) { $0 + a[$1 * n + row] * a[$1 * n + column] }
        let again = (0..<n).reduce(0.0) { $0 + values[$1] * vectors[$1 * n + row] * vectors[$1 * n + column] }
        #expect(abs(matrix[row * n + column] - gram) < 1e-14)
        #expect(abs(again - gram) < 1e-14)
      }
    }
  }

  @Test("A matrix that is not finite has no eigenvectors") func aMatrixThatIsNotFiniteHasNoEigenvectors() {
    #expect(BLAS.dsyevd([1, 0, .nan, 1], size: 2) == nil)
  }

  @Test("Modern processors run on one of two cores, so that those with the same vector units give the same bits")
  func core() {
    #expect(!BLAS.coreName.isEmpty)
    #if arch(x86_64)
      if ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil {
        #expect(["SkylakeX", "Haswell"].contains(BLAS.coreName))
      }
    #endif
  }
}
