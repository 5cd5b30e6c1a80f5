import Base
import Formats

/// Bins in which fewer than `threshold` percent of a cell's spikes are estimated to be missing.
///
/// All bins of a cell are valid if its median over time is at or above the threshold. As in VisionCore, the misspelt
/// option `theshold`, which many YAMLs have, has no effect: the default of 45 applies. The estimates are in the
/// covariate `missing_pct` `[time, cell]`.
/// Source: VisionCore's `missing_pct` (SEMANTICS 14 and 19)
package struct MissingPercentage: DataFilter {
  package static let name = "missing_pct"

  private let threshold: Double
  private let place: String

  package init(_ step: PipelineStep) throws {
    try step.allow(["threshold", "theshold"])
    place = step.place
    threshold = try step.number("threshold") ?? 45
  }

  package func mask(_ source: any ArraySource, frameCount: Int) throws -> Tensor {
    guard let info = source.info(Self.name) else {
      throw Failure(
        .missing, "\(source.origin): no `\(Self.name)`, which \(place) needs",
        hint: "drop the filter from the YAML if the file's `dfs` already holds it")
    }
    guard info.shape.count == 2, info.shape[0] == frameCount else {
      throw Failure(.mismatch, "\(source.origin): `\(Self.name)` has shape \(info.shape) for \(frameCount) frames")
    }
    let percent = try source.doubles(Self.name)
    let cells = info.shape[1]
    var mask = Tensor(zeros: info.shape)
    for cell in 0..<cells {
      let series = stride(from: cell, to: percent.count, by: cells).map { percent[$0] }
      let keepsAll = Self.median(series) >= threshold
      for (frame, value) in series.enumerated() where keepsAll || value < threshold {
        mask.values[frame * cells + cell] = 1
      }
    }
    return mask
  }

  /// NaN where a value is NaN, or without values.
  private static func median(_ values: [Double]) -> Double {
    values.contains(where: \.isNaN) ? .nan : Quantile.median(values) ?? .nan
  }
}
