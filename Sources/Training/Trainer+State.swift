import Formats

extension Trainer {
  /// Everything that the optimiser remembers.
  package var optimiserState: [NamedArray] {
    optimiser.state + (settings.optimiser == .lbfgs ? quasiNewton.state : [])
  }

  /// Goes on from a state that was kept: the next steps are the same to the bit as without a break.
  ///
  /// - Throws: what reading throws.
  package mutating func restoreOptimiser(_ state: any ArraySource) throws {
    try optimiser.restore(state)
    if settings.optimiser == .lbfgs { try quasiNewton.restore(state) }
  }
}
