import Base
import Formats
import Layers
import Twin

/// Finds what should be known about how a checkpoint keeps its weights: averages, integers, lists and sparse tensors.
package struct StoredWeightCheck {
  private let architecture: TwinArchitecture
  private let checkpoint: Checkpoint

  package init(_ architecture: TwinArchitecture, of checkpoint: Checkpoint) {
    self.architecture = architecture
    self.checkpoint = checkpoint
  }

  package var findings: [Finding] { averages + integers + conversions }

  /// Averaged weights, and other sets of weights in the file.
  private var averages: [Finding] {
    let used = checkpoint.weights
    guard used.isAveraged || checkpoint.otherWeights.contains(where: \.isAveraged) else { return [] }
    let other = checkpoint.otherWeights.first { $0.isAveraged != used.isAveraged }
    return [
      Finding(
        .warning, "checkpoint", used.name,
        used.isAveraged
          ? "these weights are averaged over training steps"
            + (other == nil ? "" : "; the file also holds the trained ones")
          : "these are the trained weights; the file also holds averaged ones (`\(other?.name ?? "")`)",
        remedy: other.map { "`open … --weights \($0.name)` takes the others" })
    ]
  }

  /// Weights that are kept as integers: without a scale they are rarely what was trained.
  private var integers: [Finding] {
    architecture.tensorUses.compactMap { use in
      let name = use.parameter.name
      guard use.status == .used, let scalar = checkpoint.info(name)?.scalar, !scalar.isFloatingPoint else { return nil }
      return Finding(
        .warning, use.parameter.part.rawValue, name,
        "stored as \(scalar.rawValue): its integers are used as they are, without a scale",
        shapes: TensorText.shape(use.parameter.shape),
        remedy: "save it as floating point: `tensor.dequantize()` or `tensor.float()` before torch.save")
    }
  }

  /// Weights that vcsh made dense.
  private var conversions: [Finding] {
    checkpoint.convertedNames.map { name in
      Finding(
        .warning, ParameterInfo(name: name, shape: []).part.rawValue, name,
        "stored as a list of numbers or a sparse tensor: vcsh reads it as a dense tensor",
        remedy: "VisionCore needs a dense tensor: `tensor.to_dense()` before torch.save")
    }
  }
}
