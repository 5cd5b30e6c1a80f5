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
  .argument("twin", .object(kinds: ["twin"]), "The twin that both start from; its frozen parts stay as they are")
  .argument(
    "stimulus", .stimulus, "What to train on: stimuli of one recording or of several", keyword: "on", repeating: true
  )
  .argument("set", .string, "Options of the edited twin, as in `edit`", keyword: "set", optional: true, repeating: true)
  .flag("penalty", .string, "Penalties of the edited arm, NAME=WEIGHT with commas between them; see `penalties`")
  .flag("zero-sum-kernels", "In the edited arm, keep the sum over every kernel of the frontend at 0")
  .flag(
    "rate-weight", .float, default: .double(0),
    "In the edited arm, weigh cells by their mean rate to the power of minus this"
  )
  .flag(
    "corr", .float, default: .double(0),
    "In the edited arm, add this times (1 - correlation over the batch) to the loss"
  )
  .flag("sweep", .string, "Several edited arms: lambda=W1,W2,… for weights of one --penalty NAME, or OPTION=V1,V2,…")
  .flag(
    "withheld", .string,
    "Stimuli to score without training on them; by default all others of the recordings, `none` for none"
  )
  .flag("minutes", .float, default: .double(5), unit: "min", "Time for everything; the number of steps follows from it")
  .flag("steps", .int, "Steps of each arm, in place of a time")
  .flag("seeds", .int, default: .int(1), "Orders of batches; each trains all arms once more")
  .flag(
    "sampler", .choice(SampledBatches.Composition.allCases.map(\.rawValue)),
    default: .string(SampledBatches.Composition.mixed.rawValue),
    "How a batch is put together: frames of one session, or of all in proportion to their sizes"
  )
  .flag("batch-size", .int, default: .int(32), "Frames of a batch")
  .flag("lr", .float, default: .double(1e-3), "Learning rate of both arms")
  .flag("core-lr-scale", .float, default: .double(1), "Factor on the learning rate of frontend, convnet and modulator")
  .flag("weight-decay", .float, default: .double(1e-5), "Decoupled weight decay of weights with several axes")
  .flag("clip", .float, default: .double(1), "Largest norm of the gradient")
  .flag("seed", .int, default: .int(1002), "First seed of the order of batches and of dropout")
  .behavior()
  .returns(.table(WhatIfResult.columns.signatures))
  .searchTerms(
    "experiment", "ablation", "control", "try", "roadmap", "idea", "mask", "penalty", "objective", "paired", "pareto"
  )
  .details(
    """
    All arms start from the twin's tensors and take the same batches in the same order; only the edit differs. Afterwards \
    every arm is scored on held-out trials: of the stimuli that were trained on, and of withheld ones. The table has a row \
    for each arm, stimulus, group of cells and score: bits/spike, r, and the error of the gain. Differences are paired by \
    cell; their intervals are over cells, and over seeds where there are several. The last rows are numbers of the \
    frontend's kernels.

    An edit that changes no output and no gradient is refused. A few minutes are not a whole training: the last note says \
    how much the control still gained in its last steps. With --steps instead of --minutes the numbers are the same on any \
    machine. Nothing is kept: `edit` and `train` make the twin that you want to keep.
    """)

  static let examples = [
    Example(
      "whatif twin on sim/gaborium --set frontend.params.lag_mask=3 --steps 4 --batch-size 16 --withheld none | where group == 'all' | select metric control edited difference",
      "What does it cost to leave out the three newest frames?"),
    Example(
      "whatif twin on sim/gaborium --penalty lowfreq_ratio_fc15 --sweep lambda=0.1,1 --steps 4 --batch-size 16 --withheld none | where role == 'structure' | select arm metric control edited",
      "Score against structure, for two weights of a penalty"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    let request = try WhatIfRequest(call, twin, in: session)
    for sentence in Set(request.arms.dropFirst().flatMap(\.architecture.normAdvice)).sorted() { session.note(sentence) }
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    let experiment = WhatIfExperiment(
      request.arms, source: twin.source, sets: request.sets, withheld: request.withheld,
      isFrozen: frozen.contains, order: request.order)
    let outcome: WhatIfExperiment.Outcome
    do {
      outcome = try experiment.run(seeds: request.seeds, length: request.length, work: session.work)
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
    return .table(
      WhatIfResult.columns.table(
        rows,
        note:
          "\(outcome.steps) steps of \(request.batchSize) frames, \(request.seeds.count) \(request.seeds.count == 1 ? "seed" : "seeds")"
      ))
  }
}
