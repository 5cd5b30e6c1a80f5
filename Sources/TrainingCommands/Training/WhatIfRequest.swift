import Analysis
import Base
import Formats
import Language
import Session
import Training
import Twin

/// What `whatif` was asked for.
struct WhatIfRequest {
  let arms: [SideBySide.Arm]
  let sets: [any TrainingSet]
  let withheld: [any TrainingSet]
  let seeds: [UInt32]
  let length: WhatIfExperiment.Length
  let batchSize: Int
  private let sampler: SampledBatches.Composition

  /// - Parameter sweeps: whether the command has several edited arms and withheld stimuli.
  init(_ call: Call, _ twin: LoadedTwin, sweeps: Bool = true, in session: Session) throws {
    let labels = try call.stimulusLabels()
    let loader = WhatIfStimuli(call: call, twin: twin, session: session)
    let trained = try labels.map { try loader.set($0, at: "stimulus") }
    for (set, source) in trained { try HeldOutCheck.check(set, of: source, call, in: session) }
    sets = trained.map(\.set)
    withheld = sweeps ? try loader.withheld(beside: labels) : []
    sampler = SampledBatches.Composition(rawValue: try call.string("sampler")) ?? .mixed
    batchSize = try call.batchSize(from: sets, isMixed: sampler == .mixed)
    let count = try call.int("seeds")
    guard (1...100).contains(count) else { throw Self.wrong(call, "seeds", "between 1 and 100") }
    let first = try call.seed()
    seeds = (0..<count).map { first &+ UInt32($0) }
    length = try Self.length(call)
    let rate = twin.architecture.samplingRate ?? trained.first?.source.stimulus.rateHz
    let built = try WhatIfArms(call, twin, rateHz: rate, seed: first, sweeps: sweeps)
    arms = built.all
    for remark in built.remarks { session.note(remark) }
  }

  /// The batches of a seed.
  func order(_ seed: UInt32) -> any BatchOrder {
    SampledBatches(frames: sets.map(\.trainingFrames), composition: sampler, batchSize: batchSize, seed: seed)
  }

  private static func length(_ call: Call) throws -> WhatIfExperiment.Length {
    if let steps = try call.optionalInt("steps") {
      guard !call.isGiven("minutes") else {
        throw Failure(
          .usage, "--steps and --minutes can't be combined", hint: "choose one of them", span: call.span(of: "minutes"))
      }
      guard (WhatIfExperiment.fewestSteps...10_000_000).contains(steps) else {
        throw wrong(call, "steps", "at least \(WhatIfExperiment.fewestSteps)")
      }
      return .steps(steps)
    }
    let minutes = try call.float("minutes")
    guard minutes.isFinite, minutes > 0, minutes <= 1e5 else { throw wrong(call, "minutes", "a number above 0") }
    return .seconds(minutes * 60)
  }

  static func wrong(_ call: Call, _ flag: String, _ need: String) -> Failure {
    Failure(.usage, "--\(flag) must be \(need)", span: call.span(of: flag))
  }
}

/// Reads the stimuli of an experiment.
private struct WhatIfStimuli {
  let call: Call
  let twin: LoadedTwin
  let session: Session

  func set(_ label: String, at argument: String) throws -> (set: LoadedTrainingSet, source: LoadedStimulus) {
    let source = try session.loadStimulus(label, at: call.span(of: argument)).shown(to: twin, by: call)
    let head = try twin.head(for: source, named: nil, mayBeNamed: false)
    let set = try LoadedTrainingSet(twin, head: head, source, in: session)
    _ = session.origin(twin, head: set.head, on: source, split: .train)
    return (set, source)
  }

  /// Those that are named, or all others of the recordings that are trained on; of the latter only those with enough data.
  func withheld(beside trained: [String]) throws -> [any TrainingSet] {
    if let given = try call.optionalString("withheld") {
      guard given != "none" else { return [] }
      return try given.split(separator: ",").map { label in
        let label = String(label.trimmingPrefix(" "))
        guard !trained.contains(label) else {
          throw Failure(
            .usage, "\(label) is trained on, so it is not withheld", hint: "leave it out of --withheld",
            span: call.span(of: "withheld"))
        }
        return try set(label, at: "withheld").set
      }
    }
    var found: [any TrainingSet] = []
    for recording in trained.map({ String($0.split(separator: "/")[0]) }).uniqued {
      let names = try session.stimulusNames(of: recording).map { "\(recording)/\($0)" }
      for label in names where !trained.contains(label) {
        do {
          found.append(try set(label, at: "stimulus").set)
        } catch let failure as Failure where failure.kind == .undefined {
          session.note("\(label) is not scored: \(failure.message)")
        }
      }
    }
    return found
  }
}

extension [String] {
  /// Without repetitions, in order.
  fileprivate var uniqued: [String] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}

/// The control and the edited arms.
private struct WhatIfArms {
  let all: [SideBySide.Arm]
  /// What `edit` says of the edited ones.
  private(set) var remarks: [String] = []

  init(_ call: Call, _ twin: LoadedTwin, rateHz: Double?, seed: UInt32, sweeps: Bool) throws {
    let base = TrainingSettings(
      learningRate: try call.number("lr", above: 0), coreScale: try call.number("core-lr-scale", from: 0),
      weightDecay: try call.number("weight-decay", from: 0), clip: try call.number("clip", above: 0), seed: seed)
    let control = SideBySide.Arm(name: "control", architecture: twin.architecture, settings: base)
    var edits = call.strings("set")
    var edited = base
    let changes = try Self.kernelEdits(call)
    var names = edits + changes.map { "kernels \($0.text)" }
    edited.objective = Objective(
      rateWeight: try call.number("rate-weight", from: 0), correlation: try call.number("corr", from: 0))
    if edited.objective.rateWeight != 0 {
      names.append("rate-weight \(Value.double(edited.objective.rateWeight).plainText)")
    }
    if edited.objective.correlation != 0 {
      names.append("corr \(Value.double(edited.objective.correlation).plainText)")
    }
    if call.isSet("zero-sum-kernels") {
      edited.zeroSumKernels = true
      names.append("zero-sum kernels")
    }
    var found: [String] = []
    /// An arm that starts from the twin's tensors, carried over where an edit needs others.
    func arm(
      _ names: [String], _ edits: [String], _ settings: TrainingSettings, penalty: String?, mayBeControl: Bool = false
    ) throws -> SideBySide.Arm {
      var own = try twin.edited(by: edits, seed: settings.seed)
      found += own.remarks
      if !changes.isEmpty { own = try own.changingKernels(changes).twin }
      var settings = settings
      if let penalty {
        let tapRate = (rateHz ?? .nan) / Double(own.architecture.tapStep)
        settings.kernelPenalties = try KernelTerms.read(penalty, rateHz: tapRate)
      }
      return SideBySide.Arm(
        name: names.joined(separator: ", "), architecture: own.architecture, settings: settings, source: own.source,
        mayBeControl: mayBeControl)
    }
    let sweep = sweeps ? try call.optionalString("sweep").map { try Self.sweep($0, call) } : nil
    let penalty = try call.optionalString("penalty")
    do {
      if let sweep, sweep.name == "lambda" {
        guard let penalty, !penalty.contains("="), !penalty.contains(",") else {
          throw Failure(
            .usage, "--sweep lambda= needs one --penalty NAME without a weight",
            hint: "--penalty lowfreq_ratio_fc15 --sweep lambda=0.01,0.1,1")
        }
        all =
          [control]
          + (try sweep.values.map { value in
            // Without weight the penalty is none, and the arm is what the others are held against.
            let isOff = Double(value) == 0
            return try arm(
              names + ["lambda=\(value)"], edits, edited, penalty: isOff ? nil : "\(penalty)=\(value)",
              mayBeControl: isOff)
          })
        remarks = found.uniqued
        return
      }
      if let penalty {
        names += try KernelTerms.read(penalty, rateHz: rateHz ?? .nan).map(KernelTerms.text)
      }
      if let sweep {
        let fixed = edits
        all =
          [control]
          + (try sweep.values.map { value in
            let swept = "\(sweep.name)=\(value)"
            edits = fixed.filter { !$0.hasPrefix(sweep.name + "=") } + [swept]
            // The swept value takes the place of a fixed one.
            let kept = names.filter { !$0.hasPrefix(sweep.name + "=") }
            return try arm(kept + [swept], edits, edited, penalty: penalty)
          })
        remarks = found.uniqued
        return
      }
      guard !names.isEmpty else {
        throw Failure(
          .usage, "nothing is edited: both arms would be the same",
          hint: "--set OPTION=VALUE, --kernels, --penalty, --zero-sum-kernels, --rate-weight or --corr")
      }
      all = [control, try arm(names, edits, edited, penalty: penalty)]
      remarks = found.uniqued
    } catch let failure as Failure {
      throw failure.located(
        at: call.span(
          of: [sweeps ? "sweep" : "penalty", "penalty", "set", "kernels"].first(where: call.isGiven) ?? "twin"))
    }
  }

  private static func kernelEdits(_ call: Call) throws -> [KernelEdit] {
    do {
      return try call.strings("kernels").map(KernelEdit.init)
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "kernels"))
    }
  }

  private static func sweep(_ text: String, _ call: Call) throws -> (name: String, values: [String]) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    let values = parts.count == 2 ? parts[1].split(separator: ",").map { String($0.trimmingPrefix(" ")) } : []
    guard let name = parts.first, !values.isEmpty, Set(values).count == values.count else {
      throw Failure(
        .usage, "`\(text.shortened)` is not a name with different values", hint: "lambda=0.01,0.1,1",
        span: call.span(of: "sweep"))
    }
    return (name, values)
  }
}
