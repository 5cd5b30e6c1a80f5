import Base
import Session

/// One thing that could explain why a cell is fitted badly.
struct Cause {
  enum Kind: String, CaseIterable {
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
    var remedy: String {
      switch self {
      case .fewSpikes: "record longer, or judge by several cells together"
      case .masked: "look at the data filter (dfs) and at the bins that it leaves"
      case .notVisual: "leave the cell out of means over cells"
      case .ceiling: "judge by cc_norm, which divides by the ceiling"
      case .drift: "look at the spike sorting; score stretches of the recording apart"
      case .scale: "calibrate, then --calibrated"
      case .latency: "check the clocks of frames and spikes, and the lags of the YAML"
      case .starved: "train with inverse-rate weights"
      case .place, .width, .weights: "refit the readout on this recording"
      }
    }
  }

  var kind: Kind
  /// The evidence over what it takes to call it found: found from 1 on. nil: can't be told.
  var strength: Double?
  /// Bits per spike that mending it would bring over the rates as predicted; nil where it is not found, or no remedy can be
  /// tried.
  var brings: Double?
  var evidence: String

  var isFound: Bool { strength.map { $0 >= 1 } ?? false }

  /// No evidence counts for more than this.
  static let strongest = 4.0

  init(_ kind: Kind, strength: Double?, brings: Double? = nil, _ evidence: String) {
    self.kind = kind
    self.strength = strength.flatMap { $0.isNaN ? nil : max(0, min($0, Self.strongest)) }
    self.brings = brings.flatMap { (strength ?? 0) >= 1 ? $0 : nil }
    self.evidence = evidence
  }

  static func unknown(_ kind: Kind, _ why: String) -> Cause { Cause(kind, strength: nil, why) }

  /// The strongest first; of equals the one that brings more, then the order of the kinds. What can't be told comes last.
  static func ranked(_ causes: [Cause]) -> [Cause] {
    causes.enumerated().sorted { a, b in
      let (first, second) = (a.element, b.element)
      if (first.strength == nil) != (second.strength == nil) { return first.strength != nil }
      if first.strength != second.strength { return first.strength ?? 0 > second.strength ?? 0 }
      let (gained, other) = (first.brings ?? 0, second.brings ?? 0)
      if gained != other { return gained > other }
      return a.offset < b.offset
    }.map(\.element)
  }
}
