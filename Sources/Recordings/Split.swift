/// The frames of a stimulus that are used: those of the training trials, of the validation trials, or all.
public enum Split: String, Sendable, CaseIterable { case train, val, all }
