import Base
import Metrics
import Testing

/// Numbers of scipy 1.17.
struct ComparisonTests {
  static let eight = [2.3409, -2.2557, 0.7181, -0.2678, -0.1526, 0.0844, -1.72, 0.0681]
  static let twenty = [
    -0.5652, 3.623, 0.5258, -0.0526, 0.0187, -0.368, -0.7552, -0.0908, 0.7819, 0.0614, 1.2578, 0.1002, 0.3243, 1.8458,
    0.8451, -0.2052, 0.1172, 0.8405, 2.2351, 0.0304,
  ]
  static let tied = [1.0, 2, 2, -1, 0, 3, -2, 4, 1, 1]

  @Test(
    "Wilcoxon's test and the sign test equal scipy's",
    arguments: [
      (eight, 16.0, 0.84375, 1.0), (twenty, 51, 0.04405403137207031, 0.11531829833984375),
      (tied, 8.5, 0.12109375, 0.1796875),
    ]) func scipyTests(
      differences: [Double], statistic: Double, wilcoxon: Double, sign: Double
    ) throws
  {
    let test = try #require(WilcoxonSignedRank(differences))
    #expect(min(test.positive, test.negative) == statistic)
    #expect(abs(test.p - wilcoxon) < 1e-12)
    #expect(abs(try #require(SignTest(differences)).p - sign) < 1e-12)
  }

  @Test("Up to 50 differences p is exact, above it is the normal approximation with ties")
  func normalApproximation() throws {
    let differences = (0..<50).map { Double(($0 * 37) % 101) - 40.5 }
    // The share of all 2^50 choices of signs, and erfc((637.5 - ...) / ...), both computed in Python.
    let exact = try #require(WilcoxonSignedRank(differences)).p
    #expect(abs(exact - 0.03924521508592704) < 1e-10)
    let approximate = try #require(WilcoxonSignedRank(differences + [0.25])).p
    #expect(abs(approximate - 0.04147595945410158) < 1e-10)
  }

  @Test("The effect size is 1 where every difference is above 0, and 0 where they balance")
  func effectSize() throws {
    #expect(try #require(WilcoxonSignedRank([1, 2, 3])).effectSize == 1)
    #expect(try #require(WilcoxonSignedRank([1, -1])).effectSize == 0)
  }

  @Test("Without differences the tests are undefined")
  func equalScores() {
    #expect(WilcoxonSignedRank([0, 0]) == nil)
    #expect(SignTest([0, 0]) == nil)
  }

  @Test("False discovery rates equal scipy's, and gaps stay")
  func falseDiscovery() {
    let q = FalseDiscovery.adjusted([0.01, 0.04, nil, 0.03, 0.2, 0.005])
    let expected: [Double?] = [0.025, 0.05, nil, 0.05, 0.2, 0.025]
    #expect(q.count == expected.count)
    for (a, b) in zip(q, expected) { #expect((a == nil) == (b == nil) && abs((a ?? 0) - (b ?? 0)) < 1e-12) }
  }

  @Test("A cell with only one score is left out")
  func oneScore() throws {
    let comparison = try #require(PairedComparison([1, 2, nil, 5], baseline: [0, 1, 3, nil]))
    #expect(comparison.count == 2)
    #expect(comparison.mean == 1.5 && comparison.baselineMean == 0.5)
    #expect(comparison.meanDifference.mean == 1 && comparison.medianDifference == 1)
    #expect(comparison.standardizedDifference == nil)
    #expect(PairedComparison([nil], baseline: [1]) == nil)
    #expect(comparison.wilcoxon == nil)
    #expect(comparison.reason?.contains("too few cells for a test (fewest 4)") == true)
  }
}

struct RankCorrelationTests {
  @Test("Spearman's rho equals scipy's, with the mean rank for ties")
  func rho() throws {
    let correlation = try #require(
      RankCorrelation([1, 2, 2, 4, 5, 6, 7, 3.5], [2, 1, 4, 3, 7, 8, 6, 5]))
    #expect(abs(correlation.rho - 0.8024095954818835) < 1e-12)
    #expect(abs(correlation.p - 0.021527777777777778) < 1e-12)
  }

  @Test(
    "Up to 9 pairs p is the share of all orders that reach rho, ties included",
    arguments: [
      ([1, 2, 3, 4], [1, 2, 3, 4], 1 / 12), ([1, 2, 3, 4], [2, 1, 4, 3], 10 / 24),
      ([1, 1, 2, 3, 4], [5, 3, 4, 2, 2], 0.15),
    ] as [([Double], [Double], Double)]) func exactOrders(a: [Double], b: [Double], p: Double) throws
  {
    #expect(abs(try #require(RankCorrelation(a, b)).p - p) < 1e-12)
  }

  @Test("Above 9 pairs p equals scipy's, and is never below the share of one order and its reverse")
  func manyPairs() throws {
    let a = [3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8, 9.7, 7.1, 3.2]
    let b = [2, 7, 1.8, 2.8, 1, 8.2, 8.9, 4, 5, 9, 0.4, 5.2]
    let correlation = try #require(RankCorrelation(a, b))
    #expect(abs(correlation.rho + 0.08391608391608392) < 1e-12)
    #expect(abs(correlation.p - 0.7954145018538978) < 1e-10)
    let ten = (0..<10).map { Double($0) }
    #expect(abs(try #require(RankCorrelation(ten, ten)).p - 2 / 3_628_800.0) < 1e-15)
  }

  @Test("Where most values are tied, p of unrelated pairs is below 0.05 in at most 18 of 200 draws")
  func manyTies() throws {
    var generator = MersenneTwister(seed: 4)
    var wrong = 0
    for _ in 0..<200 {
      let pairs = (0..<12).map { _ in ((generator.normal() * 1.2).rounded(), (generator.normal() * 1.2).rounded()) }
      if try #require(RankCorrelation(pairs.map(\.0), pairs.map(\.1))).p < 0.05 { wrong += 1 }
    }
    // 2.6 standard errors above 5 %.
    #expect(wrong <= 18)
  }

  @Test("Student's t distribution equals scipy's")
  func studentT() {
    #expect(abs(StudentT.twoSided(2.5, freedom: 7) - 0.04099221858575289) < 1e-12)
    #expect(abs(StudentT.value(exceededWith: 0.05, freedom: 19) - 2.0930240544083087) < 1e-9)
    #expect(StudentT.twoSided(0, freedom: 3) == 1 && StudentT.twoSided(.infinity, freedom: 3) == 0)
  }

  @Test("With too few pairs, or a constant quantity, rho is undefined")
  func undefinedRho() {
    #expect(RankCorrelation([1, 2, 3], [1, 2, 3]) == nil)
    #expect(RankCorrelation([1, 1, 1, 1], [1, 2, 3, 4]) == nil)
  }
}

@Suite("Pareto front")
struct ParetoFrontTests {
  @Test("A setting is on the front unless another one is as good in everything and better in something")
  func members() {
    // Less of one for more of the other: all on the front; a beaten one and a worse copy are not, equals both are.
    #expect(
      ParetoFront.members(of: [[1, 3], [2, 2], [3, 1], [2, 1], [1, 1]]) == [true, true, true, false, false])
    #expect(ParetoFront.members(of: [[1, 1], [1, 1], [0, 1]]) == [true, true, false])
    #expect(ParetoFront.members(of: []).isEmpty)
  }
}
