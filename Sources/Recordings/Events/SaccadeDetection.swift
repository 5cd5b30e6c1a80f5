/// The saccades of a recording, and the fast movements that were not counted as saccades.
public struct SaccadeDetection: Sendable, Equatable {
  /// Ascending in time.
  public var saccades: [Saccade] = []
  /// The velocity above which an axis counts as fast, in degrees per second; nil where each trial has its own.
  public var threshold: (x: Double, y: Double)?
  /// The number of frames that have a velocity.
  public var frameCount = 0
  /// Fast movements that were too short.
  public var shortCount = 0
  /// Fast movements that begin or end where the valid eye position does (a blink, the end of a trial). Their size is
  /// unknown.
  public var cutCount = 0
  /// Fast movements that were joined to the one before them.
  public var mergedCount = 0
  /// Trials without a scale of velocities.
  public var unscaledTrials = 0

  public static func == (a: SaccadeDetection, b: SaccadeDetection) -> Bool {
    a.saccades == b.saccades && a.threshold?.x == b.threshold?.x && a.threshold?.y == b.threshold?.y
      && a.frameCount == b.frameCount && a.shortCount == b.shortCount && a.cutCount == b.cutCount
      && a.mergedCount == b.mergedCount && a.unscaledTrials == b.unscaledTrials
  }
}
