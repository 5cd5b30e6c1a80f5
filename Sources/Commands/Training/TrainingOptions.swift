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
  /// Every setting with its value, as the record of the training keeps it.
  var text: [String]

  /// Flags that shape drawn batches, and do nothing beside a recorded order.
  private static let drawing = ["sampler", "batch-size", "accumulate", "epochs", "epoch-steps"]

  /// - Throws: a usage failure for a value out of range, or for a flag that does nothing beside the others.
  ///
  /// - Parameter fitted: epochs in place of `--epochs`, where a time budget gives them.
  init(_ call: Call, sets: [any TrainingSet], epochs fitted: Int? = nil, in session: Session) throws {
    let schedule = try call.string("schedule")
    let seed = try call.seed()
    validatesEvery = try Self.count(call, "val-every", from: 0)
    continuesOptimiser = call.isSet("continue-optimiser")
    var settings = TrainingSettings(
      optimiser: TrainingSettings.OptimiserKind(rawValue: try call.string("optimiser")) ?? .adamw,
      learningRate: try Self.number(call, "lr", above: 0), coreScale: try Self.number(call, "core-lr-scale", from: 0),
      weightDecay: try Self.number(call, "weight-decay", from: 0),
      clip: call.isGiven("clip") ? try Self.number(call, "clip", above: 0) : nil,
      usesProximalSteps: !call.isSet("no-proximal"),
      objective: Objective(
        rateWeight: try Self.number(call, "rate-weight", from: 0), correlation: try Self.number(call, "corr", from: 0)),
      seed: seed)
    if continuesOptimiser, settings.optimiser != .adamw {
      throw Failure(
        .usage, "--continue-optimiser takes AdamW's state, and --optimiser \(settings.optimiser.rawValue) has none",
        span: call.span(of: "continue-optimiser"))
    }
    let limit = try call.optionalInt("steps")
    if let limit, limit < 1 { throw Failure(.usage, "--steps must be at least 1", span: call.span(of: "steps")) }
    var described: [String] = []
    if let path = try call.optionalString("batches") {
      if let idle = Self.drawing.first(where: call.isGiven) {
        throw Failure(
          .usage, "--\(idle) does nothing beside --batches, which brings its own order", hint: "leave out --\(idle)",
          span: call.span(of: idle))
      }
      let (recorded, hasRates) = try Self.recorded(path, call, session)
      if hasRates, let idle = ["schedule", "warmup", "restart-period"].first(where: call.isGiven) {
        throw Failure(
          .usage, "--\(idle) does nothing: \(path) holds the learning rate of every step (`lr`)",
          hint: "leave out --\(idle)", span: call.span(of: idle))
      }
      order = recorded
      stepLimit = min(limit ?? .max, recorded.steps.count)
      described = ["batches \(path)" + (hasRates ? " with its learning rates" : "")]
      settings.schedule = try Self.schedule(schedule, call, epochs: (recorded.steps.last?.epoch ?? 0) + 1)
    } else {
      let epochs = try fitted ?? Self.count(call, "epochs", from: 1)
      let sampler = SampledBatches.Composition(rawValue: try call.string("sampler")) ?? .sessions
      let (size, micros) = (try Self.count(call, "batch-size", from: 1), try Self.count(call, "accumulate", from: 1))
      let sampled = SampledBatches(
        frames: sets.map(\.trainingFrames), composition: sampler, batchSize: size, microBatchCount: micros, seed: seed,
        stepsPerEpoch: call.isGiven("epoch-steps") ? try Self.count(call, "epoch-steps", from: 1) : nil)
      let (all, overflow) = epochs.multipliedReportingOverflow(by: sampled.stepsPerEpoch)
      guard !overflow else {
        throw Failure(.usage, "--epochs \(epochs) is too many", span: call.span(of: "epochs"))
      }
      order = sampled
      stepLimit = min(limit ?? .max, all)
      described = [
        "sampler \(sampler.rawValue)", "batch-size \(size)", "accumulate \(micros)", "epochs \(epochs)",
        "\(sampled.stepsPerEpoch) steps an epoch",
      ]
      settings.schedule = try Self.schedule(schedule, call, epochs: epochs)
    }
    self.settings = settings
    text = described + Self.describe(settings, schedule)
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

  private static func schedule(_ name: String, _ call: Call, epochs: Int) throws -> LearningRateSchedule {
    let warmUp = call.isGiven("warmup") ? try count(call, "warmup", from: 0) : 5
    let warms = name == "cosine_warmup" || name == "cosine_warmup_restart"
    if call.isGiven("warmup"), !warms {
      throw Failure(
        .usage, "--warmup does nothing with --schedule \(name)", hint: "choose --schedule cosine_warmup",
        span: call.span(of: "warmup"))
    }
    if call.isGiven("restart-period"), name != "cosine_warmup_restart" {
      throw Failure(
        .usage, "--restart-period does nothing with --schedule \(name)",
        hint: "choose --schedule cosine_warmup_restart",
        span: call.span(of: "restart-period"))
    }
    if warms, warmUp >= epochs {
      throw Failure(
        .usage,
        "a warm-up of \(warmUp) epochs takes all of the \(epochs): the learning rate would never reach its full value",
        hint: "set --warmup below --epochs", span: call.span(of: call.isGiven("warmup") ? "warmup" : "schedule"))
    }
    switch name {
    case "cosine": return .cosine(warmUp: 0, epochs: epochs)
    case "cosine_warmup": return .cosine(warmUp: warmUp, epochs: epochs)
    case "cosine_warmup_restart":
      let period = call.isGiven("restart-period") ? try count(call, "restart-period", from: 1) : (epochs - warmUp) / 2
      return .restarts(warmUp: warmUp, period: max(1, period))
    default: return .constant
    }
  }

  private static func describe(_ settings: TrainingSettings, _ schedule: String) -> [String] {
    var text = [
      "optimiser \(settings.optimiser.rawValue)", "lr \(Value.double(settings.learningRate).plainText)",
      "core-lr-scale \(Value.double(settings.coreScale).plainText)",
      "weight-decay \(Value.double(settings.weightDecay).plainText)",
      "clip \(settings.clip.map { Value.double($0).plainText } ?? "none")", "schedule \(schedule)",
      settings.usesProximalSteps ? "proximal steps" : "no proximal steps", "seed \(settings.seed)",
    ]
    if settings.objective.rateWeight != 0 {
      text.append("rate-weight \(Value.double(settings.objective.rateWeight).plainText)")
    }
    if settings.objective.correlation != 0 {
      text.append("corr \(Value.double(settings.objective.correlation).plainText)")
    }
    return text
  }

  // MARK: Numbers

  private static func count(_ call: Call, _ flag: String, from lowest: Int) throws -> Int {
    let value = try call.int(flag)
    guard value >= lowest else {
      throw Failure(.usage, "--\(flag) must be at least \(lowest)", span: call.span(of: flag))
    }
    return value
  }

  private static func number(
    _ call: Call, _ flag: String, above: Double = -.infinity, from: Double = -.infinity
  ) throws -> Double {
    let value = try call.float(flag)
    guard value.isFinite, value > above, value >= from else {
      throw Failure(
        .usage, "--\(flag) must be a number \(above == 0 ? "above 0" : "from 0 upward")", span: call.span(of: flag))
    }
    return value
  }
}
