import Base
import Foundation
import Recordings
import Testing

/// An eye that drifts a little, and jumps at given frames.
private struct Eye {
  /// A movement along a cosine ramp.
  struct Jump {
    var at: Int
    var frames: Int
    var amplitude: Double
    var direction: Double
  }

  var rateHz = 500.0
  var frameCount = 2000
  var noise = 0.01
  var jumps: [Jump] = []
  var trials: [Int]?
  var times: [Double]?
  var blink: Range<Int>?

  func trace() throws -> GazeTrace {
    var generator = MersenneTwister(seed: 7)
    // Nearly normal: twelve even numbers.
    func normal() -> Double {
      (0..<12).reduce(-6.0) { sum, _ in sum + Double(generator.next() >> 11) / Double(1 << 53) }
    }
    var x = (0..<frameCount).map { _ in noise * normal() }
    var y = (0..<frameCount).map { _ in noise * normal() }
    for jump in jumps {
      for frame in jump.at..<frameCount {
        let share = min(1, Double(frame - jump.at) / Double(jump.frames))
        let way = jump.amplitude * (1 - cos(.pi * share)) / 2
        x[frame] += way * cos(jump.direction * .pi / 180)
        y[frame] += way * sin(jump.direction * .pi / 180)
      }
    }
    let valid = blink.map { blink in x.indices.map { !blink.contains($0) } }
    if let blink { for frame in blink { (x[frame], y[frame]) = (40, 40) } }
    let clock = try FrameClock(times: times, trials: trials, frameCount: frameCount, rateHz: rateHz, label: "rec")
    return GazeTrace(x: x, y: y, isValid: valid, clock: clock)
  }

  func detect(_ change: (inout SaccadeDetector) -> Void = { _ in }) throws -> SaccadeDetection {
    var detector = SaccadeDetector(rateHz: rateHz)
    change(&detector)
    return try detector.detect(in: trace(), label: "rec")
  }
}

struct SaccadeDetectorTests {
  @Test("Saccades are found where they are, with their size and direction")
  func saccadesFoundThey() throws {
    let jumps = [
      Eye.Jump(at: 300, frames: 20, amplitude: 5, direction: 0),
      .init(at: 700, frames: 12, amplitude: 1, direction: 120),
      .init(at: 1400, frames: 20, amplitude: 4, direction: -90),
    ]
    let detection = try Eye(jumps: jumps).detect()
    #expect(detection.saccades.count == 3)
    for (saccade, jump) in zip(detection.saccades, jumps) {
      // A ramp begins and ends slowly, and a velocity sees two frames to either side.
      #expect(abs(saccade.onset - jump.at) <= 4 && abs(saccade.offset - (jump.at + jump.frames)) <= 4)
      #expect(abs(saccade.amplitude - jump.amplitude) < 0.1)
      #expect(abs(saccade.direction - jump.direction) < 4)
      // The middle of the ramp: pi/2 times the mean speed, smoothed a little.
      let peak = jump.amplitude * .pi / 2 / (Double(jump.frames) / 500)
      #expect(abs(saccade.peakSpeed - peak) < 0.1 * peak)
    }
  }

  @Test("A microsaccade of a quarter of a degree stands out of the drift, and noise alone does not")
  func microsaccadeQuarterDegree() throws {
    let detection = try Eye(jumps: [.init(at: 900, frames: 10, amplitude: 0.25, direction: 45)]).detect()
    #expect(detection.saccades.count == 1)
    #expect(try abs(#require(detection.saccades.first).amplitude - 0.25) < 0.05)
    #expect(try Eye().detect().saccades.isEmpty)
  }

  @Test("The threshold is lambda times the median-based deviation of each axis")
  func thresholdLambdaTimes() throws {
    let trace = try Eye().trace()
    let velocity = (2..<1998).map { t -> Double in
      let (after, before) = (trace.x[t + 2] + trace.x[t + 1], trace.x[t - 1] + trace.x[t - 2])
      return (after - before) * 500 / 6
    }
    func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      return (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }
    let middle = median(velocity)
    let expected = 6 * (median(velocity.map { $0 * $0 }) - middle * middle).squareRoot()
    let detection = try Eye().detect()
    #expect(try abs(#require(detection.threshold).x - expected) < 1e-9 * expected)
    #expect(detection.frameCount == 1996)
  }

  @Test("Large saccades hardly move their own threshold")
  func largeSaccadesHardly() throws {
    let still = try #require(try Eye().detect().threshold)
    let jumps = (0..<8).map { Eye.Jump(at: 100 + 200 * $0, frames: 20, amplitude: 10, direction: 0) }
    let jumping = try #require(try Eye(jumps: jumps).detect().threshold)
    #expect(jumping.x < 1.15 * still.x)
  }

  @Test("No velocity spans the border of a trial, and the jump there is not a saccade")
  func noVelocitySpans() throws {
    let border = Eye(
      jumps: [.init(at: 999, frames: 1, amplitude: 8, direction: 0)], trials: (0..<2000).map { $0 < 1000 ? 1 : 2 })
    let detection = try border.detect()
    #expect(detection.saccades.isEmpty && detection.cutCount == 0)
    #expect(detection.frameCount == 2000 - 2 * 4)
  }

  @Test("No velocity spans a gap in time")
  func gapInTime() throws {
    let times = (0..<2000).map { Double($0) / 500 + ($0 < 1000 ? 0 : 0.5) }
    let gap = Eye(jumps: [.init(at: 999, frames: 1, amplitude: 8, direction: 0)], times: times)
    let detection = try gap.detect()
    #expect(detection.saccades.isEmpty && detection.cutCount == 0)
    #expect(detection.frameCount == 2000 - 2 * 4)
    #expect(try gap.trace().clock.gapCount == 1)
  }

  @Test("A blink is not a saccade, and a saccade that it cuts off is counted and left out")
  func blinkNoSaccade() throws {
    let blink = Eye(
      jumps: [
        .init(at: 795, frames: 20, amplitude: 6, direction: 0), .init(at: 1500, frames: 20, amplitude: 6, direction: 0),
      ],
      blink: 805..<900)
    let detection = try blink.detect()
    #expect(detection.saccades.count == 1 && detection.saccades.first.map { abs($0.onset - 1500) <= 4 } == true)
    #expect(detection.cutCount == 1)
    #expect(try blink.trace().invalidCount == 95)
  }

  @Test("An overshoot right after a saccade belongs to it, unless no gap is asked for")
  func overshootRightAfter() throws {
    let overshoot = Eye(jumps: [
      .init(at: 600, frames: 15, amplitude: 5, direction: 0), .init(at: 621, frames: 8, amplitude: 1, direction: 180),
    ])
    let joined = try overshoot.detect()
    #expect(joined.saccades.count == 1 && joined.mergedCount == 1)
    #expect(try abs(#require(joined.saccades.first).amplitude - 4) < 0.1)
    #expect(try overshoot.detect { $0.minimumGapSeconds = 0 }.saccades.count == 2)
  }

  @Test("A movement shorter than the minimum is counted and left out")
  func shorterThanMinimum() throws {
    let short = Eye(jumps: [.init(at: 600, frames: 1, amplitude: 0.5, direction: 0)])
    // One frame of motion is four frames of velocity.
    #expect(try short.detect { $0.minimumSeconds = 0.008 }.saccades.first?.frameCount == 4)
    let none = try short.detect { $0.minimumSeconds = 0.01 }
    #expect(none.saccades.isEmpty && none.shortCount == 1)
    #expect(SaccadeDetector(rateHz: 500).minimumFrames(rateHz: 500) == 6)
    #expect(SaccadeDetector(rateHz: 120).minimumFrames(rateHz: 120) == 2)
  }

  @Test("Slow recordings take velocities of three frames, fast ones of five")
  func slowRecordingsTake() throws {
    #expect(SaccadeDetector(rateHz: 120).velocitySamples == 3)
    #expect(SaccadeDetector(rateHz: 240).velocitySamples == 5)
    let jump = Eye(rateHz: 120, jumps: [.init(at: 600, frames: 1, amplitude: 2, direction: 0)])
    let saccade = try #require(try jump.detect().saccades.first)
    // The last frame before the jump, and the first after it.
    #expect(saccade.onset == 600 && saccade.offset == 601)
    // f (x[t+1] - x[t-1]) / 2
    #expect(abs(saccade.peakSpeed - 120) < 5)
  }

  @Test("Each trial can have a scale of its own, and one too short for it is counted")
  func eachTrialCan() throws {
    let trials = (0..<2000).map { $0 < 1000 ? 1 : $0 < 1980 ? 2 : 3 }
    let eye = Eye(jumps: [.init(at: 300, frames: 20, amplitude: 5, direction: 0)], trials: trials)
    let detection = try eye.detect { $0.scale = .trial }
    #expect(detection.saccades.count == 1 && detection.unscaledTrials == 1 && detection.threshold == nil)
  }

  @Test("An axis that never moves is ignored; an eye that never moves, or is seen too briefly, is refused")
  func axisNeverMoves() throws {
    let flat = Eye(noise: 0, jumps: [.init(at: 300, frames: 20, amplitude: 5, direction: 0)])
    // More than half of the velocities are 0: the standard deviation stands for the scale.
    #expect(try flat.detect().saccades.count == 1)
    let still = #expect(throws: Failure.self) { try Eye(noise: 0).detect() }
    #expect(still?.message == "rec: the eye position never changes, so there are no saccades to detect")
    let brief = #expect(throws: Failure.self) { try Eye(frameCount: 15).detect() }
    #expect(brief?.message == "rec: only 11 frames have an eye velocity, too few to detect saccades")
  }
}
