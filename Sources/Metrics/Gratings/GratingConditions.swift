import Base

/// The grating conditions of a recording, and the condition that each frame shows.
///
/// A condition is an orientation (modulo 180 degrees) and a spatial frequency. Its number is `orientation *
/// frequencies.count + frequency`.
public struct GratingConditions: Sendable, Equatable {
  /// Ascending, degrees from 0 to below 180.
  public let orientations: [Double]
  /// Ascending; a single NaN where no frequency is known.
  public let frequencies: [Double]
  /// The condition of each frame, `[time]`; nil where no grating is shown.
  public let shown: [Int?]

  /// A quantity with more values than this is taken for a measurement, not for a condition.
  public static let limit = 180

  /// Degrees from 0 to below 180: opposite directions are the same orientation.
  static func folded(_ degrees: Double) -> Double {
    let rest = degrees.truncatingRemainder(dividingBy: 180)
    let positive = rest < 0 ? rest + 180 : rest
    // A tiny negative angle is rounded up to 180.
    return positive >= 180 ? 0 : positive
  }

  /// - Parameter frequency: of each frame; nil where it is not known.
  /// - Throws: `Failure(.undefined)` where no frame shows a grating, `.unsupported` for more values than `limit`.
  public init(orientation: [Double], frequency: [Double]?, label: String) throws {
    func isShown(_ frame: Int) -> Bool {
      orientation[frame].isFinite && frequency.map { $0[frame].isFinite && $0[frame] > 0 } ?? true
    }
    let frames = orientation.indices.filter(isShown)
    let orientations = Set(frames.map { Self.folded(orientation[$0]) }).sorted()
    let frequencies = frequency.map { all in Set(frames.map { all[$0] }).sorted() } ?? [.nan]
    guard !frames.isEmpty else { throw Failure(.undefined, "\(label): no frame shows a grating") }
    guard orientations.count <= Self.limit, frequencies.count <= Self.limit else {
      throw Failure(
        .unsupported,
        "\(label): too many grating conditions to average over: \(orientations.count) orientations and \(frequencies.count) spatial frequencies",
        hint: "at most \(Self.limit) values of each")
    }
    let places = Dictionary(uniqueKeysWithValues: orientations.enumerated().map { ($1, $0) })
    let ranks = frequency == nil ? [:] : Dictionary(uniqueKeysWithValues: frequencies.enumerated().map { ($1, $0) })
    shown = orientation.indices.map { frame in
      guard isShown(frame), let place = places[Self.folded(orientation[frame])] else { return nil }
      return place * frequencies.count + (frequency.flatMap { ranks[$0[frame]] } ?? 0)
    }
    self.orientations = orientations
    self.frequencies = frequencies
  }

  public var count: Int { orientations.count * frequencies.count }
}
