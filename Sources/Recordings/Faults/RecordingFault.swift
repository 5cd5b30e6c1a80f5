import Base
import Foundation

/// A known fault for a copy of a recording: a control for whatever claims to find faults.
///
/// Faults act on counts and mask of single cells and leave the stimulus alone. Spikes are lost one by one, so that counts
/// stay whole numbers and Poisson counts stay Poisson.
public enum RecordingFault: Sendable, Equatable {
  /// Spikes are lost, at random: none at the beginning, this share of them at the end, in between in proportion to time.
  case drift(Double)
  /// This share of the spikes is lost throughout.
  case thin(Double)
  /// This share of the bins is masked, in stretches of `stretch` bins.
  case mask(Double, stretch: Int)
  /// Spikes come this many bins later; the first bins of a trial get none.
  case delay(Int)
  /// Every trial is turned in time by a random amount: its counts stay, what ties them to the stimulus goes.
  case scramble

  /// Counts and mask of one cell with the fault.
  ///
  /// - Parameters:
  ///   - counts, mask: `[time]`.
  ///   - trials: ranges of frames, without overlap; frames outside them are left alone by `delay` and `scramble`.
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

  /// A count without the spikes that chance takes; what is no whole number is scaled.
  private static func thinned(_ count: Float, losing share: Double, _ generator: inout NumpyGenerator) -> Float {
    guard count > 0, share > 0 else { return count }
    guard let whole = Int(exactly: count), whole <= 1_000_000 else { return count * Float(1 - share) }
    return Float((0..<whole).count { _ in generator.unit() >= share })
  }
}
