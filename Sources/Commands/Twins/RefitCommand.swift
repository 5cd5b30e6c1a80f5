import Base
import Fitting
import Formats
import Language
import Recordings
import Session
import Twin
import Workspace

/// Fits a Gaussian readout per cell on a frozen core.
struct RefitCommand: Command {
  static let signature = Signature(
    "refit", in: "fitting", "Fits a readout per cell on the frozen core: new cells, new sessions"
  )
  .effect(.changes)
  .argument("twin", .object(kinds: ["twin"]), "The twin whose core is used as it is")
  .argument("part", .choice(["readout"]), "What is fitted")
  .argument("stimulus", .stimulus, "The recording's stimulus", keyword: "on")
  .argument("name", .newName, "Name of the new twin", keyword: "as", optional: true)
  .flag("adapter", .word("head"), "The head whose adapter is used; by default the session's own, else the first")
  .flag("l2", .float, default: .double(0), "Penalty on the squared feature weights")
  .flag("starts", .int, "How many starts to descend from, the best by a scan over centres and widths")
  .flag("seed", .int, default: .int(1002), "Seed of the random starts")
  .replace()
  .names("name", kinds: ["twin"], always: true)
  .returns(
    .table([
      ColumnSignature("cid", "int", "The cell's id in its recording"),
      ColumnSignature("nll_train", "float", unit: "nats/bin", "Poisson loss on the training trials"),
      ColumnSignature("nll_val", "float", unit: "nats/bin", "Poisson loss on held-out trials"),
      ColumnSignature("bits_per_spike_val", "float", unit: "bits/spike", "Score on held-out trials"),
      ColumnSignature(
        "center_y", "float", unit: "feature px",
        "The readout's centre along the height of the feature map, from its middle"),
      ColumnSignature(
        "center_x", "float", unit: "feature px",
        "The readout's centre along the width of the feature map, from its middle"),
      ColumnSignature("std_y", "float", unit: "feature px", "The readout's spread along the height, one sigma"),
      ColumnSignature("std_x", "float", unit: "feature px", "The readout's spread along the width, one sigma"),
      ColumnSignature("theta", "float", unit: "rad", "How far the readout is turned"),
      ColumnSignature("converged", "bool", "Whether the fit reached its optimum"),
      ColumnSignature("reason", "string", "Why numbers of this row are undefined"),
    ])
  )
  .searchTerms("readout", "transfer", "fine-tune", "train", "new session", "fit", "frozen core")
  .details(
    """
    The core's last-step features are computed once and cached by content. Each cell gets feature weights, centre, widths, \
    angle and bias by the masked Poisson loss on the training split, to convergence; val columns are held-out trials. The \
    result is a new twin with a head for the session. Centres and widths are in pixels of the feature map from its centre, as a checkpoint stores them; the core's tensors are compared byte by byte before it is kept.
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

    let options = try options(call)
    try Predictor(session: session).checkInput(twin, head: plan.adapter, source, for: .coreFeatures)
    if let note = plan.note { session.note(note) }
    let valid = try source.stimulus.validFrames()
    let train = try source.stimulus.frames(.train, among: valid)
    let val = try source.stimulus.frames(.val, among: valid)
    guard !train.isEmpty else {
      throw Failure(.undefined, "\(source.label) has no valid frame to train on", span: call.span(of: "stimulus"))
    }
    let frames = train + val
    let features = try CoreFeatures(session: session).features(
      of: twin, adapter: plan.adapter, on: source, frames: frames, among: valid)
    let cells = try ReadoutRefit.fit(
      features: features, counts: try source.stimulus.counts().gathering(rows: frames),
      mask: try source.stimulus.mask().gathering(rows: frames), trainRows: Array(0..<train.count),
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
          "\(source.label), \(train.count) train and \(val.count) val frames, l2 \(options.l2), starts \(options.starts), seed \(options.seed)"
      ),
    ]
    return .table(
      Self.table(
        cells, cids: source.stimulus.cids, map: (features.height, features.width),
        note: "\(newName): head \(plan.index) for \(source.session), adapter of head \(plan.adapter)"))
  }

  /// What a user should know about a fit that has numbers.
  private static func remark(_ cell: CellReadout, _ map: (height: Int, width: Int)) -> String? {
    if !cell.converged { return "not converged" }
    if 2 * abs(cell.meanY) >= Float(map.height) - 1e-3 || 2 * abs(cell.meanX) >= Float(map.width) - 1e-3 {
      return "centre at the edge of the feature map"
    }
    return min(cell.stdY, cell.stdX) <= 0.1001 ? "width at its lower limit" : nil
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
    guard let seed = UInt32(exactly: try call.int("seed")) else {
      throw Failure(.usage, "--seed must be between 0 and \(UInt32.max)", span: call.span(of: "seed"))
    }
    options.seed = seed
    return options
  }

  private static func table(_ cells: [CellReadout], cids: [CellID], map: (height: Int, width: Int), note: String)
    -> Table
  {
    func numbers(_ value: (CellReadout) -> Float) -> [Double?] {
      cells.map { $0.reason == nil ? Double(value($0)) : nil }
    }
    return Table(
      [
        Column("cid", cids.map { Optional($0) }),
        Column("nll_train", cells.map { $0.nllTrain.isFinite ? $0.nllTrain : nil }, unit: "nats/bin"),
        Column("nll_val", cells.map(\.nllVal), unit: "nats/bin"),
        Column("bits_per_spike_val", cells.map(\.bitsPerSpikeVal), unit: "bits/spike"),
        Column("center_y", numbers(\.meanY), unit: "feature px"),
        Column("center_x", numbers(\.meanX), unit: "feature px"),
        Column("std_y", numbers(\.stdY), unit: "feature px"), Column("std_x", numbers(\.stdX), unit: "feature px"),
        Column("theta", numbers(\.theta), unit: "rad"), Column("converged", cells.map { Optional($0.converged) }),
        Column("reason", cells.map { $0.reason ?? remark($0, map) }),
      ], note: note)
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
