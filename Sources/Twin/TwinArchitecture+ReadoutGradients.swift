import Layers

extension TwinArchitecture {
  /// Why the gradients of a head's readout are not known, so that no readout can be fitted; nil where they are known.
  ///
  /// - Parameter twin: the name that the message uses.
  package func obstacleToReadoutGradients(of twin: String, head: Int) -> String? {
    let activation = configuration["output_activation"]?.stringValue ?? "none"
    if activation != "softplus" {
      return "`\(twin)` has output_activation `\(activation)`: gradients of readouts are known for softplus only"
    }
    if !parameters.contains(where: { $0.name == GaussianReadout.name(.mean, head: head) }) {
      return "`\(twin)` has no Gaussian readouts: gradients are known for these only"
    }
    if parameters.contains(where: { $0.part == .baseline || $0.part == .history }) {
      return "`\(twin)` has baselines or spike history: its rates are not those of its readouts alone"
    }
    if hasOutputCalibration {
      return "`\(twin)` has an output calibration: its rates are not those of its readouts alone"
    }
    return nil
  }
}
