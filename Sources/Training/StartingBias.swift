import Base
import Formats
import Foundation
import Twin

/// Readout biases from which every cell answers with its mean count.
///
/// Formula: bias = f^-1(mean count), f the output activation; counts from 1e-6 on.
/// Source: VisionCore's `on_fit_start` (TRAINING 3)
public enum StartingBias {
  private static let smallestMean = 1e-6

  /// Sets the biases of the sets' heads; where a head has several sets, their means count by their frames. A cell without a
  /// valid bin keeps its bias.
  ///
  /// - Throws: `unsupported` for an output activation that has no inverse, or a readout without a bias.
  public static func set(
    _ store: inout ParameterStore, of architecture: TwinArchitecture, from sets: [any TrainingSet]
  ) throws {
    let inverse = try inverse(of: architecture)
    for head in Set(sets.map(\.head)).sorted() {
      let own = sets.filter { $0.head == head }
      let names = ["readouts.\(head).bias", "readouts.\(head).fc.bias", "readout.bias", "readout.fc.bias"].filter {
        store.info($0) != nil && (architecture.heads.count == 1 || $0.hasPrefix("readouts."))
      }
      guard !names.isEmpty else {
        throw Failure(.unsupported, "the readout of head \(head) has no bias to start at the mean counts")
      }
      for name in names {
        var bias = try store.tensor(name)
        for cell in bias.values.indices {
          guard let mean = mean(of: cell, own) else { continue }
          bias.values[cell] = Float(inverse(max(mean, smallestMean)))
        }
        try store.set(name, to: bias)
      }
    }
  }

  private static func mean(of cell: Int, _ sets: [any TrainingSet]) -> Double? {
    let known = sets.compactMap { set in
      set.meanCounts.indices.contains(cell) ? set.meanCounts[cell].map { ($0, Double(set.trainingFrames.count)) } : nil
    }
    let frames = known.reduce(0) { $0 + $1.1 }
    return frames > 0 ? known.reduce(0) { $0 + $1.0 * $1.1 } / frames : nil
  }

  private static func inverse(of architecture: TwinArchitecture) throws -> (Double) -> Double {
    let type = architecture.configuration["output_activation"]?.stringValue ?? "none"
    switch type.lowercased() {
    case "none": return { log($0) }
    // For large x, ln(e^x - 1) is x.
    case "softplus": return { $0 > 20 ? $0 : log(expm1($0)) }
    case "relu", "identity": return { $0 }
    default:
      throw Failure(
        .unsupported, "output_activation `\(type.shortened)` has no inverse that is known here",
        hint: "train without --init-bias")
    }
  }
}
