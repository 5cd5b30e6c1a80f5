import Base
import Kernels

/// How layers that train differently from how they predict are to behave.
public enum PassMode: String, Sendable, CaseIterable {
  /// Batch statistics, a step of power iteration, dropout.
  case train
  /// As in prediction.
  case eval
  /// As `train`, with every dropout probability 0.
  case trainDropoutOff = "train-dropout-off"
}

/// One pass through a network, forward and back: what it was asked for and what it leaves behind.
///
/// Layers are immutable; whatever a pass changes lies here. A pass belongs to one group of samples and to one thread at a
/// time.
package final class Pass {
  package let mode: PassMode
  private let seed: UInt64
  /// Number of the group's first sample in the batch: chance depends on the sample, not on the group.
  private let firstSample: Int
  package private(set) var gradients = Gradients()
  /// Buffers after a forward pass in train mode, by name.
  package private(set) var updated: [String: Tensor] = [:]
  /// Another pass with the same inputs and parameters would give the same: nothing was dropped, no buffer has moved.
  package private(set) var isRepeatable = true
  /// Parameters whose gradients are asked for; nil for all.
  private let trained: Set<String>?

  package init(mode: PassMode, seed: UInt64 = 0, firstSample: Int = 0, trained: Set<String>? = nil) {
    self.mode = mode
    self.seed = seed
    self.firstSample = firstSample
    self.trained = trained
  }

  /// Gradients of the statistics of the samples' stimuli, by sample of the group.
  package private(set) var statistics: [Int: [Double]] = [:]

  /// Whether gradients of what the twin is given are asked for.
  package var wantsInputs: Bool { trained == nil }

  /// Adds to the gradient of a sample's statistics.
  package func addStatistics(_ gradient: [Double], sample: Int) {
    guard wantsInputs else { return }
    statistics[sample] = statistics[sample].map { zip($0, gradient).map { $0 + $1 } } ?? gradient
  }

  /// Whether statistics of the batch are used and buffers move.
  package var trains: Bool { mode != .eval }

  /// Whether a gradient can reach a tensor in training.
  package static func isReached(_ stored: StoredTensor) -> Bool {
    stored.fixed == nil && stored.dead == nil && !stored.isBuffer
  }

  /// Whether the gradient of a tensor is asked for and reaches it.
  package func wants(_ stored: StoredTensor?) -> Bool {
    guard let stored, Self.isReached(stored) else { return false }
    return trained?.contains(stored.name) ?? true
  }

  /// Adds to a parameter's gradient; does nothing where none is asked for or none reaches it in training.
  package func add(_ gradient: @autoclosure () -> [Float], to parameter: Parameter?) {
    guard let stored = parameter?.stored, wants(stored) else { return }
    gradients.add(gradient(), to: stored.gradientName ?? stored.name, shape: stored.shape)
  }

  package func update(_ buffer: Parameter?, to values: [Float]) {
    guard let stored = buffer?.stored else { return }
    isRepeatable = false
    updated[stored.name] = Tensor(shape: stored.shape, values: values)
  }

  /// Factors of one sample for a dropout step: 0 with probability `rate`, else 1 / (1 - rate). Nil where nothing drops.
  package func dropout(_ rate: Double, sample: Int, count: Int, at name: String) -> [Float]? {
    guard mode == .train, rate > 0 else { return nil }
    isRepeatable = false
    var key = seed
    for byte in name.utf8 { key = (key ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Dropout.factors(
      count: count, rate: rate, key: key ^ (UInt64(firstSample + sample) &* 0x9e37_79b9_7f4a_7c15))
  }
}

extension FeatureBatch {
  /// Values dropped at random, for each sample by its own chance.
  package func tracedDropout(_ rate: Double, at name: String, _ pass: Pass) throws -> TracedBatch {
    guard pass.mode == .train, rate > 0 else { return (self, { $0 }) }
    return try tracedSamples { sample, features in
      guard let factors = pass.dropout(rate, sample: sample, count: features.values.count, at: name) else {
        return (features, { $0 })
      }
      func dropped(_ values: Features) -> Features {
        var out = values
        Elementwise.multiply(factors, to: &out.values, count: factors.count)
        return out
      }
      return (dropped(features), dropped)
    }
  }
}
