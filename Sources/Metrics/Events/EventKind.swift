/// Kinds of events that responses are aligned to.
package enum EventKind: String, CaseIterable, Sendable {
  case saccade, fixation, trial

  package var plural: String {
    switch self {
    case .saccade: "saccades"
    case .fixation: "fixations"
    case .trial: "trials"
    }
  }
}
