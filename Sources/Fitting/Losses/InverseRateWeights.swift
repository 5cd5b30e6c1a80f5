import Foundation

/// Weights in the loss under which a cell counts for what it does with its spikes, not for how many it has.
///
/// Formula: `w_k = m_k^-P / mean_j(m_j^-P)`, m the masked mean count a bin, the mean over cells that have one above 0. The power P
/// is 1 for inverse rates.
/// Undefined: nil for a cell without bins or spikes: its weight would be infinite.
/// Source: inverse-rate weighting as in `twin/README.md`.
public enum InverseRateWeights {
  /// - Parameter means: masked mean count of each cell; nil or not positive where it has none.
  public static func of(_ means: [Double?], power: Double = 1) -> [Double?] {
    let inverse = means.map { mean in mean.flatMap { $0 > 0 && $0.isFinite ? pow($0, -power) : nil } }
    let known = inverse.compactMap(\.self)
    let mean = known.reduce(0, +) / Double(known.count)
    return inverse.map { $0.map { $0 / mean } }
  }
}
