import Base
import Language
import Metrics
import Session

/// The metrics that `--metrics` names, and how repeated trials are judged.
struct ChosenMetrics {
  var metrics: [any Metric.Type]
  var options: Repeats.Options

  /// - Throws: a usage failure for a name that no metric has.
  init(_ call: Call) throws {
    let names = call.strings("metrics").flatMap { $0.split(separator: ",").map { $0.trimmingPrefix(" ") } }.map {
      String($0)
    }
    var chosen = CellScores.standard
    if names == ["all"] {
      chosen = AllMetrics.types
    } else if !names.isEmpty, names != ["standard"] {
      chosen = Self.always
      for name in names {
        let metric = try Self.metric(name, at: call.span(of: "metrics"))
        if !chosen.contains(where: { $0 == metric }) { chosen.append(metric) }
      }
    }
    metrics = chosen
    let standard = Repeats.Options()
    options = Repeats.Options(
      minimumTrials: try call.optionalCount("min-trials", in: 2...1_000_000) ?? standard.minimumTrials,
      splits: try call.optionalCount("splits", in: 1...100_000) ?? standard.splits,
      seed: try call.optionalCount("seed", in: 0...Int(UInt32.max)).map { UInt32($0) } ?? standard.seed)
  }

  /// The one metric that a flag names.
  static func single(_ call: Call, flag: String) throws -> any Metric.Type {
    try metric(call.string(flag), at: call.span(of: flag))
  }

  private static func metric(_ name: String, at span: SourceSpan) throws -> any Metric.Type {
    if let metric = AllMetrics.named(name) { return metric }
    let known = AllMetrics.types.map { $0.name }
    throw Failure(
      .usage, "no metric `\(name)`",
      hint: Suggestion.hint(for: name, among: known) ?? "metrics: \(known.joined(separator: ", "))", span: span)
  }

  /// What every table of scores has.
  private static let always: [any Metric.Type] = [SpikeCount.self, FiringRate.self]

  /// The columns of a table of scores; which metrics it has depends on `--metrics`.
  static var columns: [ColumnSignature] {
    CellScores.shape(AllMetrics.types).signatures.map { column in
      guard let metric = AllMetrics.named(column.name), !always.contains(where: { $0 == metric }) else { return column }
      return column.chosen(by: .init(flag: "metrics", isStandard: CellScores.standard.contains { $0 == metric }))
    }
  }
}

extension Signature {
  /// Which metrics, and how repeated trials are judged.
  func metrics() -> Signature {
    let standard = Repeats.Options()
    return
      flag("metrics", .word("metrics"), "Metrics by name, separated by commas; `all`; the standard ones by default")
      .flag(
        "min-trials", .int, default: .int(standard.minimumTrials),
        "Minimum repeats per time bin, for noise ceilings; half of them in each half"
      )
      .flag("splits", .int, default: .int(standard.splits), "Random splits into halves, for cc_max_split")
      .flag("seed", .int, default: .int(Int(standard.seed)), "Seed of the splits")
  }
}
