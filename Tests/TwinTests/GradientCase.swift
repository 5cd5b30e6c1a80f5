import Base
import Formats
import Foundation
import Layers
import Testing
import Twin

/// A reference case with gradients (`grads.npz`), for dataset 0.
struct GradientCase: Sendable, CustomTestStringConvertible {
  var zoo: ZooCase

  var testDescription: String { zoo.testDescription }

  /// Every case of the zoo that has them.
  static let all = ZooCase.withNumbers.map { GradientCase(zoo: $0) }.filter {
    FileManager.default.fileExists(atPath: $0.zoo.folder + "/grads.npz")
  }

  func reference() throws -> NpzArchive { try NpzArchive(path: zoo.folder + "/grads.npz") }

  /// As the reference's README lists it.
  var mode: PassMode {
    switch testDescription {
    case "syn_film_enc_residual", "syn_history_plainmlp": .eval
    case "syn_noncausal_nativepad_stride": .trainDropoutOff
    default: .train
    }
  }

  func twin() throws -> TrainableTwin {
    try TrainableTwin(architecture: zoo.architecture(), source: ParameterStore(zoo.checkpoint()), heads: [0])
  }

  /// - Parameter rows: samples of the inputs; all where nil.
  func gradients(
    _ twin: TrainableTwin, rows: Range<Int>? = nil, mode: PassMode? = nil
  ) throws -> TwinGradients {
    var input = try zoo.input(head: 0)
    if let rows {
      input.stimulus = input.stimulus?[rows: rows]
      input.behavior = input.behavior?[rows: rows]
      input.history = input.history?[rows: rows]
    }
    return try twin.gradients(
      input, head: 0, mode: mode ?? self.mode,
      objective: Self.poisson(try reference().tensor("y"), isLogRate: twin.architecture.outputIsLogRate))
  }

  /// Mean over samples and cells of r - y ln(r + 1e-8), or of exp(x) - y x.
  static func poisson(_ counts: Tensor, isLogRate: Bool) -> TrainableTwin.LossFunction {
    { outputs in
      var loss = 0.0
      var gradient = outputs
      let count = Double(counts.count)
      for (index, (output, y)) in zip(outputs.values, counts.values).enumerated() {
        let (r, y) = (Double(output), Double(y))
        loss += (isLogRate ? exp(r) - y * r : r - y * log(r + 1e-8)) / count
        gradient.values[index] = Float((isLogRate ? exp(r) - y : 1 - y / (r + 1e-8)) / count)
      }
      return (loss, gradient)
    }
  }
}

extension Tensor {
  var peak: Float { values.reduce(0) { max($0, abs($1)) } }

  /// Largest difference from `other` in units of the largest value of `other`.
  func relativeDistance(from other: Tensor) -> Float {
    guard shape == other.shape else { return .infinity }
    let difference = zip(values, other.values).reduce(Float(0)) { worst, pair in
      let distance = abs(pair.0 - pair.1)
      return distance.isNaN ? .infinity : max(worst, distance)
    }
    return difference == 0 ? 0 : difference / other.peak
  }
}
