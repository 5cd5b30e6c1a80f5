import Formats
import Foundation
import Metrics
import TestSupport
import Testing

@Suite("Time profiles")
struct TimeProfileTests {
  func profile(_ weights: [Double], rateHz: Double? = 100, lags: [Int]? = nil) -> TimeProfile {
    TimeProfile(lags: lags ?? Array(weights.indices), rateHz: rateHz, rows: 1) { weights[$1] }
  }

  func near(_ value: Double?, _ expected: Double, within tolerance: Double = 1e-12) -> Bool {
    value.map { abs($0 - expected) <= tolerance } ?? false
  }

  @Test("A filter of one sign has the values computed by hand")
  func lowPass() {
    let filter = profile([0, 3, 4, 0])
    #expect(filter.energy == [0, 9, 16, 0])
    #expect(near(filter.weightAtLag0, 0))
    #expect(near(filter.peakMs, 20))
    #expect(near(filter.meanMs, 16.4))
    #expect(near(filter.recentHalf, 9.0 / 25))
    #expect(near(filter.dcShare, 49.0 / 100))
    #expect(near(filter.highPass, 0))
    #expect(near(filter.peakHz, 0))
  }

  @Test("A filter that sums to 0 passes no constant")
  func highPass() {
    let filter = profile([1, -1])
    #expect(near(filter.dcShare, 0))
    #expect(near(filter.highPass, 1))
    #expect(near(filter.peakHz, 50))
    #expect(near(filter.weightAtLag0, 0.5))
  }

  @Test("Equal weights have all power at 0 Hz; a single lag passes all frequencies equally")
  func extremes() {
    #expect(near(profile([2, 2, 2]).dcShare, 1))
    #expect(near(profile([0, 1, 0, 0]).dcShare, 0.25))
    #expect(near(profile([0, 1, 0, 0]).highPass, 0))
    #expect(near(profile([5]).dcShare, 1))
  }

  @Test("The power equals that of a plain sum, and Parseval's theorem holds")
  func spectrum() throws {
    let rows = [[0.3, -1.2, 0.7, 2, -0.4, 0, 0.1, 1], [1, 0.5, -0.25, 0.3, 0, -2, 0.6, 0.2]]
    let filter = TimeProfile(lags: Array(0..<8), rateHz: 80, rows: 2) { rows[$0][$1] }
    let spectrum = try #require(filter.spectrum)
    #expect(spectrum.hz.first == 0 && spectrum.hz.last == 40 && spectrum.power.count == spectrum.hz.count)
    for (hz, power) in zip(spectrum.hz, spectrum.power) {
      let expected = rows.reduce(0.0) { sum, row in
        let re = row.enumerated().reduce(0) { $0 + $1.element * cos(2 * .pi * hz / 80 * Double($1.offset)) }
        let im = row.enumerated().reduce(0) { $0 + $1.element * sin(2 * .pi * hz / 80 * Double($1.offset)) }
        return sum + re * re + im * im
      }
      #expect(abs(power - expected) < 1e-9)
    }
    // Sixteen of the 128 steps around the circle make one of the eight frequencies of a transform.
    let inner = stride(from: 16, to: 64, by: 16).reduce(0) { $0 + 2 * spectrum.power[$1] }
    let all = spectrum.power[0] + inner + spectrum.power[64]
    #expect(abs(all - 8 * filter.energy.reduce(0, +)) < 1e-9)
  }

  @Test("The order in which lags are given does not matter")
  func order() {
    let ascending = profile([1, 2, -3])
    let mixed = profile([-3, 1, 2], lags: [2, 0, 1])
    #expect(mixed == ascending)
  }

  @Test("For rows of equal energy the standard error is that of a mean")
  func standardError() {
    let rows = [[1.0, 0, 0], [0, 0, 1]]
    let tries = TimeProfile(lags: [0, 1, 2], rateHz: 1000, rows: 2) { rows[$0][$1] }
    #expect(near(tries.meanMs, 1))
    #expect(near(tries.meanStandardErrorMs, 1))
    #expect(profile([1, 2]).meanStandardErrorMs == nil)
  }

  @Test("Undefined values are nil, with a reason")
  func undefined() {
    let silent = profile([0, 0])
    #expect(silent.reason == .silent)
    #expect(silent.weightAtLag0 == nil && silent.peakMs == nil && silent.dcShare == nil && silent.highPass == nil)
    #expect(profile([1, .nan]).reason == .notFinite)
    let noRate = profile([1, 2], rateHz: nil)
    #expect(noRate.peakMs == nil && noRate.meanMs == nil && noRate.spectrum == nil && noRate.dcShare != nil)
    let uneven = profile([1, 2, 3], lags: [0, 1, 3])
    #expect(uneven.dcShare == nil && uneven.spectrum == nil && uneven.meanMs != nil)
    #expect(profile([1, 2], lags: [1, 2]).weightAtLag0 == nil)
  }

  /// The table of twin_lag0's README: share of the squared weight of all channels.
  @Test(
    "The shares of trained kernels are those of the table in twin_lag0's README",
    arguments: [
      ("twin_lag0/before", 0.003, 0.02, 0.13, 0.003), ("twin_lag0/after", 0.024, 0.11, 0.43, 0.26),
      ("same_start/before", 0.000, 0.008, 0.28, 0.03), ("same_start/after", 0.003, 0.019, 0.33, 0.07),
      ("random_start/before", 0.097, 0.24, 0.36, 0.08), ("random_start/after", 0.078, 0.27, 0.41, 0.10),
    ])
  func trainedKernels(name: String, first: Double, two: Double, four: Double, last: Double) throws {
    let kernels = try NpzArchive(path: Fixtures.path("twin_lag0/kernels.npz")).tensor(name)
    let pooled = TimeProfile(lags: Array(0..<12), rateHz: 120, rows: 4) { Double(kernels.values[$0 * 12 + $1]) }
    let shares = try #require(pooled.shares)
    // As many digits as the table has.
    #expect(near(pooled.weightAtLag0, first, within: 0.0006))
    #expect(near(shares[..<2].reduce(0, +), two, within: 0.006))
    #expect(near(shares[..<4].reduce(0, +), four, within: 0.006))
    #expect(near(shares.last, last, within: 0.006))
  }
}
