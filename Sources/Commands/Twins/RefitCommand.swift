import Analysis
import Base
import Fitting
import Formats
import Language
import Recordings
import Session
import Workspace

/// Fits a Gaussian readout per cell on a frozen core.
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
  .flag("l2", .float, default: .double(0), "Penalty on the squared feature weights")
  .flag(
    "choose-l2", .word("penalties"),
    "Choose --l2 among these, separated by commas, by cross-validation inside the training trials"
  )
  .flag("starts", .int, "Number of starting points for each cell, the best of a scan over centres and widths")
  .flag("seed", .int, default: .int(1002), "Seed of the random starts")
  .replace()
  .names("name", kinds: ["twin"], always: true)
  .returns(.table(columns.signatures))
  .advising(
    "head",
    "refit adds a head for the recording's own session and cells; --adapter HEAD chooses the head whose adapter it uses"
  )
  .searchTerms("readout", "transfer", "fine-tune", "train", "new session", "fit", "frozen core")
  .details(
    """
    vcsh computes the core's last-step features once and caches them by content. It then fits feature weights, centre, \
    widths, angle and bias of each cell by the masked Poisson loss on the training split, to convergence. The columns that \
    end in `_val` are scores on held-out trials. The result is a new twin with a head for the session. Centres and widths \
    are in pixels of the feature map from its centre, as a checkpoint stores them. Before vcsh keeps the new twin, it \
    compares the core's tensors with the old ones byte by byte.

    Scores on held-out trials are not held out any more once a penalty was chosen by them. --choose-l2 chooses it on the \
    training trials alone: it fits each half of them, scores the other half, and takes the penalty with the lowest mean loss. \
    Held-out frames that show what training trials show are not scored; where they are more than half, refit refuses.
    """)

  static let examples = [
    Example(
      "refit twin readout on nova/backimage as twin-nova --replace | sort bits_per_spike_val --reverse",
      "A recording the core has never seen")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("twin")
    let twin = try session.loadTwin(name, at: call.span(of: "twin"))
    let source = try session.loadStimulus(try call.string("stimulus"), at: call.span(of: "stimulus"))
    let newName = try call.optionalString("name") ?? "\(name)-\(source.recordingName)"
    let plan = try ReadoutHead(twin: twin, session: source.session, adapter: call.optionalString("adapter"))
    try session.checkNew(
      newName, replacing: call.isSet("replace"), at: call.span(of: "name"))

    var options = try options(call)
    let penalties = try penalties(call)
    try Predictor(session: session).checkInput(twin, head: plan.adapter, source, for: .coreFeatures)
    if let note = plan.note { session.note(note) }
    let valid = try source.stimulus.validFrames()
    let train = try source.stimulus.frames(.train, among: valid)
    let val = try source.stimulus.frames(.val, among: valid)
    guard !train.isEmpty else {
      throw Failure(.undefined, "\(source.label) has no valid frame to train on", span: call.span(of: "stimulus"))
    }
    let held = try source.stimulus.freshFrames(of: val, fitted: train, work: session.work)
    guard held.areEnough else {
      throw Failure(
        .undefined, held.refusal(source.label), hint: try Self.hint(source, of: session),
        span: call.span(of: "stimulus"))
    }
    if !held.seen.isEmpty {
      session.note(
        "\(held.seen.count) of \(val.count) held-out frames show what training trials show: the columns that end in _val leave them out"
      )
    }
    let frames = train + held.fresh
    let features = try CoreFeatures(session: session).features(
      of: twin, adapter: plan.adapter, on: source, frames: frames, among: valid)
    let counts = try source.stimulus.counts().gathering(rows: frames)
    let mask = try source.stimulus.mask().gathering(rows: frames)
    var choice: PenaltyChoice?
    if !penalties.isEmpty {
      let trials = try source.stimulus.trialIDs()
      let made = try PenaltyChoice(
        among: penalties, features: features, counts: counts, mask: mask, trainRows: Array(train.indices),
        frames: train, trials: train.map { trials[$0] }, rateHz: source.stimulus.rateHz, options: options,
        work: session.work)
      guard let best = made.best else {
        throw Failure(
          .undefined, "\(source.label): the training trials are too few to choose a penalty by cross-validation",
          hint: "give one with --l2", span: call.span(of: "choose-l2"))
      }
      options.l2 = best
      choice = made
    }
    let cells = try ReadoutRefit.fit(
      features: features, counts: counts, mask: mask, trainRows: Array(train.indices),
      valRows: Array(train.count..<frames.count), options: options, work: session.work)

    let payload = try plan.payload(with: cells, cids: source.stimulus.cids, source: source, session: session)
    session.changes.versions.append(
      .init(payload, name: newName, parent: twin.record.id, replacing: call.replacing))
    session.changes.inputs += [
      .init(
        role: "twin", version: twin.record.id,
        detail: "\(name), adapter of head \(plan.adapter), weights \(twin.weightsDigest.prefix(12))"),
      .init(
        role: "stimulus", version: source.record.id,
        detail:
          "\(source.label), \(train.count) train and \(held.fresh.count) val frames, l2 \(options.l2), starts \(options.starts), seed \(options.seed)"
      ),
    ]
    return .table(
      Self.columns.table(
        zip(source.stimulus.cids, cells).map { cid, cell in
          Row(cid: cid, cell: cell, remark: Self.remark(cell, (features.height, features.width)))
        },
        note: CellFinding.note(
          "\(newName): head \(plan.index) for \(source.session); it uses head \(plan.adapter)'s adapter"
            + (choice.map(Self.note) ?? ""),
          CellFinding.winning(cells.map(\.bitsPerSpikeVal)).map { "on held-out trials, \($0)" })))
  }

  /// How a penalty was chosen.
  private static func note(_ choice: PenaltyChoice) -> String {
    let losses = choice.candidates.map { candidate in
      "\(Value.double(candidate.l2).plainText): \(candidate.nll.map { NumberText.rounded($0, decimals: 4) } ?? "none")"
    }
    return
      "; l2 \(choice.best.map { Value.double($0).plainText } ?? "none") by cross-validation inside the training trials (nats/bin, \(losses.joined(separator: ", ")))"
  }

  /// Where a refit can be scored instead.
  private static func hint(_ source: LoadedStimulus, of session: Session) throws -> String {
    let others = source.payload.stimuli.map { "\(source.recordingName)/\($0.name)" }.filter { $0 != source.label }
    let fresh = try others.first { try !session.loadStimulus($0).stimulus.repeats }
    return fresh.map { "refit on a stimulus whose trials differ: \($0)" }
      ?? "refit on a stimulus whose held-out trials show other frames"
  }

  struct Row {
    var cid: CellID
    var cell: CellReadout
    var remark: String?

    /// A number of the readout; nil where the readout is a constant rate.
    func fitted(_ value: Float) -> Double? { cell.reason == nil ? Double(value) : nil }
  }

  static let columns = TableShape<Row>([
    .int("cid", "The cell's id in its recording") { $0.cid },
    .float("nll_train", unit: "nats/bin", "Poisson loss on the training trials") {
      $0.cell.nllTrain.isFinite ? $0.cell.nllTrain : nil
    },
    .float("nll_val", unit: "nats/bin", "Poisson loss on held-out trials") { $0.cell.nllVal },
    .float("bits_per_spike_val", unit: "bits/spike", "Score on held-out trials") { $0.cell.bitsPerSpikeVal },
    .float(
      "center_y", unit: "feature px", "The readout's centre along the height of the feature map, from its middle"
    ) { $0.fitted($0.cell.meanY) },
    .float(
      "center_x", unit: "feature px", "The readout's centre along the width of the feature map, from its middle"
    ) { $0.fitted($0.cell.meanX) },
    .float("std_y", unit: "feature px", "The readout's spread along the height, one sigma") { $0.fitted($0.cell.stdY) },
    .float("std_x", unit: "feature px", "The readout's spread along the width, one sigma") { $0.fitted($0.cell.stdX) },
    .float("theta", unit: "rad", "Angle by which the readout is rotated") { $0.fitted($0.cell.theta) },
    .bool("converged", "Whether the fit reached its optimum") { $0.cell.converged },
    .string("reason", "Why numbers of this row are undefined, or what to know about the fit") {
      $0.cell.reason ?? $0.remark
    },
  ])

  /// What a user should know about a fit that has numbers.
  private static func remark(_ cell: CellReadout, _ map: (height: Int, width: Int)) -> String? {
    if !cell.converged { return "not converged" }
    if 2 * abs(cell.meanY) >= Float(map.height) - 1e-3 || 2 * abs(cell.meanX) >= Float(map.width) - 1e-3 {
      return "centre at the edge of the feature map"
    }
    return min(cell.stdY, cell.stdX) <= 0.1001 ? "width at its lower limit" : nil
  }

  /// The candidates of --choose-l2; none without it.
  private func penalties(_ call: Call) throws -> [Double] {
    guard call.isGiven("choose-l2") else { return [] }
    if call.isGiven("l2") {
      throw Failure(.usage, "--l2 and --choose-l2 exclude each other", span: call.span(of: "choose-l2"))
    }
    let text = call.strings("choose-l2").joined(separator: ",").filter { $0 != " " }
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let found = words.compactMap(Double.init).filter { $0 >= 0 && $0.isFinite }
    guard found.count == words.count, found.count >= 2, Set(found).count == found.count else {
      throw Failure(
        .usage, "--choose-l2 takes two or more different penalties from 0 upward",
        hint: "--choose-l2 0.0003,0.003,0.03", span: call.span(of: "choose-l2"))
    }
    return found
  }

  private func options(_ call: Call) throws -> ReadoutRefitOptions {
    var options = ReadoutRefitOptions()
    options.l2 = try call.float("l2")
    if let starts = try call.optionalInt("starts") { options.starts = starts }
    guard options.l2 >= 0, options.l2.isFinite else {
      throw Failure(.usage, "--l2 must be a number from 0 upward", span: call.span(of: "l2"))
    }
    guard (1...1000).contains(options.starts) else {
      throw Failure(.usage, "--starts must be between 1 and 1000", span: call.span(of: "starts"))
    }
    options.seed = try call.seed()
    return options
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
