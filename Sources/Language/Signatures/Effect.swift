/// What a command does to the workspace and the session. Dry run, recipes and replay depend on it.
public enum Effect: Sendable, Equatable {
  /// It computes a result. Nothing is kept except a table or file that the call names.
  case looks
  /// It opens, names, drops or marks objects without computing anything. A dry run runs it on a copy of the catalogue.
  case names
  /// It computes and keeps results: objects, scores, calibrations.
  case changes
  /// It concerns the session and its history, not objects.
  case session(SessionEffect)
}

/// What a command does that concerns the session.
public enum SessionEffect: Sendable, Equatable {
  /// It shows something that is the same in every session, or sets how results are shown: help, output mode.
  case shows
  /// It shows this session, its history or this machine.
  case reports
  /// It shows, repeats or undoes entries by their numbers.
  case travels
  /// It manages the session or the workspace as a whole: checks, cleans, records, ends.
  case manages
}

extension Effect {
  /// Whether the command only shows something of the session. A recipe leaves out such entries by default.
  public var showsSession: Bool { self == .session(.shows) || self == .session(.reports) }

  /// Whether the command acts on its own session, so that it can't be part of a recipe.
  public var isBoundToSession: Bool { self == .session(.travels) || self == .session(.manages) }

  /// Whether running the command again in a copy of the workspace gives the same result.
  public var isReplayable: Bool { self != .session(.reports) && self != .session(.manages) }
}
