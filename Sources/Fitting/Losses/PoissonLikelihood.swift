import Foundation
import Metrics

/// The Poisson likelihood as evaluation and training score it, without the term that depends on counts alone.
///
/// One bin: `y ln(r + 1e-8) - r` for a predicted rate r and an observed count y, both per bin.
/// Source: SEMANTICS 15, DESIGN "Numbers".
package enum PoissonLikelihood {
  /// Added to every rate inside a logarithm.
  package static let epsilon = MaskedSums.rateFloor

  /// Loss of one bin in nats: `r - y ln(r + 1e-8)`.
  @inline(__always)
  package static func loss(rate: Double, count: Double) -> Double {
    count == 0 ? rate : rate - count * log(rate + epsilon)
  }

  /// d loss / d rate: `1 - y / (r + 1e-8)`.
  @inline(__always)
  package static func derivative(rate: Double, count: Double) -> Double {
    count == 0 ? 1 : 1 - count / (rate + epsilon)
  }

  /// Log-likelihood of `spikes` counts in `bins` bins at the constant rate `spikes / bins`.
  package static func constant(spikes: Double, bins: Double) -> Double {
    spikes * log(spikes / bins + epsilon) - spikes
  }

  /// Bits per spike of a log-likelihood against the constant rate of the same bins.
  ///
  /// Undefined without spikes. 0 where the two differ by the rounding of their sums alone.
  package static func bitsPerSpike(_ logLikelihood: Double, spikes: Double, bins: Double) -> Double? {
    guard spikes > 0, bins > 0 else { return nil }
    let constant = constant(spikes: spikes, bins: bins)
    let gained = logLikelihood - constant
    return abs(gained) <= 1e-14 * abs(constant) ? 0 : gained / (spikes * log(2))
  }
}
