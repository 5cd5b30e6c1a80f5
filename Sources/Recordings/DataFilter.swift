import Base
import Formats

/// A rule that decides which bins are valid, as the YAML's `datafilters` name it.
///
/// A filter is one file in `DataFilters/` and one line in `AllDataFilters.swift`.
package protocol DataFilter: Sendable {
  static var name: String { get }

  /// - Throws: `Failure` naming the option's place in the YAML.
  init(_ step: PipelineStep) throws

  /// 1 where the bin is valid, else 0.
  ///
  /// - Shapes: `[time, 1]` for all cells together, or `[time, cell]` for every cell of the file
  func mask(_ source: any ArraySource, frameCount: Int) throws -> Tensor
}

extension DataFilter {
  /// A covariate that the filter needs, with one number for each frame.
  func perFrame(_ name: String, of source: any ArraySource, frameCount: Int, place: String) throws -> [Double] {
    guard let info = source.info(name) else {
      throw Failure(.missing, "\(source.origin): no `\(name)`, which \(place) needs")
    }
    guard info.count == frameCount else {
      throw Failure(.mismatch, "\(source.origin): `\(name)` has shape \(info.shape) for \(frameCount) frames")
    }
    return try source.doubles(name)
  }
}
