import Base
import Recordings
import Session
import Twin

/// A cell's Gaussian readout, where possible in pixels of the stimulus.
///
/// Units: centre and widths in pixels from the stimulus's centre, y down; theta in radians; feature-map pixels where the
/// way back through the layers is not a simple scale (`unit` says which).
struct ReadoutGeometry {
  var centerY: Double
  var centerX: Double
  var stdY: Double
  var stdX: Double
  var theta: Double
  var weights: [Double]
  var unit: String
  /// The mask on the stimulus, with its one-sigma outline.
  var map: Figure.Map? { stimulusSize.map { mask(height: $0.height, width: $0.width) } }
  /// Known where the centre and widths are in its pixels.
  var stimulusSize: (height: Int, width: Int)?

  /// All cells of a head; nil for a readout that is not Gaussian.
  static func all(of twin: LoadedTwin, head: Int, stimulus: Stimulus?) throws -> [ReadoutGeometry]? {
    guard GaussianReadout.isStored(in: twin.source, head: head) else { return nil }
    let readout = try GaussianReadout(stored: twin.source, head: head)
    let geometry = try stimulus.flatMap { stimulus -> FeatureGeometry? in
      guard let lags = stimulus.lags else { return nil }
      let features = try twin.architecture.featureSize(
        input: [1, lags.count, stimulus.height, stimulus.width], head: head)
      return FeatureGeometry(
        architecture: twin.architecture, source: twin.source, head: head, features: features,
        stimulus: (stimulus.height, stimulus.width))
    }
    let channels = readout.channels
    return (0..<readout.cellCount).map { cell in
      let stepY = geometry?.stepY ?? 1
      let stepX = geometry?.stepX ?? 1
      let mask = readout.mask(cell)
      return ReadoutGeometry(
        centerY: mask.meanY * stepY + (geometry?.centerY ?? 0), centerX: mask.meanX * stepX + (geometry?.centerX ?? 0),
        stdY: mask.stdY * stepY, stdX: mask.stdX * stepX, theta: mask.theta,
        weights: readout.features[cell * channels..<(cell + 1) * channels].map(Double.init),
        unit: geometry == nil ? "pixels of the feature map from its centre" : "pixels of the stimulus from its centre",
        stimulusSize: geometry == nil ? nil : stimulus.map { ($0.height, $0.width) })
    }
  }

  private func mask(height: Int, width: Int) -> Figure.Map {
    let mask = GaussianMask(meanY: centerY, meanX: centerX, stdY: stdY, stdX: stdX, theta: theta)
    let (middleY, middleX) = (Double(height - 1) / 2, Double(width - 1) / 2)
    return Figure.Map(
      rows: height, columns: width, values: mask.heights(height: height, width: width),
      outline: mask.outline(Self.outlinePoints).map { (x: middleX + $0.x, y: middleY + $0.y) })
  }

  private static let outlinePoints = 48
}
