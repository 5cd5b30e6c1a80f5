import Base
import Language
import Recordings
import Session

extension SaccadeDetector {
  /// Ten minutes.
  private static let longestMs = 600_000.0

  /// A detector with the settings of the flags of `saccadeDetection`.
  ///
  /// - Throws: `usage` for a number out of range.
  init(_ call: Call, rateHz: Double) throws {
    func number(_ flag: String, least: Double, most: Double = .greatestFiniteMagnitude) throws -> Double {
      let value = try call.float(flag)
      guard value.isFinite, value >= least, value <= most else {
        throw Failure(
          .usage, "--\(flag) \(NumberText.significant(value, digits: 4)) is out of range",
          hint: value > most
            ? "up to \(NumberText.fixed(most, decimals: 0))" : least > 0 ? "a number above 0" : "0 or more",
          span: call.span(of: flag))
      }
      return value
    }
    self.init(
      rateHz: rateHz, lambda: try number("lambda", least: 1e-6),
      velocitySamples: try call.optionalString("samples").flatMap { Int($0) },
      minimumSeconds: try number("min-duration", least: 0, most: Self.longestMs) / 1000,
      minimumGapSeconds: try number("min-gap", least: 0, most: Self.longestMs) / 1000,
      scale: Scale(rawValue: try call.string("scale")) ?? .recording)
  }
}

extension Session {
  /// The saccades of a stimulus, detected with the settings of the call's flags.
  func saccades(_ call: Call, in source: LoadedStimulus) throws -> (SaccadeDetector, GazeTrace, SaccadeDetection) {
    do {
      let gaze = try source.stimulus.gaze()
      let detector = try SaccadeDetector(call, rateHz: gaze.clock.rateHz)
      return (detector, gaze, try detector.detect(in: gaze, label: source.label))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "stimulus"))
    }
  }
}
