import Base
import Foundation
import Metrics

/// One arm's scores of the cells of one stimulus, seed by seed.
package struct ArmScores: Sendable {
  /// A score of a cell.
  package enum Kind: String, CaseIterable, Sendable {
    case bitsPerSpike = "bits_per_spike"
    case r
    /// |log2 of the pure gain that the counts ask for|: 0 where the rates have the right scale, 1 at a factor of 2.
    case gainError = "gain_error"

    func value(of sums: MaskedSums) -> Double? {
      switch self {
      case .bitsPerSpike: return BitsPerSpike.score(sums).value
      case .r: return PearsonCorrelation.score(sums).value
      case .gainError:
        guard sums.obstacle == nil, sums.counts > 0, sums.rates > 0 else { return nil }
        let error = abs(log2(sums.counts / sums.rates))
        return error.isFinite ? error : nil
      }
    }
  }

  /// Before the first step.
  package var start: [MaskedSums]
  /// After the last step, for each seed.
  package var ends: [[MaskedSums]]

  package init(start: [MaskedSums], ends: [[MaskedSums]]) {
    self.start = start
    self.ends = ends
  }

  func starts(_ kind: Kind) -> [Double?] { start.map(kind.value) }

  /// `[seed][cell]`
  package func scores(_ kind: Kind) -> [[Double?]] { ends.map { $0.map(kind.value) } }
}
