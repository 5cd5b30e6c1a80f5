import Foundation
import Metrics
import Testing

struct FieldNumbersTests {
  /// A checkered floor of +-`floor`, and a bump of `peak` at (y 4, x 7) with sd 1.5 px that rises and falls over the lags.
  private func map(peak: Double, at center: Double, floor: Double = 0.1) -> [Double] {
    (0..<8).flatMap { lag in
      (0..<12 * 14).map { pixel in
        let (y, x) = (Double(pixel / 14), Double(pixel % 14))
        let bump = exp(-(pow(y - 4, 2) + pow(x - 7, 2)) / (2 * 1.5 * 1.5)) * exp(-pow(Double(lag) - center, 2) / 2)
        return peak * bump + ((pixel / 14 + pixel) % 2 == 0 ? floor : -floor)
      }
    }
  }

  private func numbers(
    sta: [Double], ste: [Double], map: ReceptiveField.Map? = nil
  ) -> FieldNumbers? {
    FieldNumbers(
      ReceptiveField(lagCount: 8, pixelCount: 12 * 14, staZ: sta, steZ: ste), height: 12, width: 14, map: map)
  }

  @Test("The peak lag is interpolated between bins")
  func peakLag() throws {
    let found = try #require(numbers(sta: map(peak: 5, at: 4.3), ste: map(peak: 0, at: 4)))
    #expect(found.map == .sta && found.peakBin == 4)
    // The bump's variance is a Gaussian over lags, v = exp(-(lag - 4.3)^2) and a floor; a parabola through three of its values
    // comes near its top: 4.21.
    #expect(abs(found.peakLag - 4.21) < 0.01)
  }

  @Test("The vertex of a parabola is found exactly, and a peak at an end is not interpolated")
  func parabola() {
    func parabola(_ x: Double) -> Double { 3 - (x - 2.2) * (x - 2.2) }
    let inner = FieldNumbers.peak((0..<5).map { parabola(Double($0)) })
    #expect(inner.bin == 2 && abs(inner.lag - 2.2) < 1e-12)
    #expect(FieldNumbers.peak([3, 2, 1]).lag == 0)
    #expect(FieldNumbers.peak([1, 2, 3]).lag == 2)
    #expect(FieldNumbers.peak([1, 1, 1]).lag == 0)
  }

  @Test("The SNR is the peak over the spread at lag 0, and the modulation index compares STA and STE")
  func signalToNoise() throws {
    let sta = map(peak: 4, at: 5)
    let ste = map(peak: 1, at: 5)
    let found = try #require(numbers(sta: sta, ste: ste))
    func expected(_ z: [Double]) -> Double {
      let floor = z.prefix(168)
      let mean = floor.reduce(0, +) / 168
      let deviation = (floor.reduce(0) { $0 + pow($1 - mean, 2) } / 167).squareRoot()
      return z[5 * 168..<6 * 168].map(abs).max().map { $0 / deviation } ?? 0
    }
    #expect(abs(found.staSNR - expected(sta)) < 1e-9)
    #expect(abs(found.steSNR - expected(ste)) < 1e-9)
    #expect(found.snr == found.staSNR)
    let index = (found.steSNR - found.staSNR) / (found.steSNR + found.staSNR)
    #expect(abs(found.modulationIndex - index) < 1e-12 && index < 0)
  }

  @Test("The map with the larger SNR is used unless one is given")
  func chosenMap() throws {
    let (weak, strong) = (map(peak: 1, at: 2), map(peak: 6, at: 5))
    #expect(try #require(numbers(sta: weak, ste: strong)).peakBin == 5)
    #expect(try #require(numbers(sta: weak, ste: strong)).map == .ste)
    #expect(try #require(numbers(sta: weak, ste: strong, map: .sta)).peakBin == 2)
  }

  @Test("A map that is constant at lag 0 has no summary")
  func flatMap() {
    #expect(numbers(sta: map(peak: 0, at: 0, floor: 0), ste: map(peak: 0, at: 0, floor: 0)) == nil)
  }

  @Test("Centre, area and outline are those of a bump")
  func region() throws {
    let region = try #require(numbers(sta: map(peak: 5, at: 4), ste: map(peak: 0, at: 4))).region
    #expect(abs(region.centerY - 4) < 0.05 && abs(region.centerX - 7) < 0.05)
    #expect(region.peak == (4, 7))
    // sqrt(blur(z^2)) of a Gaussian of sd 1.5 is one of variance 1.5^2 + 2; half its height lies 1.177 sd out.
    let radius = 1.177 * (1.5 * 1.5 + 2).squareRoot()
    #expect(abs(Double(region.area) - .pi * radius * radius) < 6)
    for point in region.outline {
      #expect(abs(hypot(point.x - region.centerX, point.y - region.centerY) - radius) < 0.35)
    }
    #expect(region.outline.count > 12)
  }

  @Test("Only pixels connected to the peak belong to the region, and an outline closes at the edge")
  func connectedRegion() throws {
    var z = [Double](repeating: 0, count: 10 * 10)
    for y in 0..<3 { for x in 0..<3 { z[y * 10 + x] = 5 } }
    for y in 7..<10 { for x in 7..<10 { z[y * 10 + x] = 4 } }
    let region = FieldRegion(z, height: 10, width: 10)
    #expect(region.centerY < 3 && region.centerX < 3)
    #expect(region.outline.allSatisfy { $0.x < 5 && $0.y < 5 && $0.x >= -1 && $0.y >= -1 })
    // Around the corner and back: it is closed.
    let (first, last) = (try #require(region.outline.first), try #require(region.outline.last))
    #expect(hypot(first.x - last.x, first.y - last.y) < 1.5)
    #expect(region.outline.count >= 8)
  }

  @Test("Fields correlate as their maps do")
  func correlation() {
    let a = ReceptiveField(lagCount: 1, pixelCount: 4, staZ: [1, 2, 3, 4], steZ: [0, 0, 0, 0])
    let b = ReceptiveField(lagCount: 1, pixelCount: 4, staZ: [-2, -4, -6, -8], steZ: [1, 0, 0, 0])
    #expect(a.correlation(with: b, .sta).map { abs($0 + 1) < 1e-12 } == true)
    #expect(a.correlation(with: b, .ste) == nil)
  }
}
