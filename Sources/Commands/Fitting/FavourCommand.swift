import Analysis
import Base
import Language
import Recordings
import Session
import Workspace

/// Each cell's share of the masked Poisson loss and of its gradients.
struct FavourCommand: Command {
  static let signature = Signature(
    "favour", in: "fitting", "Which cells the training loss favours: each one's share of it and of its gradients"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("stimulus", .stimulus, "The recording's stimulus", keyword: "on")
  .tableName()
  .flag(
    "split", .choice(["train", "val", "all"]), default: .string("train"),
    "Which trials: training, held-out (val) or all"
  )
  .head()
  .behavior()
  .flag("sizes", "Show absolute values (nats/bin and gradient norms), not shares")
  .flag("summary", "Show how scores, losses and gradients depend on the firing rate, instead of the table of cells")
  .replace()
  .returns(.table(LossParts.shareShape.signatures))
  .returns(LossParts.summaryShape.signatures, when: .given("summary"))
  .returns(LossParts.sizeShape.signatures, when: .given("sizes"))
  .searchTerms(
    "favouritism", "loss share", "gradient", "imbalance", "inverse rate", "weights", "starved", "firing rate", "bias",
    "high rate cells", "low rate cells", "favor"
  )
  .details(
    """
    The loss is sum d (r - y ln r) / sum d over all frames and cells of the split. Its zero depends on the unit of the rates, \
    so shares are of the deviance instead: twice the loss minus that of rates that equal the counts (loss_share). \
    readout_share is the cell's share of the gradient on the readouts: the norm over its feature weights, centre, widths, \
    angle and bias, all frames together; near an optimum it is mostly noise. core_share is its share of the gradient that \
    reaches the core: the norm of the gradient on the core's last-step features, root mean square over frames, each frame \
    a batch of its own. A share is a norm divided by the sum of all norms. AdamW scales each readout's gradient separately, \
    so cells compete only through the core. weight is (1 / m) / mean(1 / m), where m is the masked mean count on training \
    trials; loss_w, readout_w and core_w are the shares under these weights.

    With --sizes the losses add up to the training loss. With --summary there is one row for each score and quantity: its \
    Spearman correlation with the firing rate, and the share of the quarter of the cells with the highest rates.
    """)

  static let examples = [
    Example(
      "favour twin on sim/gaborium | sort rate_hz --reverse | head 4", "Do cells with high rates dominate the loss?"),
    Example("favour twin on sim/gaborium --summary", "How loss and gradients depend on the firing rate"),
    Example(
      "favour twin on sim/gaborium | plot rate_hz core_share", "Each cell's share of the gradient on the core, by rate"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    if call.isSet("sizes"), call.isSet("summary") {
      throw Failure(.usage, "--sizes and --summary can't be combined", span: call.span(of: "summary"))
    }
    let twin = try session.loadTwin(call.string("subject"), at: call.span(of: "subject"))
    let source = try session.loadStimulus(call.string("stimulus"), at: call.span(of: "stimulus")).shown(
      to: twin, by: call)
    let head = try twin.head(for: source, named: call.optionalString("head"))
    let split = try session.split(of: call)
    let (parts, frameCount) = try session.lossParts(of: twin, head: head, on: source, split: split)
    let origin = session.origin(twin, head: head, on: source, split: split)
    var table =
      call.isSet("summary") ? parts.summaryTable : call.isSet("sizes") ? parts.sizeTable : parts.shareTable
    table.note =
      "\(origin.label), split \(split.rawValue), \(frameCount) frames, loss \(NumberText.of(parts.loss)) nats/bin; \(parts.note)"
    if let trained = try session.trainedStimuli(of: twin.payload), !trained.contains(source.stimulus.name) {
      table.note? += "; it was trained on \(trained.joined(separator: ", "))"
    }
    try session.keep(table, for: call, parent: origin.version)
    return .table(table)
  }
}

extension FavourCommand: AsksFrames {
  static let asks = CachedKind.features
  static let splits: [Split] = [.train]
}
