import Session

/// Commands that train twins, and those that look at runs: one line each, in the order of `help`.
public enum TrainingCommands {
  /// Training, and runs of other tools.
  public static let all: [any Command.Type] = [
    NewCommand.self,
    TrainCommand.self,
    ResumeCommand.self,
    WhatIfCommand.self,
    WorthCommand.self,
    RunsCommand.self,
    CurvesCommand.self,
    HparamsCommand.self,
    EffectsCommand.self,
    SuggestCommand.self,
    BestCommand.self,
    ForecastCommand.self,
    WatchCommand.self,
  ]

  /// What penalties make of a twin's kernels.
  public static let kernels: [any Command.Type] = [
    PenaltiesCommand.self
  ]
}
