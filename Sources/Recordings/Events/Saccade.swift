/// One fast movement of the eye.
///
/// - Units: degrees of visual angle, degrees a second; the direction in degrees from the first axis of the eye position
///   towards the second, -180 to 180
public struct Saccade: Sendable, Equatable {
  /// First and last frame that are fast: where the movement begins, and where it has ended.
  public var onset: Int
  public var offset: Int
  /// From the eye's place at the onset to that at the offset.
  public var amplitude: Double
  public var direction: Double
  public var peakSpeed: Double

  public init(onset: Int, offset: Int, amplitude: Double, direction: Double, peakSpeed: Double) {
    self.onset = onset
    self.offset = offset
    self.amplitude = amplitude
    self.direction = direction
    self.peakSpeed = peakSpeed
  }

  /// Frames that are fast.
  public var frameCount: Int { offset - onset + 1 }
}

/// The saccades of a recording, and what was not taken for one.
public struct SaccadeDetection: Sendable, Equatable {
  /// Ascending in time.
  public var saccades: [Saccade] = []
  /// The velocity that counts as fast on either axis, degrees a second; nil where each trial has its own.
  public var threshold: (x: Double, y: Double)?
  /// Frames that have a velocity.
  public var frameCount = 0
  /// Fast movements that were too short.
  public var shortCount = 0
  /// Fast movements that begin or end where the eye position does (a blink, the end of a trial): their size is not known.
  public var cutCount = 0
  /// Fast movements that were joined to the one before them.
  public var mergedCount = 0
  /// Trials in which the scale of velocities can't be told.
  public var unscaledTrials = 0

  public static func == (a: SaccadeDetection, b: SaccadeDetection) -> Bool {
    a.saccades == b.saccades && a.threshold?.x == b.threshold?.x && a.threshold?.y == b.threshold?.y
      && a.frameCount == b.frameCount && a.shortCount == b.shortCount && a.cutCount == b.cutCount
      && a.mergedCount == b.mergedCount && a.unscaledTrials == b.unscaledTrials
  }
}
