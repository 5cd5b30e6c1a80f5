import Base
import Formats
import Language
import Session
import Training
import Twin
import Workspace

/// What a call of `train` asks for, with its data open: the same for a new training and for one that goes on.
struct TrainingJob {
  let twin: LoadedTwin
  let data: TrainingData
  let options: TrainingOptions
  let patience: Int?
  /// Steps in all.
  let stepLimit: Int
  /// Epochs that fit into `--minutes`.
  let fittedEpochs: Int?
  /// When the last step must have ended; nil without `--minutes`.
  let deadline: ContinuousClock.Instant?
  /// Every setting with its value.
  let settings: [String]

  /// Epochs while it is not known yet how many fit into the time: no schedule is too long for them.
  private static let unknownEpochs = 1_000_000

  /// - Parameters:
  ///   - record: the training that goes on; nil for a new one.
  ///   - started: when the command began.
  init(
    _ call: Call, from twin: LoadedTwin, goingOn record: TrainingRecord? = nil,
    started: ContinuousClock.Instant = .now, in session: Session
  ) throws {
    self.twin = twin
    let shares = try Self.shares(call)
    data = try TrainingData(call, for: twin, shares: shares, in: session)
    let sets = data.sets
    let minutes = try Self.minutes(call)
    let frameRate = twin.architecture.samplingRate ?? data.sources.first?.stimulus.rateHz
    let rate = frameRate.map { $0 / Double(twin.architecture.tapStep) }
    func read(epochs: Int?) throws -> TrainingOptions {
      var options = try TrainingOptions(call, sets: sets, epochs: epochs, in: session)
      try options.addKernelTerms(call, rateHz: rate)
      return options
    }
    var options = try read(epochs: minutes == nil ? nil : record?.fittedEpochs ?? Self.unknownEpochs)
    try HeldOutCheck.check(
      data, call, validates: options.validatesEvery > 0, isReplay: call.isGiven("batches") || record != nil,
      in: session)
    try HeldOutCheck.check(options.order, data, call)
    patience = try call.optionalInt("patience")
    if let patience, patience < 1 {
      throw Failure(.usage, "--patience must be at least 1", span: call.span(of: "patience"))
    }
    if patience != nil, options.validatesEvery == 0 {
      throw Failure(
        .usage, "--patience does nothing with --val-every 0: no epoch is validated", span: call.span(of: "patience"))
    }
    var extra: [String] = []
    if shares != nil { extra.append("split \(try call.string("split"))") }
    if let patience { extra.append("patience \(patience)") }
    if let record {
      (stepLimit, fittedEpochs, deadline) = (record.stepLimit, record.fittedEpochs, nil)
    } else if let minutes {
      let budget = try Self.budget(call, options, twin, sets, minutes: minutes, started: started, in: session)
      let steps = try Self.fitted(budget, options, minutes: minutes, started: started, call)
      stepLimit = steps
      let epochs = options.order.epoch(ofStep: steps - 1) + 1
      fittedEpochs = epochs
      options = try read(epochs: epochs)
      deadline = started.advanced(by: .seconds(minutes * 60 - budget.validation))
      session.note(
        "time: \(NumberText.threeDigits(budget.step)) s a step, \(NumberText.threeDigits(budget.validation)) s a validation: \(steps) \(steps == 1 ? "step" : "steps") in \(epochs) \(epochs == 1 ? "epoch" : "epochs") fit into \(Value.double(minutes).plainText) minutes"
      )
    } else {
      (stepLimit, fittedEpochs, deadline) = (options.stepLimit, nil, nil)
    }
    if let minutes { extra.append("minutes \(Value.double(minutes).plainText), \(stepLimit) steps fit") }
    if options.continuesOptimiser, twin.payload.overlay != nil {
      throw Failure(
        .usage,
        "--continue-optimiser: AdamW's state in the checkpoint belongs to its weights, and those of `\(twin.name)` have changed since",
        hint: "leave it out, or train the twin as it was opened", span: call.span(of: "continue-optimiser"))
    }
    if let patience, minutes == nil, record == nil, !call.isGiven("batches") {
      try Self.check(patience: patience, of: options, steps: stepLimit, call)
    }
    self.options = options
    settings = options.text + extra
    if let record { try check(record, call) }
    if let shares, record == nil { try noteOwnSplit(shares, in: session) }
  }

  var labels: [String] { data.labels }
  var sources: [LoadedStimulus] { data.sources }
  var sets: [any TrainingSet] { data.sets }

  var limits: TrainingLoop.Limits {
    .init(steps: stepLimit, validatesEvery: options.validatesEvery, patience: patience, deadline: deadline)
  }

  func trainer(going: KeptState? = nil) throws -> Trainer { try Self.trainer(twin, sets, options, going: going) }

  /// Where a training goes on.
  struct KeptState {
    let source: any ArraySource
    let optimiser: (any ArraySource)?
    let stepsDone: Int
  }

  private static func trainer(
    _ twin: LoadedTwin, _ sets: [any TrainingSet], _ options: TrainingOptions, going: KeptState? = nil
  ) throws -> Trainer {
    var start = try ParameterStore(going?.source ?? twin.source)
    if going == nil, options.startsBiases { try StartingBias.set(&start, of: twin.architecture, from: sets) }
    let stored =
      going == nil && options.continuesOptimiser ? try AdamW(stored: twin.checkpoint, of: twin.architecture) : nil
    var trainer = try Trainer(
      architecture: twin.architecture, source: start, heads: sets.map(\.head), settings: options.settings,
      isFrozen: FrozenParameters(patterns: twin.payload.frozen).contains, optimiser: stored,
      stepsDone: going?.stepsDone ?? 0)
    if let state = going?.optimiser { try trainer.restoreOptimiser(state) }
    return trainer
  }

  /// Refuses to go on where the same command would train something else now.
  private func check(_ record: TrainingRecord, _ call: Call) throws {
    for (index, set) in sets.enumerated()
    where !record.data.indices.contains(index) || record.data[index] != data.digests[index] {
      throw Failure(
        .mismatch, "\(set.label) or `\(record.start)` is not what the training began with: it can't go on",
        hint: "`train … --replace` begins again", span: call.span)
    }
    guard record.settings == settings else {
      let changed = zip(record.settings, settings).first { $0 != $1 }
      throw Failure(
        .mismatch,
        "the settings are not those that the training began with: "
          + (changed.map { "\($0), now \($1)" } ?? "another number of settings"),
        hint: "`train … --replace` begins again", span: call.span)
    }
  }

  // MARK: Time

  private static func minutes(_ call: Call) throws -> Double? {
    guard let minutes = try call.optionalFloat("minutes") else { return nil }
    guard minutes.isFinite, minutes > 0 else {
      throw Failure(.usage, "--minutes must be a number above 0", span: call.span(of: "minutes"))
    }
    if let other = ["epochs", "steps"].first(where: call.isGiven) {
      throw Failure(
        .usage, "--minutes says how long the training is: --\(other) can't be given, too",
        hint: "leave out one of them",
        span: call.span(of: other))
    }
    return minutes
  }

  private static func budget(
    _ call: Call, _ options: TrainingOptions, _ twin: LoadedTwin, _ sets: [any TrainingSet], minutes: Double,
    started: ContinuousClock.Instant, in session: Session
  ) throws -> TimeBudget {
    // Timing takes a tenth of the time at most, but for one step.
    let end = started.advanced(by: .seconds(minutes * 6))
    return try TimeBudget(
      timing: trainer(twin, sets, options), order: options.order, sets: sets, validates: options.validatesEvery > 0,
      work: session.work, isEnough: { ContinuousClock.now >= end })
  }

  private static func fitted(
    _ budget: TimeBudget, _ options: TrainingOptions, minutes: Double, started: ContinuousClock.Instant, _ call: Call
  ) throws -> Int {
    let passed = started.duration(to: .now) / .seconds(1)
    let steps = budget.steps(
      within: minutes * 60 - passed, order: options.order, validatesEvery: options.validatesEvery,
      limit: options.stepLimit)
    guard steps > 0 else {
      throw Failure(
        .usage,
        "not one step fits into \(Value.double(minutes).plainText) minutes: a step takes \(NumberText.threeDigits(budget.step)) s, a validation \(NumberText.threeDigits(budget.validation)) s",
        hint: "give more minutes, or a smaller --batch-size", span: call.span(of: "minutes"))
    }
    return steps
  }

  /// The first validation sets the mark, and a training of so many validations ends by itself.
  private static func check(patience: Int, of options: TrainingOptions, steps: Int, _ call: Call) throws {
    let epochs = options.order.epoch(ofStep: steps - 1) + 1
    let validations = (epochs + options.validatesEvery - 1) / options.validatesEvery
    guard validations <= patience + 1 else { return }
    throw Failure(
      .usage,
      "--patience \(patience) ends a training after \(patience + 1) validations at the earliest, and there \(validations == 1 ? "is 1" : "are \(validations)"): it does nothing",
      hint: "set more --epochs, or leave out --patience", span: call.span(of: "patience"))
  }

  // MARK: Trials

  /// Says which of the held-out trials the recording's own split gives to training: the twin may know them.
  private func noteOwnSplit(_ shares: LoadedTrainingSet.Shares, in session: Session) throws {
    for source in data.sources {
      let known = try source.ownTrainingTrials(heldOutBy: shares)
      guard known.count > 0 else { continue }
      session.note(
        "\(source.label): \(known.count) of the \(known.of) validation and test trials are training trials of the recording's own split; if `\(twin.name)` was trained on that split, it has seen them"
      )
    }
  }

  /// The three parts of `--split 0.7,0.15,0.15`; nil without it.
  private static func shares(_ call: Call) throws -> LoadedTrainingSet.Shares? {
    guard let text = try call.optionalString("split") else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0.trimmingPrefix { $0 == " " })
    }
    guard parts.count == 3, case let known = parts.compactMap(\.self), known.count == 3,
      known.allSatisfy({ $0 > 0 && $0 < 1 }), abs(known.reduce(0, +) - 1) < 1e-6
    else {
      throw Failure(
        .usage, "--split needs the shares of training, validation and test trials, which add up to 1",
        hint: "e.g. --split 0.7,0.15,0.15", span: call.span(of: "split"))
    }
    if call.isGiven("batches") {
      throw Failure(
        .usage, "--split has no effect with --batches, which gives the training frames",
        hint: "leave out --split",
        span: call.span(of: "split"))
    }
    return .init(train: known[0], val: known[1])
  }
}
