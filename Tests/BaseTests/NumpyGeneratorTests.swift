import Base
import Testing

struct NumpyGeneratorTests {
  /// `numpy.random.default_rng(seed)`, its first two permutations of 12.
  static let expected: [(seed: UInt32, first: [Int], second: [Int])] = [
    (0, [9, 2, 7, 4, 5, 11, 0, 3, 6, 10, 8, 1], [10, 9, 5, 4, 2, 7, 6, 1, 3, 11, 8, 0]),
    (42, [0, 7, 6, 9, 11, 3, 5, 2, 4, 10, 1, 8], [5, 11, 2, 4, 9, 7, 1, 8, 6, 10, 3, 0]),
  ]

  @Test("Permutations are numpy's, one after another", arguments: expected)
  func permutationsNumpyAfter(
    seed: UInt32, first: [Int], second: [Int]
  ) {
    var generator = NumpyGenerator(seed: seed)
    #expect(generator.permutation(12) == first)
    #expect(generator.permutation(12) == second)
  }

  @Test("A permutation has every integer once", arguments: [0, 1, 2, 7, 1000])
  func everyIntegerStands(count: Int) {
    var generator = NumpyGenerator(seed: 7)
    #expect(generator.permutation(count).sorted() == Array(0..<count))
  }
}
