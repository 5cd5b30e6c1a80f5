import Session

/// Commands that know objects, tables and entries, and no neuroscience: one line each, in the order of `help`.
public enum WorkspaceCommands {
  /// To open, list, show, rename, drop and export objects.
  public static let objects: [any Command.Type] = [
    OpenCommand.self,
    LsCommand.self,
    ShowCommand.self,
    InspectCommand.self,
    RenameCommand.self,
    DropCommand.self,
    ExportCommand.self,
  ]

  /// What stands behind a pipe.
  public static let tables: [any Command.Type] = [
    WhereCommand.self,
    SortCommand.self,
    SelectCommand.self,
    HeadCommand.self,
    TailCommand.self,
    GroupCommand.self,
    SummarizeCommand.self,
    JoinCommand.self,
    UniqueCommand.self,
    CountCommand.self,
    DescribeCommand.self,
    PlotCommand.self,
    SaveCommand.self,
  ]

  /// Entries, versions, provenance and the workspace itself.
  public static let history: [any Command.Type] = [
    HistoryCommand.self,
    InCommand.self,
    OutCommand.self,
    RerunCommand.self,
    ScriptCommand.self,
    RecordCommand.self,
    CacheCommand.self,
    SQLCommand.self,
    CleanCommand.self,
    UndoCommand.self,
    RedoCommand.self,
    SnapshotCommand.self,
    SnapshotsCommand.self,
    RestoreCommand.self,
    LineageCommand.self,
    StatusCommand.self,
    RefreshCommand.self,
    VerifyCommand.self,
  ]

  /// Help, and the shell.
  public static let help: [any Command.Type] = [
    ModeCommand.self,
    HelpCommand.self,
    ExamplesCommand.self,
    ExplainCommand.self,
    PrintCommand.self,
    ExitCommand.self,
    QuitCommand.self,
  ]
}
