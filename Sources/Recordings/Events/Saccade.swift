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
