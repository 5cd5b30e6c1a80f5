import Language

/// Every command there is: one line each, in the order of `help`.
public enum AllCommands {
  public static let all: [any Command.Type] = [
    Open.self,
    List.self,
    Show.self,
    Rename.self,
    Drop.self,
    Export.self,
    Evaluate.self,
    Generalization.self,
    Why.self,
    Compare.self,
    Leaderboard.self,
    Predict.self,
    Neurons.self,
    Neuron.self,
    SpikeTriggeredAverages.self,
    ShowReceptiveField.self,
    Saccades.self,
    Triggered.self,
    Raster.self,
    Tuning.self,
    MakeReport.self,
    Calibrate.self,
    Gain.self,
    Favour.self,
    Refit.self,
    Check.self,
    Tree.self,
    Params.self,
    Temporal.self,
    Diff.self,
    Forward.self,
    Damage.self,
    Freeze.self,
    Unfreeze.self,
    Where.self,
    Sort.self,
    Select.self,
    Head.self,
    Tail.self,
    Group.self,
    Summarize.self,
    Join.self,
    Unique.self,
    Count.self,
    Describe.self,
    Plot.self,
    Save.self,
    History.self,
    EntrySource.self,
    Output.self,
    Rerun.self,
    Script.self,
    RecordSession.self,
    Cache.self,
    SQL.self,
    Clean.self,
    Undo.self,
    Redo.self,
    TakeSnapshot.self,
    Snapshots.self,
    Restore.self,
    Lineage.self,
    Status.self,
    Refresh.self,
    Verify.self,
    Mode.self,
    Help.self,
    Examples.self,
    Explain.self,
    Print.self,
    Exit.self,
    Quit.self,
  ]

  public static let signatures = SignatureTable(all.map { $0.signature })
  private static let byName = Dictionary(all.map { ($0.signature.name, $0) }, uniquingKeysWith: { first, _ in first })

  public static func command(_ name: String) -> (any Command.Type)? { byName[name] }

  /// Categories in the order of their first command.
  static var categories: [String] {
    var seen: Set<String> = []
    return all.map { $0.signature.category }.filter { seen.insert($0).inserted }
  }
}
