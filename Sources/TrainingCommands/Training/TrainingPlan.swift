import Base
import Language
import Training
import Twin

/// What a training will do: every setting with its effective value, where it comes from, and what it touches.
struct TrainingPlan {
  private(set) var rows: [TrainingSetting]

  /// - Throws: a usage failure for a flag that changes nothing in this training.
  init(_ call: Call, _ trainer: Trainer, _ job: TrainingJob) throws {
    let options = job.options
    let settings = options.settings
    let counts = Dictionary(uniqueKeysWithValues: trainer.architecture.parameters.map { ($0.name, $0.count) })
    func size(_ groups: [ParameterGroup]) -> String {
      let names = groups.flatMap(\.names)
      let values = names.reduce(0) { $0 + (counts[$1] ?? 0) }
      return "\(names.count.of("tensor")), \(values.of("value"))"
    }
    // Parts of the twin that move, by what their names begin with.
    func moved(_ groups: [ParameterGroup]) -> String {
      let parts = Set(groups.flatMap(\.names).map { name in String(name.prefix { $0 != "." }) })
      return "\(parts.sorted().joined(separator: ", ")): \(size(groups))"
    }
    let core = trainer.groups.filter(\.kind.isCore)
    let decayed = trainer.groups.filter(\.kind.decays)
    let heads = trainer.groups.filter { !$0.kind.isCore }
    try Self.checkIdle(call, trainer, options, hasCore: !core.isEmpty, hasDecay: !decayed.isEmpty)

    func number(_ value: Double) -> String { Value.double(value).plainText }
    let recorded = "the recorded order has its own rates"
    rows = [
      .init(
        "on", job.labels.joined(separator: ", "), from: call.isGiven("stimulus") ? .flag : .model,
        touches: "training trials")
    ]
    if let teacher = try call.optionalString("teacher") {
      rows.append(.init("teacher", teacher, from: .flag, touches: "targets: its rates, in every bin"))
    }
    rows += options.batches
    rows += [
      .init(
        "optimiser", settings.optimiser.rawValue, call,
        touches: size(trainer.groups) + (options.continuesOptimiser ? ", with the checkpoint's state" : "")),
      .init(
        "lr", number(settings.learningRate), call,
        touches: options.hasRecordedRates ? "nothing: \(recorded)" : moved(heads.isEmpty ? core : heads)),
      .init(
        "core-lr-scale", number(settings.coreScale), call,
        touches: core.isEmpty
          ? "nothing: the core is frozen"
          : options.hasRecordedRates ? "nothing: \(recorded)" : moved(core)),
      .init("weight-decay", number(settings.weightDecay), call, touches: size(decayed)),
      .init(
        "clip", settings.clip.map(number) ?? "none", call,
        touches: settings.clip == nil ? "nothing" : "the gradient of all trained tensors"),
      .init(
        "schedule", options.hasRecordedRates ? "recorded" : options.scheduleText,
        from: options.hasRecordedRates ? .order : call.isGiven("schedule") ? .flag : .standard,
        touches: "all learning rates"),
    ]
    for term in trainer.regularisation.terms {
      let isOff = term.isProximal && !settings.usesProximalSteps
      let count = trainer.trainedNames.count { term.matches($0) }
      rows.append(
        .init(
          "regularization", "\(term.name): \(term.type) \(number(term.fullWeight))", from: .model,
          touches: isOff ? "nothing: --no-proximal" : count.of("trained tensor")))
    }
    rows += [
      .init("rate-weight", number(settings.objective.rateWeight), call, touches: "weights of cells in the loss"),
      .init("corr", number(settings.objective.correlation), call, touches: "the loss"),
      .init("cells", job.data.cells ?? "all", call, touches: "the loss and held-out scores"),
      .init("init-bias", options.startsBiases ? "yes" : "no", call, touches: "readout biases, before the first step"),
      .init("val-every", "\(options.validatesEvery)", call, touches: "epochs from one validation to the next"),
      .init("seed", "\(settings.seed)", call, touches: "the order of batches and dropout"),
    ]
    for term in settings.kernelPenalties {
      rows.append(
        .init("penalty", "\(term.name)=\(number(term.weight))", from: .flag, touches: "the frontend's kernels"))
    }
    if settings.zeroSumKernels {
      rows.append(.init("zero-sum-kernels", "yes", from: .flag, touches: "the frontend's kernels, after each step"))
    }
    if let patience = job.patience {
      rows.append(
        .init("patience", "\(patience)", from: .flag, touches: "validations without a better score before the end"))
    }
    if let split = try call.optionalString("split") {
      rows.append(.init("split", split, from: .flag, touches: "training, validation and test trials"))
    }
    for (recipe, interval) in [("fast", "every"), ("slow", "slow-every")] {
      guard let path = try call.optionalString(recipe) else { continue }
      rows += [
        .init(recipe, path, from: .flag, touches: "nothing: it looks at the twin of an epoch"),
        .init(interval, "\(try call.int(interval))", call, touches: "epochs from one twin of --\(recipe) to the next"),
      ]
    }
    if let minutes = try call.optionalFloat("minutes") {
      rows.append(
        .init(
          "minutes", number(minutes), from: .flag,
          touches: job.stepLimit == 1 ? "1 step fits" : "\(job.stepLimit) steps fit"))
    }
  }

  /// Lines with aligned columns, the headings first.
  var lines: [String] {
    let cells =
      [["setting", "value", "from", "what it touches"]]
      + rows.map { [$0.name, $0.value, $0.origin.rawValue, $0.touches] }
    let widths = (0..<3).map { column in cells.reduce(0) { max($0, $1[column].count) } }
    return cells.map { row in
      (0..<3).map { row[$0].padding(to: widths[$0]) + "  " }.joined() + row[3]
    }
  }

  private static func checkIdle(
    _ call: Call, _ trainer: Trainer, _ options: TrainingOptions, hasCore: Bool, hasDecay: Bool
  ) throws {
    func idle(_ flag: String, _ why: String) -> Failure {
      Failure(
        .usage, "--\(flag) does nothing: \(why)", hint: "leave out --\(flag)", span: call.span(of: flag))
    }
    // A recorded training is replayed with the flags that it had, whatever they touched.
    let isReplay = call.isGiven("batches")
    if call.isGiven("core-lr-scale"), !hasCore, !isReplay { throw idle("core-lr-scale", "the core is frozen") }
    if call.isGiven("weight-decay"), !hasDecay, !isReplay {
      throw idle("weight-decay", "no weight with several axes is trained")
    }
    if call.isSet("no-proximal"), !trainer.regularisation.terms.contains(where: \.isProximal) {
      throw idle("no-proximal", "the model's `regularization` has no proximal step")
    }
    let architecture = trainer.architecture
    if !isReplay, !options.settings.kernelPenalties.isEmpty, let filters = architecture.frontendFilters,
      !filters.isDelayed,
      let kernels = try TwinNetwork(architecture: architecture, source: trainer.store, heads: []).effectiveKernels
    {
      for term in options.settings.kernelPenalties where try term.isIdle(on: kernels, factors: filters.factors) {
        throw Failure(
          .usage,
          "--penalty \(term.name) does nothing: it has the same value for all kernels of this frontend, or counts only taps that its window or mask holds at 0",
          hint: "choose other taps or another frequency: `penalties TWIN` shows the values",
          span: call.span(of: "penalty"))
      }
    }
    if options.startsBiases, !trainer.trainedNames.contains(where: { $0.hasSuffix("bias") && $0.hasPrefix("readout") })
    {
      throw idle("init-bias", "the readout biases are frozen, or there are none")
    }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension Int {
  /// `1 tensor`, `2 tensors`.
  fileprivate func of(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
