/// What running a command does to the workspace and the session: dry run, recipes and replay follow from it.
public enum Effect: Sendable, Equatable {
  /// It works out a result. At most the result is kept, as a table or file that the call names.
  case looks
  /// It opens, names, drops or marks objects and computes nothing: a dry run carries it out on a copy of the catalogue.
  case names
  /// It computes, and keeps what it made: objects, scores, calibrations.
  case changes
  /// It is about the session and its history, not about objects.
  case session(SessionEffect)
}

/// What a command that is about the session does.
public enum SessionEffect: Sendable, Equatable {
  /// It shows what is the same in every session, or sets how results are shown: help, output mode.
  case shows
  /// It shows this session, its history or this machine.
  case reports
  /// It acts on entries by their numbers: shows, repeats, takes back.
  case travels
  /// It manages the session or the workspace as a whole: checks, cleans, records, ends.
  case manages
}

extension Effect {
  /// Whether the command only shows something of the session: a recipe leaves such entries out unless asked.
  public var showsSession: Bool { self == .session(.shows) || self == .session(.reports) }

  /// Whether the command acts on its own session, so that it has no place in a recipe.
  public var isBoundToSession: Bool { self == .session(.travels) || self == .session(.manages) }

  /// Whether running the command again in a copy of the workspace gives what it gave.
  public var isReplayable: Bool { self != .session(.reports) && self != .session(.manages) }
}
