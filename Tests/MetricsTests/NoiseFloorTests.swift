import Base
import Foundation
import Metrics
import Testing

@Suite("Receptive fields of noise")
struct NoiseFloorTests {
  static let (side, lags, frames, cells) = (6, 4, 1200, 100)

  /// Random frames in which each pixel is on or off for a while, as in sparse noise.
  static func images() -> [Float] {
    var generator = MersenneTwister(seed: 2)
    return (0..<frames * side * side).map { _ in generator.uniform() < 0.1 ? 1 : 0 }
  }

  /// Fields of cells with `spikes` spikes at random frames, after frame `lags`; all spikes follow pixel 20 where `isVisual`.
  static func clear(spikes: Int, isVisual: Bool = false) throws -> Int {
    let images = images()
    let pixels = side * side
    var generator = MersenneTwister(seed: UInt32(spikes))
    let shown = (lags..<frames).filter { !isVisual || images[($0 - 2) * pixels + 20] > 0 }
    var counts = [Float](repeating: 0, count: frames * cells)
    for cell in 0..<cells {
      for _ in 0..<spikes { counts[shown[Int(generator.uniform() * Double(shown.count))] * cells + cell] += 1 }
    }
    let mask = (0..<frames * cells).map { Float($0 / cells >= lags ? 1 : 0) }
    var sums = FieldSums(cellCount: cells, pixelCount: pixels, lagCount: lags)
    try sums.add(images: images, counts: counts, rates: counts, mask: mask)
    var noise = FieldNoise(lagCount: lags, pixelCount: pixels, scale: .plain, frameCount: frames)
    noise.add(images: images, places: Array(lags..<frames))
    let floor = try noise.floor(for: sums.effectiveCounts, work: .silent)
    return (0..<cells).count { cell in
      guard case .success(let field) = sums.field(of: cell, .data),
        let numbers = FieldNumbers(field, height: side, width: side),
        let limit = floor.value(at: field.effectiveCount, map: nil)
      else { return false }
      return numbers.snr > limit
    }
  }

  @Test(
    "At most 2 of 100 fields of noise are clear, with few spikes and with many", arguments: [3, 5, 8, 20, 100, 400])
  func noise(spikes: Int) throws {
    #expect(try Self.clear(spikes: spikes) <= 2)
  }

  @Test("Fields of 40 spikes that follow one pixel are clear, and none of 4 spikes")
  func signal() throws {
    #expect(try Self.clear(spikes: 40, isVisual: true) >= 95)
    #expect(try Self.clear(spikes: 4, isVisual: true) == 0)
  }

  @Test("Without frames or with fewer than 5 spikes there is no floor")
  func undefined() throws {
    let noise = FieldNoise(lagCount: 2, pixelCount: 4, scale: .plain, frameCount: 10)
    #expect(try noise.floor(for: [100], work: .silent).value(at: 100, map: nil) == nil)
    #expect(NoiseFloor.unknown.value(at: 50, map: .sta) == nil)
    let pixels = Self.side * Self.side
    var shown = FieldNoise(lagCount: Self.lags, pixelCount: pixels, scale: .plain, frameCount: Self.frames)
    shown.add(images: Self.images(), places: Array(Self.lags..<Self.frames))
    let floor = try shown.floor(for: [5], work: .silent)
    #expect(floor.value(at: 5, map: nil) != nil && floor.value(at: 4.9, map: nil) == nil)
  }
}
