import Analysis
import Testing

@Suite struct TensorDifferenceTests {
  @Test("Distances of two vectors") func distancesOfTwoVectors() throws {
    let difference = TensorDifference([3, 4], [3, 0])
    #expect(difference.changed == 1)
    #expect(difference.largest == 4)
    #expect(difference.relative == 0.8)
    #expect(difference.cosine == 0.6)
  }

  @Test("Equal tensors are identical") func equalTensorsAreIdentical() {
    let difference = TensorDifference([0.1, .nan, .infinity], [0.1, .nan, .infinity])
    #expect(difference.changed == 0)
    #expect(difference.largest == 0)
  }

  @Test("Parts add up") func partsAddUp() {
    var sum = TensorDifference()
    sum.add(TensorDifference([3], [3]))
    sum.add(TensorDifference([4], [0]))
    #expect(sum == TensorDifference([3, 4], [3, 0]))
  }

  @Test("Undefined ratios have a reason") func undefinedRatiosHaveAReason() {
    #expect(TensorDifference([0, 0], [1, 0]).relative == nil)
    #expect(TensorDifference([0, 0], [1, 0]).reason == "one of them is 0 throughout")
    #expect(TensorDifference([1, 0], [.nan, 0]).largest == nil)
    #expect(TensorDifference([1, 0], [.nan, 0]).reason == "values that are not finite")
    #expect(TensorDifference([1, 0], [2, 0]).reason == nil)
  }
}
