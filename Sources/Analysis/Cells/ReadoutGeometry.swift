import Base
import Formats
import Kernels
import Layers
import Recordings
import Twin

/// A cell's Gaussian readout, where possible in pixels of the stimulus.
///
/// Units: the mask's centre and widths in pixels from the stimulus's centre, y down; in pixels of the feature map where the
/// layers between it and the stimulus are not a simple scaling (`unit` says which).
package struct ReadoutGeometry: Sendable {
  package var mask: GaussianMask
  package var weights: [Double]
  /// Height and width of the stimulus; nil where the mask is not in its pixels.
  package var stimulusSize: (height: Int, width: Int)?

  package var unit: String {
    stimulusSize == nil ? "pixels of the feature map from its centre" : "pixels of the stimulus from its centre"
  }

  /// The mask on the stimulus, with its one-sigma outline.
  package var map: Figure.Map? {
    stimulusSize.map { height, width in
      Figure.Map(
        rows: height, columns: width, values: mask.heights(height: height, width: width),
        outline: mask.outline(48).map { y, x in (Double(width - 1) / 2 + x, Double(height - 1) / 2 + y) })
    }
  }

  /// All cells of a head; nil for a readout that is not Gaussian.
  ///
  /// - Parameter stimulus: the stimulus in whose pixels the masks are given; in pixels of the feature map where nil.
  package static func all(
    of architecture: TwinArchitecture, from source: any ArraySource, head: Int, stimulus: Stimulus?
  ) throws -> [ReadoutGeometry]? {
    guard GaussianReadout.isStored(in: source, head: head) else { return nil }
    let readout = try GaussianReadout(stored: source, head: head)
    let geometry = try stimulus.flatMap { stimulus -> FeatureGeometry? in
      guard let lags = stimulus.lags else { return nil }
      let features = try architecture.featureSize(
        input: [1, lags.count, stimulus.height, stimulus.width], head: head)
      return FeatureGeometry(
        architecture: architecture, source: source, head: head, features: features,
        stimulus: (stimulus.height, stimulus.width))
    }
    return (0..<readout.cellCount).map { cell in
      var mask = readout.mask(cell)
      if let geometry {
        mask = GaussianMask(
          meanY: mask.meanY * geometry.stepY + geometry.centerY, meanX: mask.meanX * geometry.stepX + geometry.centerX,
          stdY: mask.stdY * geometry.stepY, stdX: mask.stdX * geometry.stepX, theta: mask.theta)
      }
      return ReadoutGeometry(
        mask: mask,
        weights: readout.features[cell * readout.channels..<(cell + 1) * readout.channels].map(Double.init),
        stimulusSize: geometry == nil ? nil : stimulus.map { ($0.height, $0.width) })
    }
  }
}
