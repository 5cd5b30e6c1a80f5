import Base
import Fitting
import Language
import Metrics
import Recordings
import Rendering
import Session
import Twin
import Workspace

/// Which cells the masked Poisson loss is about.
struct FavourCommand: Command {
  static let signature = Signature(
    "favour", in: "fitting", "Which cells the training loss favours: each one's share of it and of its gradients"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("stimulus", .stimulus, "The recording's stimulus", keyword: "on")
  .tableName()
  .flag("split", .choice(["train", "val", "all"]), default: .string("train"), "Frames of this split of the trials")
  .head()
  .behavior()
  .flag("sizes", "Nats a bin and gradient norms instead of shares")
  .flag("summary", "How scores, losses and gradients go with the firing rate, instead of the cells' table")
  .replace()
  .returns(.table([]))
  .searchTerms(
    "favouritism", "loss share", "gradient", "imbalance", "inverse rate", "weights", "starved", "firing rate", "bias",
    "high rate cells", "low rate cells", "favor"
  )
  .details(
    """
    The loss is sum d (r - y ln r) / sum d over all frames and cells of the split. Its zero depends on the unit of the rates, so \
    a share of it means little: loss_share is the cell's share of the deviance, twice the loss less that of rates that equal the counts. \
    readout_share is its share of the gradient on the readouts: the norm over its feature weights, centre, widths, angle and bias, \
    all frames together; near an optimum that is little but noise. core_share is its share of what reaches the core: the norm of \
    the gradient on the core's last-step features, through softplus, weights and mask, root mean square over frames, each \
    a batch by itself. Norms are shared out over their sum. AdamW scales each readout by itself, so cells compete through the core. \
    weight is (1 / m) / mean(1 / m), m the masked mean count on training trials; loss_w, readout_w and core_w are the shares \
    under such weights.

    --sizes: loss (adds up to the training loss), deviance, gained (loss of the cell's constant rate less its own), \
    gradient_readout, gradient_core, weight. --summary: a row for each score and \
    quantity with cells, rho and p (Spearman, with the rate), top_quarter (share of the quarter of the cells with the highest rates), and \
    the same under the weights.
    """)

  static let examples = [
    Example("favour twin on sim/gaborium | sort rate_hz --reverse | head 4", "Do fast cells own the loss?"),
    Example("favour twin on sim/gaborium --summary", "The whole population in numbers"),
    Example("favour twin on sim/gaborium | plot rate_hz core_share", "What each cell sends into the core"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    if call.isSet("sizes"), call.isSet("summary") {
      throw Failure(.usage, "--sizes and --summary are two tables: ask for one", span: call.span(of: "summary"))
    }
    let twin = try session.loadTwin(call.string("subject"), at: call.span(of: "subject"))
    let source = try session.loadStimulus(call.string("stimulus"), at: call.span(of: "stimulus")).shown(
      to: twin, by: call)
    let head = try twin.head(session: source.session, named: call.optionalString("head"))
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
