import Analysis
import Base
import Language
import Metrics
import Recordings
import Session
import Workspace

/// How well a twin predicts what it was not trained on.
struct GeneralizationCommand: Command {
  static let signature = Signature(
    "generalization", in: "evaluation", "Scores on training trials, held-out trials and withheld stimuli, side by side"
  )
  .effect(.changes)
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("recording", .object(kinds: ["recording"]), "The recording", keyword: "on")
  .tableName()
  .flag("metric", .word("metric"), default: .string(BitsPerSpike.name), "The metric to compare")
  .trained()
  .flag("cells", "Show one row for each cell and part, not the means")
  .head()
  .behavior()
  .replace()
  .returns(.table(GeneralizationTable.meanSignatures(standard: BitsPerSpike.self)))
  .returns(GeneralizationTable.cellShape(unit: nil).signatures, when: .given("cells"))
  .searchTerms("generalisation", "overfitting", "gap", "train", "val", "held-out", "withheld", "transfer")
  .details(
    """
    Parts are the training trials and the held-out trials of each stimulus that the twin was trained on, and all trials of \
    every other stimulus. The gap is the training score minus the part's score, over cells that have both: how much worse \
    the twin predicts what it was not trained on. Intervals are 95 % intervals over cells; fewer than 12 cells have none. The \
    scores are kept for `leaderboard` and `sql`.
    """)

  static let examples = [
    Example("generalization twin on sim", "Means over cells, with intervals"),
    Example(
      "generalization twin on sim --metric r --cells | where part == 'withheld' | sort score | head 5",
      "Worst-predicted cells on untrained stimuli"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let metric = try ChosenMetrics.single(call, flag: "metric")
    let twin = try session.loadTwin(call.string("subject"), at: call.span(of: "subject"))
    let sources = try session.stimuli(of: call, for: twin)
    let names = sources.map(\.stimulus.name)
    guard let trained = try session.trainedStimuli(call, twin, among: names) else {
      throw Failure(
        .undefined, "what `\(twin.name)` was trained on is not known: no configuration with `types` came with it",
        hint: "name the stimuli, e.g. --trained \(names.first ?? "backimage")", span: call.span(of: "subject"))
    }
    var parts: [GeneralizationPart] = []
    for source in sources {
      let stimulus = source.stimulus.name
      let isTrained = trained.contains(stimulus)
      for split in isTrained ? [Split.train, .val] : [.all] {
        let scored = try session.scored(
          twin, on: source, split: split, head: call.optionalString("head"),
          metrics: [FiringRate.self, metric])
        session.record(scored, metrics: [metric])
        parts.append(
          GeneralizationPart(
            stimulus: stimulus, split: split, kind: isTrained ? (split == .train ? .training : .heldOut) : .withheld,
            frameCount: scored.frameCount, scores: scored.scores))
      }
    }
    parts.sort { $0.kind.rawValue < $1.kind.rawValue }
    let comparison = GeneralizationTable(parts: parts, metric: metric)
    var table = call.isSet("cells") ? comparison.cellTable : comparison.meanTable
    table.note =
      "\(twin.name) on \(try call.string("recording")), "
      + (trained.isEmpty
        ? "which has no stimulus that the twin was trained on"
        : "trained on \(trained.sorted().joined(separator: ", "))")
    try session.keep(table, for: call, parent: twin.record.id)
    return .table(table)
  }
}
