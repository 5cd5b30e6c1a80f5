import Formats

/// A filter of the frontend along time, as it acts: weight norm, window and all.
public struct TemporalKernel: Sendable, Equatable {
  /// Where on the time axis a kernel reads from the step that it gives. Index 0 of that axis is the newest frame.
  public enum Side: String, Sendable {
    /// Tap j of output step t meets lag t + j.
    case older
    /// Tap j of output step t meets lag t - j: what is newer than its step; before the newest frame stands padding.
    case newer
    case both
  }

  /// `filter 2`, `filter 2 (coarse)`, `basis 3`, `y`
  public var name: String
  /// Of each tap: how far it lies from its output step, in frames; negative only where the kernel reads both sides.
  public var lags: [Int]
  public var side: Side
  /// Height and width.
  public var plane: [Int]
  /// `[pixel][tap]`
  public var weights: [[Float]]
  /// Taps that can't move in training, and why.
  public var heldTaps: [Int] = []
  public var heldReason: String?
  /// Why no tap can move.
  public var fixed: String?

  /// Taps without any weight.
  public var zeroTaps: [Int] {
    let largest = weights.joined().reduce(0) { max($0, abs($1)) }
    return lags.indices.filter { tap in weights.allSatisfy { abs($0[tap]) <= 1e-6 * largest } }
  }
}

/// A layer whose filters over time can be looked at.
package protocol TemporalFilters: Layer {
  /// - Precondition: the layer is loaded.
  /// - Throws: what reading the weights from `source` throws.
  func temporalKernels(from source: any ArraySource) throws -> [TemporalKernel]
}
