import Session

/// What responses are aligned to.
enum EventKind: String, CaseIterable {
  case saccade, fixation, trial

  var plural: String {
    switch self {
    case .saccade: "saccades"
    case .fixation: "fixations"
    case .trial: "trials"
    }
  }
}
