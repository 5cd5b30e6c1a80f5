import Base
import Formats
import Language
import Session
import Training

/// What `train` was asked for: settings, order of batches and length.
struct TrainingOptions {
  var settings: TrainingSettings
  var order: any BatchOrder
  var stepLimit: Int
  var validatesEvery: Int
  var continuesOptimiser: Bool
  /// Whether readout biases start at the mean counts.
  var startsBiases: Bool
  /// Whether the recorded order contains learning rates, so that flags for them do nothing.
  var hasRecordedRates = false
  /// The twin whose rates are the targets.
  private let teacher: String?
  /// Settings of the order of batches, with what they are.
  private(set) var batches: [TrainingSetting]
  private let scheduleName: String

  /// Flags that shape drawn batches, and do nothing beside a recorded order.
  private static let drawing = ["sampler", "batch-size", "accumulate", "epochs", "epoch-steps"]

  /// - Throws: a usage failure for a value out of range, or for a flag that does nothing beside the others.
  ///
  /// - Parameter fitted: epochs in place of `--epochs`, where a time budget gives them.
  init(_ call: Call, sets: [any TrainingSet], epochs fitted: Int? = nil, in session: Session) throws {
    scheduleName = try call.string("schedule")
    let seed = try call.seed()
    let validatesEvery = try call.count("val-every", from: 0)
    self.validatesEvery = validatesEvery
    continuesOptimiser = call.isSet("continue-optimiser")
    startsBiases = call.isSet("init-bias")
    teacher = try call.optionalString("teacher")
    var settings = TrainingSettings(
      optimiser: TrainingSettings.OptimiserKind(rawValue: try call.string("optimiser")) ?? .adamw,
      learningRate: try call.number("lr", above: 0), coreScale: try call.number("core-lr-scale", from: 0),
      weightDecay: try call.number("weight-decay", from: 0),
      clip: call.isGiven("clip") ? try call.number("clip", above: 0) : nil,
      usesProximalSteps: !call.isSet("no-proximal"),
      objective: Objective(
        rateWeight: try call.number("rate-weight", from: 0), correlation: try call.number("corr", from: 0)),
      seed: seed)
    if continuesOptimiser, settings.optimiser != .adamw {
      throw Failure(
        .usage, "--continue-optimiser takes AdamW's state, and --optimiser \(settings.optimiser.rawValue) has none",
        span: call.span(of: "continue-optimiser"))
    }
    if settings.optimiser == .lbfgs {
      try Self.checkQuasiNewton(call)
      if !call.isGiven("lr") { settings.learningRate = 1 }
      (settings.coreScale, settings.weightDecay, settings.usesProximalSteps) = (1, 0, false)
    }
    let limit = try call.optionalInt("steps")
    if let limit, limit < 1 { throw Failure(.usage, "--steps must be at least 1", span: call.span(of: "steps")) }
    func validations(_ epochs: Int) -> Int {
      validatesEvery == 0 ? 0 : (epochs + validatesEvery - 1) / validatesEvery
    }
    if let path = try call.optionalString("batches") {
      if let idle = Self.drawing.first(where: call.isGiven) {
        throw Failure(
          .usage, "--\(idle) has no effect with --batches, which gives the order of frames",
          hint: "leave out --\(idle)",
          span: call.span(of: idle))
      }
      let (recorded, hasRates) = try Self.recorded(path, call, session)
      if hasRates, let idle = ScheduleOptions.all.first(where: call.isGiven) {
        throw Failure(
          .usage, "--\(idle) does nothing: \(path) holds the learning rate of every step (`lr`)",
          hint: "leave out --\(idle)", span: call.span(of: idle))
      }
      order = recorded
      stepLimit = min(limit ?? .max, recorded.steps.count)
      hasRecordedRates = hasRates
      batches = [.init("batches", path, from: .flag, touches: hasRates ? "order and learning rates" : "order")]
      let epochs = (recorded.steps.last?.epoch ?? 0) + 1
      settings.schedule = try ScheduleOptions.schedule(call, epochs: epochs, validations: validations(epochs))
    } else if settings.optimiser == .lbfgs {
      let steps = call.isGiven("epoch-steps") ? try call.count("epoch-steps", from: 1) : 1
      let epochs = try fitted ?? Self.epochs(call, limit: limit, of: steps)
      let size = call.isGiven("batch-size") ? try call.batchSize(from: sets, isMixed: true) : nil
      let (all, overflow) = epochs.multipliedReportingOverflow(by: steps)
      guard !overflow else {
        throw Failure(.usage, "--epochs \(epochs) is too many", span: call.span(of: "epochs"))
      }
      let frames = sets.reduce(0) { $0 + $1.trainingFrames.count }
      order = FixedBatch(frames: sets.map(\.trainingFrames), size: size, seed: seed, stepsPerEpoch: steps)
      stepLimit = min(limit ?? .max, all)
      batches = [
        .init(
          "batch-size", "\(min(size ?? frames, frames))", call,
          touches: "the same of \(frames) training frames in every step"),
        .init("epochs", "\(epochs)", call, touches: stepLimit == 1 ? "1 step in all" : "\(stepLimit) steps in all"),
        .init("epoch-steps", "\(steps)", call, touches: "iterations from one validation to the next"),
      ]
    } else {
      let sampler = SampledBatches.Composition(rawValue: try call.string("sampler")) ?? .sessions
      if call.isGiven("sampler"), sampler == .mixed, sets.count == 1 {
        throw Failure(
          .usage, "--sampler mixed does nothing with one stimulus", hint: "leave it out, or name several stimuli",
          span: call.span(of: "sampler"))
      }
      let size = try call.batchSize(from: sets, isMixed: sampler == .mixed)
      let micros = try call.count("accumulate", from: 1)
      let sampled = SampledBatches(
        frames: sets.map(\.trainingFrames), composition: sampler, batchSize: size, microBatchCount: micros, seed: seed,
        stepsPerEpoch: call.isGiven("epoch-steps") ? try call.count("epoch-steps", from: 1) : nil)
      let epochs = try fitted ?? Self.epochs(call, limit: limit, of: sampled.stepsPerEpoch)
      let (all, overflow) = epochs.multipliedReportingOverflow(by: sampled.stepsPerEpoch)
      guard !overflow else {
        throw Failure(.usage, "--epochs \(epochs) is too many", span: call.span(of: "epochs"))
      }
      order = sampled
      stepLimit = min(limit ?? .max, all)
      let frames = sets.reduce(0) { $0 + $1.trainingFrames.count }
      let stimuli = sets.count == 1 ? "1 stimulus" : "\(sets.count) stimuli"
      batches = [
        .init("sampler", sampler.rawValue, call, touches: "\(stimuli), \(frames) training frames"),
        .init("batch-size", "\(size)", call, touches: "frames of a batch"),
        .init("accumulate", "\(micros)", call, touches: "batches of a step"),
        .init("epochs", "\(epochs)", call, touches: stepLimit == 1 ? "1 step in all" : "\(stepLimit) steps in all"),
        .init(
          "epoch-steps", "\(sampled.stepsPerEpoch)", call,
          touches: call.isGiven("epoch-steps") ? "" : "one pass over the training frames"),
      ]
      settings.schedule = try ScheduleOptions.schedule(call, epochs: epochs, validations: validations(epochs))
    }
    self.settings = settings
  }

  /// Epochs in all; --steps alone takes as many as it needs.
  private static func epochs(_ call: Call, limit: Int?, of stepsPerEpoch: Int) throws -> Int {
    let given = try call.count("epochs", from: 1)
    guard let limit, !call.isGiven("epochs") else { return given }
    return (limit - 1) / stepsPerEpoch + 1
  }

  /// Flags that shape steps of another kind.
  private static func checkQuasiNewton(_ call: Call) throws {
    let idle =
      ["clip", "weight-decay", "core-lr-scale", "sampler", "accumulate", "batches", "no-proximal"] + ScheduleOptions.all
    if let flag = idle.first(where: call.isGiven) {
      throw Failure(
        .usage, "--\(flag) does nothing with --optimiser lbfgs, which moves all parameters together on fixed frames",
        hint: "leave out --\(flag)", span: call.span(of: flag))
    }
  }

  private static func recorded(_ path: String, _ call: Call, _ session: Session) throws -> (RecordedBatches, Bool) {
    do {
      let archive = try NpzArchive(path: session.absolute(path))
      session.changes.inputs.append(
        .init(role: "input", version: nil, detail: "\(path), \(archive.fingerprint.prefix(12))"))
      return (try RecordedBatches(archive), archive.info("lr") != nil)
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "batches"))
    }
  }

  /// Every setting with its value, as the record of the training keeps it.
  var text: [String] {
    let settings = settings
    var text = batches.map { "\($0.name) \($0.value)" }
    text += [
      "optimiser \(settings.optimiser.rawValue)", "lr \(Value.double(settings.learningRate).plainText)",
      "core-lr-scale \(Value.double(settings.coreScale).plainText)",
      "weight-decay \(Value.double(settings.weightDecay).plainText)",
      "clip \(settings.clip.map { Value.double($0).plainText } ?? "none")",
      "schedule \(ScheduleOptions.text(scheduleName, settings.schedule))",
      settings.usesProximalSteps ? "proximal steps" : "no proximal steps", "seed \(settings.seed)",
    ]
    if settings.objective.rateWeight != 0 {
      text.append("rate-weight \(Value.double(settings.objective.rateWeight).plainText)")
    }
    if settings.objective.correlation != 0 {
      text.append("corr \(Value.double(settings.objective.correlation).plainText)")
    }
    text += settings.kernelPenalties.map(KernelTerms.text)
    if settings.zeroSumKernels { text.append("zero-sum kernels") }
    if let teacher { text.append("teacher \(teacher)") }
    if startsBiases { text.append("init-bias") }
    return text
  }

  /// The schedule in words.
  var scheduleText: String { ScheduleOptions.text(scheduleName, settings.schedule) }
}
