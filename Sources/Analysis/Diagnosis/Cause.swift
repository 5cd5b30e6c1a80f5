import Base

/// One thing that could explain why a cell is predicted badly.
package struct Cause: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case fewSpikes = "few spikes"
    case masked = "masked bins"
    case notVisual = "not visual"
    case ceiling = "noise ceiling"
    case drift = "drifting rate"
    case scale = "gain or offset"
    case latency
    case place = "readout's place"
    case width = "readout's width"
    case weights = "readout's weights"
    case starved = "starved in the loss"

    /// What to do about it.
    package var remedy: String {
      switch self {
      case .fewSpikes: "record longer, or judge several cells together"
      case .masked: "look at the data filter (dfs) and at the bins that it leaves"
      case .notVisual: "leave the cell out of means over cells"
      case .ceiling: "judge by cc_norm, which divides by the ceiling"
      case .drift: "look at the spike sorting; score parts of the recording separately"
      case .scale: "calibrate, then --calibrated"
      case .latency: "check the clocks of frames and spikes, and the lags of the YAML"
      case .starved: "train with inverse-rate weights"
      case .place, .width, .weights: "refit the readout on this recording"
      }
    }
  }

  package var kind: Kind
  /// The evidence relative to the threshold for reporting the cause: it is reported from 1 on. Nil where the data can't decide.
  package var strength: Double?
  /// Bits per spike by which the remedy would raise the score of the rates as predicted; nil where the cause is not
  /// reported, or there is no remedy to try.
  package var expectedGain: Double?
  package var evidence: String

  package var isFound: Bool { strength.map { $0 >= 1 } ?? false }

  /// No evidence counts for more than this; where it would, `evidence` says that the strength is capped.
  static let strongest = 4.0

  init(_ kind: Kind, strength: Double?, expectedGain: Double? = nil, _ evidence: String) {
    self.kind = kind
    self.strength = strength.flatMap { $0.isNaN ? nil : max(0, min($0, Self.strongest)) }
    self.expectedGain = expectedGain.flatMap { (strength ?? 0) >= 1 ? $0 : nil }
    let isCapped = strength.map { $0 > Self.strongest } ?? false
    self.evidence = isCapped ? evidence + "; strength capped at \(NumberText.of(Self.strongest))" : evidence
  }

  static func unknown(_ kind: Kind, _ why: String) -> Cause { Cause(kind, strength: nil, why) }

  /// Adds to the evidence of causes that are found together which of their remedies raises the score most.
  static func compared(_ causes: [Cause]) -> [Cause] {
    let found = causes.filter { $0.isFound && ($0.expectedGain ?? 0) > 0 }
    guard found.count > 1, let best = found.max(by: { $0.expectedGain ?? 0 < $1.expectedGain ?? 0 }),
      let most = best.expectedGain
    else { return causes }
    let number = NumberText.threeDigits(most, mostDecimals: 3)
    return causes.map { cause in
      guard cause.isFound else { return cause }
      var cause = cause
      cause.evidence +=
        cause.kind == best.kind
        ? "; of \(found.count) causes with a remedy, this one raises the score most (by \(number) bits/spike)"
        : "; the remedy for \(best.kind.rawValue) raises the score more (by \(number) bits/spike)"
      return cause
    }
  }

  /// The strongest first; of equally strong ones the one with the larger expected gain, then in the order of the kinds.
  /// Causes that the data can't decide come last.
  static func ranked(_ causes: [Cause]) -> [Cause] {
    causes.enumerated().sorted { a, b in
      let (first, second) = (a.element, b.element)
      if (first.strength == nil) != (second.strength == nil) { return first.strength != nil }
      if first.strength != second.strength { return first.strength ?? 0 > second.strength ?? 0 }
      let (gained, other) = (first.expectedGain ?? 0, second.expectedGain ?? 0)
      if gained != other { return gained > other }
      return a.offset < b.offset
    }.map(\.element)
  }
}
