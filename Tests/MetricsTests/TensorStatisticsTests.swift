import Metrics
import Testing

@Suite struct TensorStatisticsTests {
  @Test("Size and spread are NumPy's") func sizeAndSpreadAreNumpys() throws {
    // numpy: norm sqrt(30), mean 1.2, std 2.1354156504062622
    let statistics = TensorStatistics([0, 1, -2, 3, 4])
    #expect(statistics.count == 5)
    #expect(abs(try #require(statistics.norm) - 30.0.squareRoot()) < 1e-15)
    #expect(abs(try #require(statistics.mean) - 1.2) < 1e-15)
    #expect(abs(try #require(statistics.sd) - 2.1354156504062622) < 1e-15)
    #expect(statistics.zeros == 0.2)
    #expect(statistics.notFinite == 0)
  }

  @Test("A small spread survives a large mean") func aSmallSpreadSurvivesALargeMean() throws {
    let statistics = TensorStatistics([1e9 - 1, 1e9 + 1])
    #expect(statistics.sd == 1)
  }

  @Test("Values that are not finite are counted and left out") func valuesThatAreNotFiniteAreCountedAndLeftOut() {
    let statistics = TensorStatistics([.nan, 3, .infinity, -3])
    #expect(statistics.notFinite == 2)
    #expect(statistics.mean == 0)
    #expect(statistics.sd == 3)
    #expect(statistics.zeros == 0)
  }

  @Test("What can't be computed is nil") func whatCantBeComputedIsNil() {
    #expect(TensorStatistics([]).mean == nil)
    #expect(TensorStatistics([]).zeros == nil)
    #expect(TensorStatistics([.nan]).norm == nil)
    #expect(TensorStatistics([1e200, 1e200]).norm == nil)
    #expect(TensorStatistics([1e200, 1e200]).mean == 1e200)
  }
}
