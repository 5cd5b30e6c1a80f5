import Base
import Foundation
import Recordings
import Testing

struct StimulusStatisticsTests {
  /// `frames` frames of 1 x `pixels` pixels.
  private func images(_ frames: Int, _ pixels: Int, _ value: (Int, Int) -> Double) -> Tensor {
    Tensor(
      shape: [frames, 1, 1, pixels],
      values: (0..<frames * pixels).map { Float(value($0 / pixels, $0 % pixels)) })
  }

  @Test("The temporal frequency of a sine is its own")
  func sineOverTime() throws {
    // 6 Hz at 120 frames a second, each pixel with a phase of its own.
    let sine = images(240, 4) { frame, pixel in sin(2 * .pi * 6 * Double(frame) / 120 + Double(pixel)) }
    let frequency = try #require(StimulusStatistics(sine, rateHz: 120)?.temporalFrequency)
    // A step of a sampled sine is 2 sin(pi f / rate) wide, not 2 pi f / rate.
    #expect(abs(frequency - 120 / .pi * sin(.pi * 6 / 120)) < 0.02)
  }

  @Test("Mean and contrast are those of the pixels")
  func meanContrastThose() throws {
    let statistics = try #require(
      StimulusStatistics(images(2, 2) { frame, pixel in [0.0, 2][pixel] + Double(frame) }, rateHz: 120))
    #expect(statistics.mean == 1.5)
    #expect(statistics.contrast == 1)
  }

  @Test("A stimulus that does not change has no temporal frequency")
  func standsStillHas() throws {
    #expect(
      try #require(StimulusStatistics(images(5, 3) { _, pixel in Double(pixel) }, rateHz: 120)).temporalFrequency == nil
    )
    #expect(
      try #require(StimulusStatistics(images(1, 3) { _, pixel in Double(pixel) }, rateHz: 120)).temporalFrequency == nil
    )
    #expect(StimulusStatistics(Tensor(shape: [0, 1, 1, 3], values: []), rateHz: 120) == nil)
  }
}
