import Analysis
import Base
import Language
import Session
import Training

/// Trains an edited twin beside an unedited control and compares them cell by cell.
struct WhatIfCommand: Command {
  static let signature = Signature(
    "whatif", in: "training",
    "Trains an edited twin and an unedited control on the same batches, and compares their scores"
  )
  .experimentArms()
  .flag("sweep", .string, "Several edited arms: lambda=W1,W2,… for weights of one --penalty NAME, or OPTION=V1,V2,…")
  .flag(
    "withheld", .string,
    "Stimuli to score without training on them; by default all others of the recordings, `none` for none"
  )
  .experimentTraining(seeds: 3)
  .flag(
    "tradeoff", .choice(TradeOff.Measure.allCases.map(\.rawValue)),
    "Return a row for each arm instead: its score against this number, and whether it is on the Pareto front"
  )
  .flag(
    "figure", .path,
    "Also draw score against structure into this .svg, .png or .pdf file; high_pass unless --tradeoff is given"
  )
  .flag("by-cell", "Return a row for each cell instead: its scores in both arms")
  .behavior()
  .writes("figure")
  .returns(.table(WhatIfResult.columns.signatures))
  .returns(CellDifference.columns.signatures, when: .given("by-cell"))
  .returns(TradeOff.columns.signatures, when: .given("tradeoff"))
  .searchTerms(
    "experiment", "ablation", "control", "try", "roadmap", "idea", "mask", "penalty", "objective", "paired", "pareto"
  )
  .details(
    """
    All arms start from the twin's tensors and take the same batches in the same order; only the edit differs. Afterwards \
    every arm is scored on held-out trials: of the stimuli that were trained on, and of withheld ones. The table has a row \
    for each arm, stimulus, group of cells and score: bits/spike, r, and the error of the gain. Differences are paired by \
    cell; their intervals are over cells, and over seeds where there are several. The last rows are structure: numbers of the \
    frontend's kernels, and late_ms, how much later the twin's receptive fields peak than those of the recorded cells (the \
    latencies of `temporal --data`, on stimuli that show a new frame in every bin). With --sweep, --tradeoff NAME sets bits/spike of every arm against one number: high_pass or mean_ms \
    (more is better), weight_lag0, or gain_error on withheld stimuli (less is better). An arm is on the Pareto front if no \
    other one is as good in both and better in one. --figure draws the same with a line along the front.

    An edit that changes no output and no gradient is refused, with the reason. A few minutes are not a whole training: the last note says \
    how much the control still gained in its last steps. With --steps instead of --minutes the numbers are the same on any \
    machine. Nothing is kept: `edit` and `train` make the twin that you want to keep.
    """)

  static let examples = [
    Example(
      "whatif twin on sim/gaborium --set frontend.params.lag_mask=3 --steps 4 --batch-size 16 --withheld none | where group == 'all' | select metric control edited difference",
      "What does it cost to leave out the three newest frames?"),
    Example(
      "whatif twin on sim/gaborium --penalty lowfreq_ratio_fc15 --sweep lambda=0.1,1 --steps 4 --batch-size 16 --withheld none --tradeoff high_pass",
      "Score against structure, for two weights of a penalty"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    let request = try WhatIfRequest(call, twin, in: session)
    try FrozenArms.check(request.arms, of: twin, call, in: session)
    if call.isSet("by-cell"), call.isGiven("tradeoff") {
      throw Failure(
        .usage, "--by-cell and --tradeoff ask for different tables", hint: "choose one of them",
        span: call.span(of: "by-cell"))
    }
    let measure = try Self.measure(call, request)
    for sentence in Set(request.arms.dropFirst().flatMap(\.architecture.normAdvice)).sorted() { session.note(sentence) }
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    let experiment = WhatIfExperiment(
      request.arms, source: twin.source, sets: request.sets, withheld: request.withheld,
      isFrozen: frozen.contains, order: request.order)
    let outcome: WhatIfExperiment.Outcome
    do {
      outcome = try experiment.run(
        seeds: request.seeds, length: request.length, comparesLatency: true, work: session.work)
    } catch let failure as Failure where failure.kind == .usage {
      throw failure.located(at: call.span)
    }
    let rows = outcome.result.rows
    for sentence in WhatIfVerdict.sentences(rows) { session.note(sentence) }
    if let gain = outcome.controlGain {
      session.note(
        "over its steps the control changed by \(NumberText.sentence(gain.all)) bits/spike on what was trained on, in the last quarter of them by \(NumberText.sentence(gain.lastQuarter)); a longer training may turn out otherwise"
      )
    }
    let effort =
      "\(outcome.steps) steps of \(request.batchSize) frames, \(request.seeds.count) \(request.seeds.count == 1 ? "seed" : "seeds")"
    if let measure {
      let tradeOff = try TradeOff(outcome.result, against: measure)
      try session.draw([tradeOff.figure], for: call)
      if call.isGiven("tradeoff") {
        return .table(TradeOff.columns.table(tradeOff.points, note: "\(effort); \(tradeOff.note)"))
      }
    }
    if call.isSet("by-cell") {
      return .table(CellDifference.columns.table(CellDifference.rows(outcome.result), note: effort))
    }
    return .table(WhatIfResult.columns.table(rows, note: effort))
  }

  /// What the scores are set against, where --tradeoff or --figure asks for it.
  private static func measure(_ call: Call, _ request: WhatIfRequest) throws -> TradeOff.Measure? {
    guard call.isGiven("tradeoff") || call.isGiven("figure") else { return nil }
    let measure = try call.optionalString("tradeoff").flatMap(TradeOff.Measure.init) ?? .highPass
    let span = call.span(of: call.isGiven("tradeoff") ? "tradeoff" : "figure")
    if measure == .gainError, request.withheld.isEmpty {
      throw Failure(
        .usage, "gain_error is that of withheld stimuli, and there are none", hint: "name some with --withheld",
        span: span)
    }
    if measure != .gainError, request.arms.contains(where: { $0.architecture.frontendFilters == nil }) {
      throw Failure(
        .usage, "\(measure.rawValue) is a number of the frontend's kernels, and it has none",
        hint: "--tradeoff gain_error", span: span)
    }
    return measure
  }
}
