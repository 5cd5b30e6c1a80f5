import Kernels
import Testing

@Suite("Products with few rows or columns")
struct SmallProductsTests {
  private let random = RandomValues(seed: 7)

  @Test(
    "Sums of products agree with three loops",
    arguments: [(1, 1, 1), (2, 5, 3), (6, 16, 4), (7, 37, 5), (20, 196, 9), (13, 20, 2)])
  func add(m: Int, n: Int, k: Int) {
    let (lda, ldb, ldc) = (m + 2, n + 3, n + 1)
    let a = random.floats(1 + k * lda)
    let b = random.floats(2 + k * ldb)
    let before = random.floats(3 + m * ldc)
    var c = before
    SmallProducts.add(
      m: m, n: n, k: k, a: a, aOffset: 1, lda: lda, b: b, bOffset: 2, ldb: ldb, to: &c, cOffset: 3, ldc: ldc)
    var expected = before
    for i in 0..<m {
      for j in 0..<n {
        var sum = Double(before[3 + i * ldc + j])
        for l in 0..<k { sum += Double(a[1 + l * lda + i]) * Double(b[2 + l * ldb + j]) }
        expected[3 + i * ldc + j] = Float(sum)
      }
    }
    // Numbers up to 1 in sums of up to 10.
    #expect(zip(c, expected).allSatisfy { abs($0 - $1) < 2e-6 })
  }

  @Test("The lower triangle of a product with itself agrees with that of the whole", arguments: [5, 24, 50])
  func lower(size: Int) {
    let a = random.floats(8 * size)
    var (part, whole) = ([Float](repeating: 0, count: size * size), [Float](repeating: 0, count: size * size))
    SmallProducts.addLower(size: size, columns: size, k: 8, a: a, lda: size, b: a, ldb: size, to: &part, ldc: size)
    SmallProducts.add(m: size, n: size, k: 8, a: a, lda: size, b: a, ldb: size, to: &whole, ldc: size)
    for row in 0..<size {
      for column in 0...row { #expect(part[row * size + column] == whole[row * size + column]) }
    }
    #expect(whole.contains { $0 != 0 })
  }

  @Test("Maps times a panel agree with loops", arguments: [1, 4, 8, 9, 16, 20], [1, 6, 13])
  func project(columns: Int, rows: Int) {
    let (pixels, distance) = (11, 14)
    let maps = random.floats(2 + rows * distance)
    let columnValues = random.floats(pixels * columns)
    let panel = SmallProducts.Panel(pixels: pixels, columns: columns) { Double(columnValues[$0 * columns + $1]) }
    // Rows beside each other, columns apart, with a gap.
    var out = [Float](repeating: -9, count: 1 + columns * (rows + 1))
    SmallProducts.project(
      maps, offset: 2, distance: distance, rows: rows, on: panel, to: &out, outOffset: 1, rowStep: 1,
      columnStep: rows + 1)
    #expect(out[0] == -9 && out[1 + rows] == -9)
    for row in 0..<rows {
      for column in 0..<columns {
        let sum = (0..<pixels).reduce(0.0) {
          $0 + Double(maps[2 + row * distance + $1]) * Double(columnValues[$1 * columns + column])
        }
        #expect(abs(Double(out[1 + column * (rows + 1) + row]) - sum) < 2e-6)
      }
    }
  }
}
