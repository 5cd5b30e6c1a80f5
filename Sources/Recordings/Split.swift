/// The frames of a stimulus that are used: those of the training trials, of the validation trials, or all.
public enum Split: String, Sendable, CaseIterable {
  case train, val, all

  /// The trials in words, for notes: `the held-out trials`.
  public var trials: String {
    switch self {
    case .train: "the training trials"
    case .val: "the held-out trials"
    case .all: "all trials"
    }
  }
}
