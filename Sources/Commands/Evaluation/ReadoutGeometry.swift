import Base
import Foundation
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
    let prefix = "readouts.\(head)."
    guard twin.source.info(prefix + "mean") != nil, twin.source.info(prefix + "features.weight") != nil else {
      return nil
    }
    let mean = try twin.source.tensor(prefix + "mean").values.map(Double.init)
    let std = try twin.source.tensor(prefix + "std").values.map { max(1e-3, Double($0)) }
    let theta = try twin.source.info(prefix + "theta").map { _ in
      try twin.source.tensor(prefix + "theta").values.map(Double.init)
    }
    let weights = try twin.source.tensor(prefix + "features.weight")
    let cells = twin.architecture.heads[head].cellCount
    let channels = weights.count / max(1, cells)
    guard mean.count == 2 * cells, std.count == 2 * cells, weights.count == cells * channels else { return nil }
    let geometry = try stimulus.flatMap { stimulus -> FeatureGeometry? in
      guard let lags = stimulus.lags else { return nil }
      let features = try twin.architecture.featureSize(
        input: [1, lags.count, stimulus.height, stimulus.width], head: head)
      return FeatureGeometry(
        architecture: twin.architecture, source: twin.source, head: head, features: features,
        stimulus: (stimulus.height, stimulus.width))
    }
    return (0..<cells).map { cell in
      let stepY = geometry?.stepY ?? 1
      let stepX = geometry?.stepX ?? 1
      return ReadoutGeometry(
        centerY: mean[2 * cell] * stepY + (geometry?.centerY ?? 0),
        centerX: mean[2 * cell + 1] * stepX + (geometry?.centerX ?? 0), stdY: std[2 * cell] * stepY,
        stdX: std[2 * cell + 1] * stepX, theta: theta?[cell] ?? 0,
        weights: (0..<channels).map { Double(weights.values[cell * channels + $0]) },
        unit: geometry == nil ? "pixels of the feature map from its centre" : "pixels of the stimulus from its centre",
        stimulusSize: geometry == nil ? nil : stimulus.map { ($0.height, $0.width) })
    }
  }

  private func mask(height: Int, width: Int) -> Figure.Map {
    let (middleY, middleX) = (Double(height - 1) / 2, Double(width - 1) / 2)
    var values: [Double] = []
    values.reserveCapacity(height * width)
    for y in 0..<height {
      for x in 0..<width {
        let dy = Double(y) - middleY - centerY
        let dx = Double(x) - middleX - centerX
        let u = (dy * cos(theta) + dx * sin(theta)) / stdY
        let v = (-dy * sin(theta) + dx * cos(theta)) / stdX
        values.append(exp(-0.5 * (u * u + v * v)))
      }
    }
    let outline = stride(from: 0.0, to: 2 * .pi, by: .pi / 24).map { angle -> (x: Double, y: Double) in
      let u = stdY * cos(angle)
      let v = stdX * sin(angle)
      return (middleX + centerX + u * sin(theta) + v * cos(theta), middleY + centerY + u * cos(theta) - v * sin(theta))
    }
    return Figure.Map(rows: height, columns: width, values: values, outline: outline)
  }
}
