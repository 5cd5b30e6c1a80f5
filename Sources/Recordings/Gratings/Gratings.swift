import Base
import Formats

/// The grating that was shown in each frame.
///
/// - Shapes: all `[time]`
/// - Units: orientation in degrees, spatial frequency as the recording has it (cycles a degree), phase in radians; NaN where no grating was
///   shown or the recording does not say.
public struct Gratings: Sendable, Equatable {
  public let orientation: [Double]
  /// nil where the recording knows none.
  public let frequency: [Double]?
  public let phase: [Double]?
  /// Why there is no phase, where the recording has one.
  public let phaseColumns: Int?

  /// Names by which recordings call them.
  public static let orientationNames = ["ori", "orientation"]
  public static let frequencyNames = ["sf", "spatial_frequency"]
  public static let phaseNames = ["stim_phase", "phase"]
}

extension Stimulus {
  /// The covariates of gratings, as the file has them.
  ///
  /// - Parameter phaseColumn: which column of the phase counts, where it has several; none does where nil.
  /// - Throws: `Failure(.missing)` without an orientation, `.mismatch` for arrays of another length or a column that is
  ///   not there.
  public func gratings(phaseColumn: Int? = nil) throws -> Gratings {
    func name(_ names: [String]) -> String? { names.first { source.info($0) != nil } }
    guard let orientation = name(Gratings.orientationNames) else {
      throw Failure(
        .missing,
        "\(label): no orientation of a grating: no \(Gratings.orientationNames.map { "`\($0)`" }.joined(separator: ", no "))",
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
