import Base
import Formats

/// The grating in each frame.
///
/// - Shapes: all `[time]`
/// - Units: orientation in degrees, spatial frequency in the recording's units (cycles per degree), phase in radians
/// - Undefined: NaN where no grating was shown, or where the recording does not give the value
public struct Gratings: Sendable, Equatable {
  public let orientation: [Double]
  /// Nil where the recording does not have it.
  public let frequency: [Double]?
  public let phase: [Double]?
  /// The number of phase columns, where `phase` is nil because there are several.
  public let phaseColumns: Int?

  /// Names of these covariates in recordings.
  public static let orientationNames = ["ori", "orientation"]
  public static let frequencyNames = ["sf", "spatial_frequency"]
  public static let phaseNames = ["stim_phase", "phase"]
}

extension Stimulus {
  /// The covariates of gratings, as stored in the file.
  ///
  /// - Parameter phaseColumn: the column of the phase to use, where it has several. Without it, such a phase is left
  ///   out.
  /// - Throws: `Failure(.missing)` without an orientation, `.mismatch` for arrays of another length or a column that is
  ///   not there.
  public func gratings(phaseColumn: Int? = nil) throws -> Gratings {
    func name(_ names: [String]) -> String? { names.first { source.info($0) != nil } }
    guard let orientation = name(Gratings.orientationNames) else {
      throw Failure(
        .missing,
        "\(label) has no grating orientation (\(Gratings.orientationNames.map { "`\($0)`" }.joined(separator: " or ")))",
        hint: "its covariates are \(source.arrayNames.joined(separator: ", "))")
    }
    func values(_ name: String) throws -> [Double] {
      let all = try source.doubles(name)
      guard all.count == frameCount else {
        throw Failure(.mismatch, "\(label): `\(name)` has \(all.count) entries for \(frameCount) frames")
      }
      return all
    }
    var phase: [Double]?
    var columns: Int?
    if let name = name(Gratings.phaseNames), let shape = source.info(name)?.shape, shape.first == frameCount {
      let width = shape.dropFirst().reduce(1, *)
      if let phaseColumn, !(0..<width).contains(phaseColumn) {
        throw Failure(
          .mismatch, "\(label): `\(name)` has no column \(phaseColumn)", hint: "its columns are 0 to \(width - 1)")
      }
      if let column = phaseColumn ?? (width == 1 ? 0 : nil) {
        let all = try source.doubles(name)
        phase = (0..<frameCount).map { all[$0 * width + column] }
      } else {
        columns = width
      }
    }
    return Gratings(
      orientation: try values(orientation), frequency: try name(Gratings.frequencyNames).map { try values($0) },
      phase: phase,
      phaseColumns: columns)
  }
}
