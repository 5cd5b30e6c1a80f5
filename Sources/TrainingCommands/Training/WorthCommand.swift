import Analysis
import Base
import Language
import Session
import Training

/// Says from short trainings what an edit would bring in a long one.
struct WorthCommand: Command {
  static let signature = Signature(
    "worth", in: "training",
    "Is an edit worth a full run? Its effect after short trainings, and what a longer one would show"
  )
  .experimentArms()
  .flag("full-steps", .int, "Steps of the full run to forecast; by default 8 times those that are trained")
  .experimentTraining(seeds: 3)
  .behavior()
  .returns(.table(EffortForecast.columns.signatures))
  .searchTerms("extrapolate", "forecast", "budget", "cost", "worthwhile", "experiment", "roadmap", "hours")
  .details(
    """
    Both arms start from the twin's tensors and take the same batches, as in `whatif`. Held-out trials of what is trained on \
    are scored after an eighth, a quarter, half and all of the steps, in one training. A row is the effect of the edit on \
    bits/spike after so many steps; the last row is the forecast for --full-steps.

    The forecast assumes that each doubling of the steps adds half as much as the one before. Its interval reaches from \
    losing the last doubling's change again to adding as much in every doubling, or more where the changes are shown to grow. It counts cells and seeds; at least two seeds are needed. What turns only after the \
    steps that were trained can't be foreseen. The note sets it beside the hours of full runs, from the finished runs that \
    are open in this workspace.
    """)

  static let examples = [
    Example(
      "worth twin on sim/gaborium --set frontend.params.lag_mask=3 --steps 24 --seeds 2 --batch-size 8",
      "Would a longer training without the newest frames be worth its hours?")
  ]

  /// Scores are taken after an eighth, a quarter and half of the steps too.
  private static let halvings = 3
  private static let fewestSteps = 24

  func run(_ call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    let request = try WhatIfRequest(call, twin, sweeps: false, in: session)
    try FrozenArms.check(request.arms, of: twin, call, in: session)
    guard request.seeds.count >= 2 else {
      throw WhatIfRequest.wrong(call, "seeds", "at least 2: one says nothing of chance")
    }
    if case .steps(let steps) = request.length, steps < Self.fewestSteps {
      throw WhatIfRequest.wrong(call, "steps", "at least \(Self.fewestSteps)")
    }
    let full = try call.optionalInt("full-steps")
    if let full, !(1...1_000_000_000).contains(full) { throw WhatIfRequest.wrong(call, "full-steps", "at least 1") }
    func check(_ steps: Int) throws {
      guard (full ?? steps) >= steps else {
        throw WhatIfRequest.wrong(call, "full-steps", "at least the \(steps) steps that are trained")
      }
    }
    if case .steps(let steps) = request.length { try check(steps) }
    let cost = try FullRunCost(in: session)
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    let experiment = WhatIfExperiment(
      request.arms, source: twin.source, sets: request.sets, withheld: [], isFrozen: frozen.contains,
      order: request.order)
    let forecast: EffortForecast
    let steps: Int
    do {
      let outcome = try experiment.run(
        seeds: request.seeds, length: request.length, halvings: Self.halvings, fewest: Self.fewestSteps,
        work: session.work)
      steps = outcome.steps
      try check(steps)
      forecast = try EffortForecast(outcome.course, to: full ?? steps * 8)
    } catch let failure as Failure where failure.kind == .usage || failure.kind == .undefined {
      throw failure.located(at: call.span)
    }
    if let last = forecast.forecast { session.note("\(Self.verdict(last, request.arms[1].name)); \(cost.sentence)") }
    return .table(
      EffortForecast.columns.table(
        forecast.points,
        note: "\(steps) steps of \(request.batchSize) frames, \(request.seeds.count) seeds, \(forecast.cellCount) cells"
      ))
  }

  private static func verdict(_ forecast: EffortForecast.Point, _ name: String) -> String {
    let opening = "\(name), \(forecast.steps) steps"
    guard let lower = forecast.lower, let upper = forecast.upper else {
      return "\(opening): too few cells for an interval"
    }
    let range = "\(NumberText.sentence(lower)) to \(NumberText.sentence(upper)) bits/spike"
    if lower > 0 { return "\(opening): a gain is to be expected, \(range)" }
    if upper < 0 { return "\(opening): a loss is to be expected, \(range)" }
    return "\(opening): neither gain nor loss is shown, \(range)"
  }
}
