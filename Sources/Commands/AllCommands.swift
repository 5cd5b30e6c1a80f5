import GridCommands
import Session
import TrainingCommands
import WorkspaceCommands

/// Every command of vcsh: one line each, in the order of `help`.
public enum AllCommands {
  public static let table = CommandTable(
    WorkspaceCommands.objects + scores + TrainingCommands.all + GridCommands.all + twins + TrainingCommands.kernels
      + WorkspaceCommands.tables + WorkspaceCommands.history + WorkspaceCommands.help)

  /// Scores, cells, events and fits.
  private static let scores: [any Command.Type] = [
    EvalCommand.self,
    GeneralizationCommand.self,
    WhyCommand.self,
    CompareCommand.self,
    LeaderboardCommand.self,
    PredictCommand.self,
    NeuronsCommand.self,
    NeuronCommand.self,
    STACommand.self,
    RFCommand.self,
    MEICommand.self,
    SaccadesCommand.self,
    TriggeredCommand.self,
    RasterCommand.self,
    TuningCommand.self,
    ReportCommand.self,
    CalibrateCommand.self,
    GainCommand.self,
    FavourCommand.self,
    RefitCommand.self,
    TransferCommand.self,
  ]

  /// Twins, seen and changed.
  private static let twins: [any Command.Type] = [
    CheckCommand.self,
    TreeCommand.self,
    ParamsCommand.self,
    TemporalCommand.self,
    DiffCommand.self,
    ForwardCommand.self,
    GradientsCommand.self,
    EditCommand.self,
    DamageCommand.self,
    FreezeCommand.self,
    UnfreezeCommand.self,
  ]
}
