import Base
import Fitting
import Language
import Layers
import Session
import Twin

/// What `refit` was asked for, besides twin and stimulus.
struct RefitRequest {
  enum Penalty {
    case given
    /// One for all cells, by cross-validation among these.
    case chosen([Double])
    /// One for each cell, by cross-validation.
    case auto
    /// What the twin's own `regularization:` asks for.
    case own
  }

  let options: ReadoutRefitOptions
  let penalty: Penalty
  let sweep: (axis: ReadoutSweep.Axis, values: [Double])?
  let cells: TrainedCells?
  /// Whether the adapter is fitted together with weights and places.
  let movesAdapter: Bool

  /// Flags that say by themselves what a fit holds back.
  private static let penaltyFlags = ["l1", "l2", "choose-l2", "max-width", "group-lasso", "smooth"]

  /// How `--fit` names that.
  static let adapter = "adapter"

  /// What `transfer` asks for: new readouts by likelihood.
  init(transfer call: Call) throws {
    var options = ReadoutRefitOptions()
    penalty = try Self.l2(call, &options)
    try Self.starts(call, &options)
    self.options = options
    sweep = nil
    cells = nil
    movesAdapter = false
  }

  init(_ call: Call) throws {
    var options = ReadoutRefitOptions()
    let fit = try call.string("fit")
    movesAdapter = fit == Self.adapter
    options.part = ReadoutRefitOptions.Part(rawValue: fit) ?? .both
    let l2 = try Self.l2(call, &options)
    options.l1 = try Self.amount(call.float("l1"), call, "l1")
    options.pull = try Self.amount(call.float("pull"), call, "pull")
    options.groupLasso = try Self.amount(call.float("group-lasso"), call, "group-lasso")
    options.smoothness = try Self.amount(call.float("smooth"), call, "smooth")
    options.correlation = try Self.amount(call.float("corr"), call, "corr")
    options.rateWeight = try Self.amount(call.float("rate-weight"), call, "rate-weight")
    options.largestStd = try call.optionalFloat("max-width")
    try Self.starts(call, &options)
    guard options.rateWeight <= 1 else {
      throw Failure(.usage, "--rate-weight must be between 0 and 1", span: call.span(of: "rate-weight"))
    }
    if let width = options.largestStd, !(width >= ReadoutRefitOptions.smallestStd && width.isFinite) {
      throw Failure(
        .usage, "--max-width must be at least \(ReadoutRefitOptions.smallestStd) pixels of the feature map",
        span: call.span(of: "max-width"))
    }
    self.options = options
    penalty = try call.isSet("regularization") ? .own : Self.penalties(call).map(Penalty.chosen) ?? l2
    sweep = try call.optionalString("sweep").map { try Self.sweep($0, call) }
    cells = try TrainedCells(call)
    try checkTogether(call)
  }

  private static func l2(_ call: Call, _ options: inout ReadoutRefitOptions) throws -> Penalty {
    let text = try call.string("l2")
    if text == "auto" { return .auto }
    options.l2 = try amount(Double(text), call, "l2", or: " or `auto`")
    return .given
  }

  private static func starts(_ call: Call, _ options: inout ReadoutRefitOptions) throws {
    if let starts = try call.optionalInt("starts") { options.starts = starts }
    guard (1...1000).contains(options.starts) else {
      throw Failure(.usage, "--starts must be between 1 and 1000", span: call.span(of: "starts"))
    }
    options.seed = try call.seed()
  }

  /// Flags that exclude each other or need each other.
  private func checkTogether(_ call: Call) throws {
    let isGain = options.part == .gain
    for flag in Self.penaltyFlags where isGain && call.isGiven(flag) {
      throw Failure(.usage, "--fit gain keeps weights and place: --\(flag) has no meaning", span: call.span(of: flag))
    }
    if call.isSet("regularization") {
      let others = Self.penaltyFlags + ["sweep", "diagnose"]
      guard !isGain, !others.contains(where: { call.isGiven($0) || call.isSet($0) }) else {
        throw Failure(
          .usage, "--regularization takes penalties and the largest width from the twin",
          hint: "leave out \(others.map { "--\($0)" }.joined(separator: ", ")) and --fit gain",
          span: call.span(of: "regularization"))
      }
    }
    if movesAdapter {
      let flags = ["cells", "corr", "sweep", "diagnose", "group-lasso", "regularization"]
      if let flag = flags.first(where: { call.isGiven($0) || call.isSet($0) }) {
        throw Failure(
          .usage, "--fit adapter moves the adapter by the likelihood of all cells: it takes no --\(flag)",
          hint: "refit again without --fit adapter afterwards", span: call.span(of: flag))
      }
    }
    if options.part == .features, options.smoothness > 0 {
      throw Failure(
        .usage, "--fit features keeps the places: --smooth has no meaning", span: call.span(of: "smooth"))
    }
    if options.part == .place, options.groupLasso > 0 {
      throw Failure(
        .usage, "--fit place keeps the weights: --group-lasso has no meaning", span: call.span(of: "group-lasso"))
    }
    if options.groupLasso > 0 || sweep?.axis == .groupLasso {
      var isAuto = false
      if case .auto = penalty { isAuto = true }
      guard !isAuto, !call.isSet("diagnose") else {
        throw Failure(
          .usage, "--group-lasso fits all cells together: no penalty can be chosen for each cell beside it",
          hint: "give --l2 a number and leave out --diagnose",
          span: call.span(of: options.groupLasso > 0 ? "group-lasso" : "sweep"))
      }
    }
    if options.pull > 0, !isGain {
      throw Failure(
        .usage, "--pull holds gain and bias near what they are", hint: "use it with --fit gain",
        span: call.span(of: "pull"))
    }
    if call.isSet("diagnose") {
      guard !isGain, options.correlation == 0, sweep == nil else {
        throw Failure(
          .usage, "--diagnose compares penalties on weights by likelihood",
          hint: "leave out --fit gain, --corr and --sweep", span: call.span(of: "diagnose"))
      }
    }
    guard let sweep else { return }
    if call.isGiven("name") {
      throw Failure(
        .usage, "--sweep compares settings and makes no twin",
        hint: "leave out `as NAME`, then refit with the best setting",
        span: call.span(of: "name"))
    }
    if [.l1, .l2, .groupLasso, .smooth].contains(sweep.axis), isGain {
      throw Failure(.usage, "--fit gain has no penalty on weights and place", span: call.span(of: "sweep"))
    }
    if sweep.axis == .l2 {
      if case .given = penalty { return }
      throw Failure(.usage, "--sweep l2 and a chosen penalty exclude each other", span: call.span(of: "sweep"))
    }
  }

  private static func amount(_ value: Double?, _ call: Call, _ flag: String, or other: String = "") throws -> Double {
    guard let value, value >= 0, value.isFinite else {
      throw Failure(.usage, "--\(flag) must be a number from 0 upward\(other)", span: call.span(of: flag))
    }
    return value
  }

  /// NAME=V1,V2,…
  private static func sweep(_ text: String, _ call: Call) throws -> (axis: ReadoutSweep.Axis, values: [Double]) {
    let parts = text.split(separator: "=", maxSplits: 1).map { $0.trimmed }
    let names = ReadoutSweep.Axis.allCases.map(\.rawValue)
    guard parts.count == 2, let axis = ReadoutSweep.Axis(rawValue: parts[0]) else {
      throw Failure(
        .usage, "--sweep takes NAME=V1,V2,… with NAME one of \(names.joined(separator: ", "))",
        hint: parts.first.flatMap { Suggestion.hint(for: $0, among: names) } ?? "--sweep corr=0,0.1,1",
        span: call.span(of: "sweep"))
    }
    let values = try numbers(parts[1], call, "sweep", example: "--sweep \(axis.rawValue)=0,0.1,1")
    guard axis != .rateWeight || values.allSatisfy({ $0 <= 1 }) else {
      throw Failure(.usage, "rate_weight must be between 0 and 1", span: call.span(of: "sweep"))
    }
    return (axis, values)
  }

  /// The candidates of --choose-l2; nil without it.
  private static func penalties(_ call: Call) throws -> [Double]? {
    guard call.isGiven("choose-l2") else { return nil }
    if call.isGiven("l2") {
      throw Failure(.usage, "--l2 and --choose-l2 exclude each other", span: call.span(of: "choose-l2"))
    }
    return try numbers(
      call.strings("choose-l2").joined(separator: ","), call, "choose-l2", example: "--choose-l2 0.0003,0.003,0.03")
  }

  private static func numbers(_ text: String, _ call: Call, _ flag: String, example: String) throws -> [Double] {
    let words = text.filter { $0 != " " }.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let found = words.compactMap(Double.init).filter { $0 >= 0 && $0.isFinite }
    guard found.count == words.count, found.count >= 2, Set(found).count == found.count else {
      throw Failure(
        .usage, "--\(flag) takes two or more different numbers from 0 upward", hint: example, span: call.span(of: flag))
    }
    return found
  }
}

extension Substring {
  fileprivate var trimmed: String { filter { $0 != " " } }
}
