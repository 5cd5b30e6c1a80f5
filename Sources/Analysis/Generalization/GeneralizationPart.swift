import Metrics
import Recordings

/// One stimulus and split of a recording, and how its cells score there.
package struct GeneralizationPart: Sendable {
  package enum Kind: Int, Sendable {
    case training, heldOut, withheld

    package var text: String {
      switch self {
      case .training: "training"
      case .heldOut: "held-out"
      case .withheld: "withheld"
      }
    }
  }

  package var stimulus: String
  package var split: Split
  package var kind: Kind
  package var frameCount: Int
  package var scores: [CellScores]

  package init(stimulus: String, split: Split, kind: Kind, frameCount: Int, scores: [CellScores]) {
    self.stimulus = stimulus
    self.split = split
    self.kind = kind
    self.frameCount = frameCount
    self.scores = scores
  }
}
