import Base
import Formats
import Foundation
import Layers
import TestSupport
import Testing
import Training
import Twin

@Suite("Schedules, penalties, proximal steps and groups are VisionCore's", .enabled(if: Fixtures.hasShared))
struct ScheduleTests {
  private let reference: ConfigNode
  private let arrays: NpzArchive
  private let store: ParameterStore
  private let architecture: TwinArchitecture

  init() throws {
    let text = try String(contentsOfFile: Fixtures.shared("training/reference.json"), encoding: .utf8)
    reference = try YAMLDocument.parse(text: text, name: "reference.json")
    arrays = try NpzArchive(path: Fixtures.shared("training/arrays.npz"))
    let checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt"))
    store = try ParameterStore(checkpoint)
    architecture = try TwinArchitecture(configuration: try #require(checkpoint.configuration), source: checkpoint)
  }

  private func items(_ name: String) throws -> [ConfigNode] { try #require(reference[name]?.listValue) }

  private func term(_ specification: ConfigNode?) throws -> (all: Regularisation, one: Regularisation.Term) {
    let all = try Regularisation(.list([#require(specification)]))
    return (all, try #require(all.terms.first))
  }

  @Test("Learning rates of every recorded schedule, epoch by epoch")
  func learningRates() throws {
    let all = try #require(reference["learning_rates"])
    let bases = try #require(all["base_lr"]?.listValue).compactMap(\.doubleValue)
    let runs = try #require(all["runs"]?.mapValue)
    #expect(runs.count >= 6)
    // VisionCore divides by zero in the others.
    for run in runs where run.value["raises"] == nil {
      let (warmUp, epochs) = (
        try #require(run.value["warmup_epochs"]?.intValue), run.value["max_epochs"]?.intValue ?? 0
      )
      let (start, floor) = (run.value["warmup_start_lr"]?.doubleValue ?? 0, run.value["eta_min"]?.doubleValue ?? 0)
      let isRestarting = run.value["scheduler"]?.stringValue?.contains("Restarts") == true
      let period = run.value["restart_period"]?.intValue ?? (epochs - warmUp) / 2
      let schedule: LearningRateSchedule =
        isRestarting
        ? .restarts(warmUp: warmUp, period: period, start: start, floor: floor)
        : .cosine(warmUp: warmUp, epochs: epochs, start: start, floor: floor)
      let expected = try #require(run.value["lr"]?.listValue)
      #expect(expected.count > 10)
      for (epoch, rates) in expected.enumerated() {
        for (base, rate) in zip(bases, try #require(rates.listValue).compactMap(\.doubleValue)) {
          #expect(abs(schedule.rate(base: base, epoch: epoch) - rate) < 1e-12, "\(run.key), epoch \(epoch)")
        }
      }
    }
  }

  @Test("A step schedule halves every 30 epochs, a plateau after more than three validations without a better loss")
  func stepsAndPlateau() {
    let steps = LearningRateSchedule.steps(every: 30, factor: 0.5)
    #expect([0, 29, 30, 59, 60].map { steps.rate(base: 8, epoch: $0) } == [8, 8, 4, 4, 2])
    let plateau = LearningRateSchedule.plateau(patience: 3, factor: 0.5)
    // As torch's ReduceLROnPlateau(factor=0.5, patience=3) gives for these losses, one rate after each.
    let losses: [Double?] = [
      1, 0.9, 0.95, 0.9, 0.89999, nil, 0.91, 0.8, 0.81, 0.81, 0.81, 0.81, 0.81, 0.81, 0.81, 0.81,
    ]
    let rates = losses.indices.map { plateau.rate(base: 1, epoch: 0, heldOutLosses: Array(losses[...$0])) }
    #expect(rates == [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125])
    #expect(plateau.rate(base: 1, epoch: 7) == 1)
  }

  @Test("Weights of penalties over 21 epochs, unknown schedules included")
  func weights() throws {
    let schedules = try #require(reference["schedules"]?.mapValue)
    #expect(schedules.count >= 10)
    for schedule in schedules {
      let found = try WeightSchedule(schedule.value["schedule"], at: "here")
      let full = schedule.value["lambda_"]?.doubleValue ?? 1.5
      let weights = try #require(schedule.value["weights"]?.listValue).compactMap(\.doubleValue)
      #expect(weights.count == 21)
      for (epoch, weight) in weights.enumerated() {
        #expect(abs(found.weight(full, epoch: epoch) - weight) < 1e-12, "\(schedule.key), epoch \(epoch)")
      }
    }
  }

  @Test("Values and gradients of penalties on stored tensors")
  func penalties() throws {
    let trained = Set(store.arrayNames)
    #expect(try !items("penalties").isEmpty)
    for item in try items("penalties") {
      let (all, one) = try term(item["spec"])
      let matched = (item["matched"]?.listValue ?? []).compactMap(\.stringValue)
      #expect(Set(store.arrayNames.filter(one.matches)) == Set(matched), "\(one.name)")
      var gradients = Gradients()
      let values = try all.penalties(epoch: 0, of: store, names: trained, adding: &gradients)
      let expected = try #require(item["value"]?.doubleValue)
      #expect(abs((values.first?.value ?? 0) - expected) <= 1e-6 * max(1, abs(expected)), "\(one.name)")
      for name in matched {
        let theirs = try arrays.tensor("penalty/\(one.name)/grad/\(name)")
        let ours = try #require(gradients[name])
        let peak = theirs.values.reduce(0) { max($0, abs($1)) }
        #expect(zip(ours.values, theirs.values).allSatisfy { abs($0 - $1) <= 1e-5 * peak }, "\(one.name) of \(name)")
      }
    }
  }

  @Test("Proximal steps, applied once and once for each of four groups, with Adam's step sizes and without")
  func proximal() throws {
    let cases = try items("proximal")
    #expect(cases.count == 8)
    for item in cases {
      let (all, one) = try term(item["spec"])
      let variant = try #require(item["variant"]?.stringValue)
      let rate = try #require(item["lr"]?.doubleValue)
      let matched = (item["matched"]?.listValue ?? []).compactMap(\.stringValue)
      var optimiser: any Optimiser = SGD()
      if variant == "adam" {
        optimiser = try FixedSteps(matched.map { ($0, try arrays.tensor("prox/\(one.name)/adam/eta/\($0)").values) })
      }
      for repeats in [1, 4] {
        var changed = store
        try all.applyProximal(
          epoch: 0, to: &changed, names: matched, optimiser: optimiser,
          rates: [Double](repeating: rate, count: repeats))
        for name in matched {
          let theirs = try arrays.tensor("prox/\(one.name)/\(variant)/after_\(repeats)/\(name)").values
          #expect(
            zip(try changed.tensor(name).values, theirs).allSatisfy { abs($0 - $1) <= 2e-6 * max(1, abs($1)) },
            "\(one.name), \(variant), \(repeats) times: \(name)")
        }
      }
    }
  }

  /// Step sizes from a file, as an optimiser gives them.
  private struct FixedSteps: Optimiser {
    let sizes: [String: [Float]]

    init(_ sizes: [(String, [Float])]) { self.sizes = Dictionary(uniqueKeysWithValues: sizes) }

    mutating func update(_ values: inout [Float], gradient: [Float], of name: String, rate: Double, decay: Double) {}

    func stepSizes(of name: String, count: Int, rate: Double) -> [Float] { sizes[name] ?? [] }

    var state: [NamedArray] { [] }

    mutating func restore(_ state: any ArraySource) {}
  }

  @Test("Parameters are in the four groups of VisionCore, in order; those without a gradient are in none")
  func groups() throws {
    let theirs = try #require(reference["parameter_groups"]?["groups"]?.listValue)
    let ours = ParameterGroup.of(architecture)
    #expect(ours.count == theirs.count)
    let unused = Set(architecture.tensorUses.filter { $0.status != .used }.map(\.parameter.name))
    for (group, expected) in zip(ours, theirs) {
      let names = (expected["names"]?.listValue ?? []).compactMap(\.stringValue).map { String($0.dropFirst(6)) }
      #expect(Set(group.names) == Set(names).subtracting(unused), "\(group.kind.rawValue)")
      #expect(group.kind.decays == (expected["weight_decay"]?.doubleValue != 0))
      #expect(group.kind.isCore == (expected["lr"]?.doubleValue == 0.0005))
    }
  }

  @Test(
    "What can't be read is refused with its place",
    arguments: [
      ("- {type: l3, lambda: 1}", "regularization.0: unknown penalty `l3`"),
      ("- {type: l1, lambda: high}", "regularization.0.lambda: a number is needed"),
      ("- {lambda: 1}", "regularization.0.type: a penalty's name is needed"),
      ("{l1: 1}", "regularization: a list is needed, not a map"),
      (
        "- {type: l1, lambda: 1, scheduler: {kind: warmup, start_epoch: soon}}",
        "regularization.0.scheduler.start_epoch: a whole number is needed"
      ),
    ])
  func refusals(text: String, message: String) throws {
    let node = try YAMLDocument.parse(text: text, name: "model")
    #expect(throws: Failure.self) { try Regularisation(node) }
    do { _ = try Regularisation(node) } catch let failure as Failure { #expect(failure.message == message) }
  }
}
