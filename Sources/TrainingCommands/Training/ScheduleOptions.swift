import Base
import Language
import Training

/// The flags of `train` that shape the learning rate from epoch to epoch.
enum ScheduleOptions {
  static let names = ["none", "step", "plateau", "cosine", "cosine_warmup", "cosine_warmup_restart"]
  /// All flags beside `--schedule`, each with the schedules that it belongs to.
  private static let flags: [(flag: String, schedules: [String])] = [
    ("warmup", ["cosine_warmup", "cosine_warmup_restart"]), ("restart-period", ["cosine_warmup_restart"]),
    ("lr-every", ["step"]), ("lr-factor", ["step", "plateau"]), ("lr-patience", ["plateau"]),
  ]

  static var all: [String] { ["schedule"] + flags.map(\.flag) }

  /// - Parameter validations: how often held-out trials are scored.
  /// - Throws: a usage failure for a flag that does nothing with the schedule, or a schedule that never changes a rate.
  static func schedule(_ call: Call, epochs: Int, validations: Int) throws -> LearningRateSchedule {
    let name = try call.string("schedule")
    for (flag, schedules) in flags where call.isGiven(flag) && !schedules.contains(name) {
      throw Failure(
        .usage, "--\(flag) does nothing with --schedule \(name)",
        hint: "choose --schedule \(schedules.joined(separator: " or "))", span: call.span(of: flag))
    }
    func factor() throws -> Double {
      let factor = call.isGiven("lr-factor") ? try call.float("lr-factor") : 0.5
      guard factor > 0, factor < 1 else {
        throw Failure(.usage, "--lr-factor must be between 0 and 1", span: call.span(of: "lr-factor"))
      }
      return factor
    }
    switch name {
    case "step":
      let every = call.isGiven("lr-every") ? try call.count("lr-every", from: 1) : 30
      guard every < epochs else {
        throw Failure(
          .usage, "--schedule step lowers the rate every \(every) epochs, and there are \(epochs): it does nothing",
          hint: "set --lr-every below --epochs", span: call.span(of: call.isGiven("lr-every") ? "lr-every" : "schedule")
        )
      }
      return .steps(every: every, factor: try factor())
    case "plateau":
      let patience = call.isGiven("lr-patience") ? try call.count("lr-patience", from: 0) : 3
      // The first validation sets the mark, and a rate acts on an epoch that follows.
      guard validations > patience + 2 else {
        throw Failure(
          .usage,
          "--schedule plateau waits for \(patience + 2) validations, and there are \(validations): it does nothing",
          hint: "set --lr-patience lower, more --epochs, or --val-every 1",
          span: call.span(of: call.isGiven("lr-patience") ? "lr-patience" : "schedule"))
      }
      return .plateau(patience: patience, factor: try factor())
    case "cosine": return .cosine(warmUp: 0, epochs: epochs)
    case "cosine_warmup": return .cosine(warmUp: try warmUp(call, epochs), epochs: epochs)
    case "cosine_warmup_restart":
      let warmUp = try warmUp(call, epochs)
      let period =
        call.isGiven("restart-period") ? try call.count("restart-period", from: 1) : max(1, (epochs - warmUp) / 2)
      return .restarts(warmUp: warmUp, period: period)
    default: return .constant
    }
  }

  private static func warmUp(_ call: Call, _ epochs: Int) throws -> Int {
    let warmUp = call.isGiven("warmup") ? try call.count("warmup", from: 0) : 5
    guard warmUp < epochs else {
      throw Failure(
        .usage,
        "a warm-up of \(warmUp) epochs takes all of the \(epochs): the learning rate would never reach its full value",
        hint: "set --warmup below --epochs", span: call.span(of: call.isGiven("warmup") ? "warmup" : "schedule"))
    }
    return warmUp
  }

  /// `cosine_warmup, warm-up of 2 epochs`
  static func text(_ name: String, _ schedule: LearningRateSchedule) -> String {
    switch schedule {
    case .constant: name
    case .steps(let every, let factor): "\(name), times \(Value.double(factor).plainText) every \(every) epochs"
    case .plateau(let patience, let factor):
      "\(name), times \(Value.double(factor).plainText) after \(patience + 1) validations without a better loss"
    case .cosine(let warmUp, let epochs, _, _): "\(name), warm-up of \(warmUp) and \(epochs) epochs in all"
    case .restarts(let warmUp, let period, _, _): "\(name), warm-up of \(warmUp) epochs, a restart every \(period)"
    }
  }
}
