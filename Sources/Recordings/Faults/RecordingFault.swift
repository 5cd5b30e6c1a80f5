import Base
import Foundation

/// A fault that is planted into a copy of a recording, to test commands that search for faults.
///
/// Faults change counts and mask of single cells, never the stimulus. Spikes are removed one by one, so that counts
/// stay integers and Poisson counts stay Poisson.
public enum RecordingFault: Sendable, Equatable {
  /// Loses spikes at random: none at the beginning, this fraction at the end, and in between in proportion to time.
  case drift(Double)
  /// Loses this fraction of the spikes at all times.
  case thin(Double)
  /// Masks this fraction of the bins, in runs of `stretch` bins.
  case mask(Double, stretch: Int)
  /// Delays the spikes by this many bins. The first bins of a trial have none.
  case delay(Int)
  /// Shifts each trial circularly in time by a random amount. The counts stay, but their relation to the stimulus is
  /// lost.
  case scramble

  /// Counts and mask of one cell, with the fault.
  ///
  /// - Parameters:
  ///   - counts, mask: `[time]`.
  ///   - trials: ranges of frames, without overlap. `delay` and `scramble` do not change frames outside them.
  public func applied(
    counts: [Float], mask: [Float], trials: [Range<Int>], generator: inout NumpyGenerator
  ) -> (counts: [Float], mask: [Float]) {
    precondition(counts.count == mask.count, "\(counts.count) counts, \(mask.count) mask values")
    var (counts, mask) = (counts, mask)
    switch self {
    case .drift(let share):
      let last = Double(max(1, counts.count - 1))
      for frame in counts.indices {
        counts[frame] = Self.thinned(counts[frame], losing: share * Double(frame) / last, &generator)
      }
    case .thin(let share):
      for frame in counts.indices { counts[frame] = Self.thinned(counts[frame], losing: share, &generator) }
    case .mask(let share, let stretch):
      let length = max(1, stretch)
      let stretches = (counts.count + length - 1) / length
      let chosen = generator.permutation(stretches).prefix(Int((share * Double(stretches)).rounded()))
      for index in chosen {
        for frame in index * length..<min(counts.count, (index + 1) * length) { mask[frame] = 0 }
      }
    case .delay(let bins):
      for trial in trials {
        let old = Array(counts[trial])
        for (index, frame) in trial.enumerated() {
          counts[frame] = old.indices.contains(index - bins) ? old[index - bins] : 0
        }
      }
    case .scramble:
      for trial in trials {
        let old = Array(counts[trial])
        let turn = generator.integer(below: old.count)
        for (index, frame) in trial.enumerated() { counts[frame] = old[(index + turn) % old.count] }
      }
    }
    return (counts, mask)
  }

  /// A count after a random loss of spikes. A count that is not an integer is scaled instead.
  private static func thinned(_ count: Float, losing share: Double, _ generator: inout NumpyGenerator) -> Float {
    guard count > 0, share > 0 else { return count }
    guard let whole = Int(exactly: count), whole <= 1_000_000 else { return count * Float(1 - share) }
    return Float((0..<whole).count { _ in generator.unit() >= share })
  }
}
