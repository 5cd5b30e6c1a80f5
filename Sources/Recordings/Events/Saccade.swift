/// One fast movement of the eye.
///
/// - Units: degrees of visual angle, degrees a second; the direction in degrees from the first axis of the eye position
///   towards the second, -180 to 180
public struct Saccade: Sendable, Equatable {
  /// The first and the last fast frame: the beginning and the end of the movement.
  public var onset: Int
  public var offset: Int
  /// The distance between the eye positions at the onset and at the offset.
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

  /// The number of fast frames.
  public var frameCount: Int { offset - onset + 1 }
}
