import Layers

/// How a head's readout lies in the tensors of a checkpoint of several sessions; names are without `model.`.
public enum ReadoutForm: Sendable {
  /// Weights over channels under a Gaussian.
  case gaussian
  /// Weights over the channels' means.
  case linear

  /// Tensors of a linear readout.
  package static func linearWeight(head: Int) -> String { "readouts.\(head).fc.weight" }
  package static func linearBias(head: Int) -> [String] { ["readouts.\(head).fc.bias", "readouts.\(head).bias"] }
}

extension TwinArchitecture {
  /// Whether gains and offsets stand behind the output activation, so that rates are not those of the readouts alone.
  package var hasOutputCalibration: Bool { layers.calibration != nil }

  /// The form of a head's readout; nil where its tensors tell of none that can be fitted.
  package func readoutForm(head: Int) -> ReadoutForm? {
    if parameters.contains(where: { $0.name == GaussianReadout.name(.mean, head: head) }) { return .gaussian }
    return parameters.contains { $0.name == ReadoutForm.linearWeight(head: head) } ? .linear : nil
  }
}
