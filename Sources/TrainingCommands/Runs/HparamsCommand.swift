import Base
import Language
import Runs
import Session

/// The settings in which the runs of a set differ.
struct HparamsCommand: Command {
  static let signature = Signature("hparams", in: "training", "The settings in which runs of other tools differ")
    .argument("set", .object(kinds: ["runs"]), "A set of runs that `open FOLDER` made")
    .returns(.table([]))
    .searchTerms("hyperparameters", "settings", "parameters", "configuration", "sweep", "grid", "differences")
    .details(
      """
      A row is a run, a column a setting that has two values or more in the set; settings that are the same in all runs are \
      left out. Numbers are compared as numbers: 1e-3 is 0.001. Settings come from what the tool saved (hparams.yaml, \
      params.json, the configuration in a W&B log or a checkpoint), and from names of folders where nothing else tells; an \
      entry that ends with `…` was cut in such a name.
      """)

  static let examples = [
    Example("open runs as grid --glob 'resnet*'; hparams grid", "What differs between the demo's runs")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let set = try session.runSet(named: call.string("set"), at: call.span(of: "set"))
    var table = RunsTable.settings(set.runs)
    if table.columns.count == 1 { table.note = "no setting differs between the runs" }
    return .table(table)
  }
}
