import Base

/// What a twin must be given besides its weights.
extension TwinArchitecture {
  /// Whether the stimulus plays any part: a twin of a modulator alone answers to behaviour only.
  public var readsStimulus: Bool { layers.constantChannels == nil }

  /// Columns of behaviour that the modulator reads; nil without a modulator.
  public var behaviorColumns: Int? { layers.modulator?.behaviorCount }

  /// Whether what follows the modulator can do without it: its input has the channels of its output.
  public var canLeaveBehaviorOut: Bool {
    guard let modulator = layers.modulator else { return true }
    return readsStimulus && modulator.outputChannels == layers.convnet.outputChannels
  }

  /// Lags and cells of spike history that a head reads; nil for a head without.
  ///
  /// - Throws: `missing` for a head that is not there.
  public func history(head: Int) throws -> (lags: Int, cells: Int)? {
    try layers.head(head).history.map { ($0.lags, $0.cells) }
  }
}
