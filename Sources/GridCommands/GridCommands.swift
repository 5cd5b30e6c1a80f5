import Session

/// Commands that plan many runs, hand them to an engine and bring their results home: one line each, in the order of `help`.
public enum GridCommands {
  public static let all: [any Command.Type] = [
    GridCommand.self,
    SubmitCommand.self,
    JobsCommand.self,
    LogsCommand.self,
    CancelCommand.self,
    RetryCommand.self,
    GatherCommand.self,
  ]
}
