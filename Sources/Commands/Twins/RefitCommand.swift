import Analysis
import Base
import Fitting
import Formats
import Language
import Layers
import Recordings
import Session
import Twin
import Workspace

/// Fits a readout per cell on a frozen core.
struct RefitCommand: Command {
  static let signature = Signature(
    "refit", in: "fitting", "Fits a readout for each cell on the frozen core: for new cells or new sessions"
  )
  .effect(.changes)
  .argument("twin", .object(kinds: ["twin"]), "The twin; its core stays as it is")
  .argument("part", .choice(["readout"]), "What is fitted")
  .argument("stimulus", .stimulus, "The recording's stimulus", keyword: "on")
  .argument("name", .newName, "Name of the new twin", keyword: "as", optional: true)
  .flag(
    "adapter", .word("head"),
    "Use the adapter of this head; default the session's own, or the first head's if the session has none"
  )
  .flag(
    "fit", .choice(ReadoutRefitOptions.Part.allCases.map(\.rawValue) + [RefitRequest.adapter]),
    default: .string("both"),
    "What is fitted: weights and place; the feature weights at the present place; the place with the present weights; one gain of the weights; the adapter together with weights and place. The bias always is"
  )
  .flag("from", .word("head"), "Begin also at the readouts of this head, for the cells that it has")
  .flag(
    "cells", .string, "Fit only cells whose scores on the training trials meet a condition: \"bits_per_spike < 0.1\""
  )
  .flag("rate-weight", .float, default: .double(0), "Weigh cells by their mean rate to the power of minus this, 0 to 1")
  .flag("corr", .float, default: .double(0), "Add this times (1 - correlation over the training trials) to the loss")
  .flag(
    "l2", .word("penalty"), default: .string("0"),
    "Penalty on the squared feature weights; auto chooses one for each cell by cross-validation inside the training trials"
  )
  .flag(
    "choose-l2", .word("penalties"),
    "Choose --l2 among these, separated by commas, by cross-validation inside the training trials"
  )
  .flag("l1", .float, default: .double(0), "Penalty on the sizes of the feature weights; sets some to 0")
  .flag(
    "group-lasso", .float, default: .double(0),
    "Penalty on the length of each channel's weights over all cells; leaves out channels for all cells together"
  )
  .flag(
    "smooth", .float, default: .double(0),
    "Penalty on the roughness of each cell's Gaussian, (1/std_y^2 + 1/std_x^2) / 2: holds readouts wide"
  )
  .flag(
    "regularization",
    "Use what the twin's own regularization: asks of the readouts at the end of training, in place of flags"
  )
  .flag("pull", .float, default: .double(0), "With --fit gain: penalty on the squared change of gain and bias")
  .flag("max-width", .float, unit: "feature px", "Largest width of a readout's Gaussian, one sigma")
  .flag(
    "sweep", .string,
    "Compare settings and make no twin: corr=V1,V2,… or rate_weight=…, l1=…, l2=…, group_lasso=…, smooth=…; one row for each value"
  )
  .flag("diagnose", "Add a label for each cell, by cross-validation over penalties inside the training trials")
  .flag("starts", .int, "Number of starting points for each cell, the best of a scan over centres and widths")
  .flag("seed", .int, default: .int(1002), "Seed of the random starts")
  .replace()
  .names("name", kinds: ["twin"], always: true)
  .returns(.table(RefitTable.columns.signatures))
  .returns(RefitTable.sweepColumns.signatures, when: .given("sweep"))
  .returns(RefitTable.diagnosedColumns.signatures, when: .given("diagnose"))
  .returns(RefitTable.adapterColumns.signatures, when: .says("fit", RefitRequest.adapter))
  .advising(
    "head",
    "refit adds a head for the recording's own session and cells; --adapter HEAD chooses the head whose adapter it uses"
  )
  .searchTerms("readout", "transfer", "fine-tune", "train", "new session", "fit", "frozen core")
  .details(
    """
    vcsh computes the core's last-step features once and caches them by content. It then fits feature weights, centre, \
    widths, angle and bias of each cell by the masked Poisson loss on the training split, to convergence. A linear readout \
    has weights and bias alone. Output activation, baselines and the spike history of the session's own head stay as they \
    are. Where no second start ends at the loss of the best one, vcsh tries more. The columns that \
    end in `_val` are scores on held-out trials. The result is a new twin with a head for the session. Centres and widths \
    are in pixels of the feature map from its centre, as a checkpoint stores them. Before vcsh keeps the new twin, it \
    compares the core's tensors with the old ones byte by byte.

    Scores on held-out trials are not held out any more once a penalty was chosen by them. --choose-l2 chooses it on the \
    training trials alone: it fits each half of them, scores the other half, and takes the penalty with the lowest mean loss. \
    Held-out frames that show what training trials show are not scored; where they are more than half, refit refuses. \
    Standard errors hold for counts that are Poisson counts at the fitted rates.

    --rate-weight and --corr change what is minimised: the weight of the cell times its loss, plus the factor times \
    (1 - correlation), plus penalties. A rate weight alone changes nothing, because each cell has a readout of its own; it \
    lets quiet cells fit more closely against a penalty.

    --fit adapter moves the adapter's numbers (log_scale, or the 2 x 3 matrix of an affine adapter) together with all readouts, \
    from the adapter that is used otherwise. After each step of the adapter vcsh fits the readouts again; the gradient goes back \
    through the core, which stays as it is. The width of the adapter's blur gets no gradient, as in training. The columns that \
    end in _alone are of readouts that were fitted without moving the adapter. With any other --fit the adapter stays the same \
    byte by byte.

    --group-lasso adds a term to the sum of all cells' losses: for each channel, the root of the sum of its squared weights \
    over cells. vcsh first fits each cell without the term, then all cells together with it. Channels whose weights are not \
    worth the term become 0 in all cells. The roughness that --smooth penalises is the mean square of the Gaussian's slope over \
    the mean square of the Gaussian.

    --regularization takes l1, l2 and group_lasso on readouts/features, and the limit of the widths (proximal_clamp_positive on \
    readouts/std), from the model's YAML, with the weights that their schedules have at the end. In training a session's loss \
    is the mean over the bins of all its cells, so a cell's penalty is the YAML's times all valid bins over its own. \
    VisionCore's group_lasso is the length of all weights of all cells together: vcsh fits each cell without it, then all of \
    them with it.

    --diagnose fits each half of the training trials with many penalties and scores the other half. It scores a richer model \
    in the same way: a linear-nonlinear model with a weight for each channel at each place of the feature map. A cell is not \
    visual where none of them predicts better than the mean rate, overfitted where a larger penalty would predict clearly \
    better, and underfitted where a smaller penalty or the richer model would. It has too few data where its spikes could not \
    tell.
    """)

  static let examples = [
    Example(
      "refit twin readout on nova/backimage as twin-nova --replace | sort bits_per_spike_val --reverse",
      "A recording the core has never seen"),
    Example(
      "refit twin readout on nova/backimage --l2 0.003 --sweep corr=0,0.1,1 --starts 2",
      "What correlation costs in likelihood"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("twin")
    let twin = try session.loadTwin(name, at: call.span(of: "twin"))
    let source = try session.loadStimulus(try call.string("stimulus"), at: call.span(of: "stimulus"))
    let request = try RefitRequest(call)
    let newName = try call.optionalString("name") ?? "\(name)-\(source.recordingName)"
    let head = try ReadoutHead(twin: twin, session: source.session, adapter: call.optionalString("adapter"))
    if request.sweep == nil {
      try session.checkNew(newName, replacing: call.isSet("replace"), at: call.span(of: "name"))
    }
    if let note = head.note { session.note(note) }
    let data = try RefitData(
      of: twin, adapter: head.adapter, on: source, named: call.span(of: "stimulus"), in: session)
    let fit = try RefitFit(request, head, data, call, in: session)
    let (options, choice) = try fit.options(call)
    if let sweep = request.sweep {
      let swept = try ReadoutSweep(
        sweep.axis, over: sweep.values, meanCounts: fit.meanCounts, options: options, fit: { try fit.readouts($0) })
      return .table(
        RefitTable.sweepColumns.table(
          swept.points,
          note:
            "\(name) on \(source.label): readouts with \(sweep.axis.rawValue) as in `value`, means over \(swept.cellCount) cells; no twin was made"
            + choice))
    }
    let together = request.movesAdapter ? try AdapterFit(fit, options, in: session) : nil
    let cells = try together?.cells ?? fit.readouts(options)
    let verdicts = call.isSet("diagnose") ? try fit.verdicts(options, call) : cells.map { _ in nil }
    let payload = try head.payload(
      with: fit.all(cells), moved: together?.tensors ?? [:], cids: source.stimulus.cids, source: source,
      session: session)
    session.changes.versions.append(
      .init(payload, name: newName, parent: twin.record.id, replacing: call.replacing))
    session.changes.inputs += [
      .init(
        role: "twin", version: twin.record.id,
        detail: "\(name), adapter of head \(head.adapter), weights \(twin.weightsDigest.prefix(12))"),
      .init(
        role: "stimulus", version: source.record.id,
        detail:
          "\(source.label), \(data.trainRows.count) train and \(data.valRows.count) val frames, \(Self.setting(options, movesAdapter: request.movesAdapter))"
      ),
    ]
    let cids = zip(source.stimulus.cids, fit.chosen).filter(\.1).map(\.0)
    let shape =
      call.isSet("diagnose")
      ? RefitTable.diagnosedColumns : together == nil ? RefitTable.columns : RefitTable.adapterColumns
    return .table(
      shape.table(
        cells.indices.map { place in
          RefitTable.Row(
            cid: cids[place], cell: cells[place], map: (data.features.height, data.features.width),
            hasPlace: head.form == .gaussian, options: options, verdict: verdicts[place], alone: together?.alone[place])
        },
        note: CellFinding.note(
          "\(newName): head \(head.index) for \(source.session); it \(together == nil ? "uses" : "begins with") head \(head.adapter)'s adapter"
            + choice
            + (together?.note ?? ""),
          CellFinding.winning(cells.map(\.bitsPerSpikeVal)).map { "on held-out trials, \($0)" })))
  }

  /// What the fits were made with, for the lineage.
  private static func setting(_ options: ReadoutRefitOptions, movesAdapter: Bool) -> String {
    let l2 = options.l2ByCell.isEmpty ? "\(options.l2)" : "by cell"
    let given: [(name: String, value: String?)] = [
      ("l2", l2), ("l1", options.l1ByCell.isEmpty ? (options.l1 == 0 ? nil : "\(options.l1)") : "by cell"),
      ("group lasso", options.groupLasso == 0 ? nil : "\(options.groupLasso)"),
      ("group lasso over all weights", options.wholeLasso == 0 ? nil : "\(options.wholeLasso)"),
      ("smooth", options.smoothness == 0 ? nil : "\(options.smoothness)"),
      ("corr", options.correlation == 0 ? nil : "\(options.correlation)"),
      ("rate weight", options.rateWeight == 0 ? nil : "\(options.rateWeight)"),
      ("pull", options.pull == 0 ? nil : "\(options.pull)"),
      ("largest width", options.largestStd.map { "\($0)" }),
      ("fit", movesAdapter ? RefitRequest.adapter : options.part == .both ? nil : options.part.rawValue),
      ("starts", "\(options.starts)"),
      ("seed", "\(options.seed)"),
    ]
    return given.compactMap { entry in entry.value.map { "\(entry.name) \($0)" } }.joined(separator: ", ")
  }
}

extension RefitCommand: AsksFrames {
  static let asks = CachedKind.features
  static let twinArgument = "twin"
  static let splits: [Split] = [.train, .val]

  static func head(of twin: LoadedTwin, on source: LoadedStimulus, named: String?) throws -> Int {
    try ReadoutHead(twin: twin, session: source.session, adapter: named).adapter
  }
}
