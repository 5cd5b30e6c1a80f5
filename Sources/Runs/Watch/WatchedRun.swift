import Base
import RunLogs

/// A run that is watched: what its log has now, and what of it is shown.
public struct WatchedRun: Sendable {
  public private(set) var summary: RunSummary
  public private(set) var pace = RunPace()
  /// The last step of the log.
  public private(set) var step = 0
  /// Epochs that it shall have, where its settings or a checkpoint tell.
  public private(set) var plannedEpochs: Int?
  /// The ranking metric by epoch, and a training loss, thinned out for a figure.
  public private(set) var curves: [MetricCurve] = []
  /// Values of the ranking metric, one an epoch.
  public private(set) var values: [Double] = []
  /// The last step of each epoch that was validated.
  private var epochSteps: [Int: Int] = [:]

  private static let mostPoints = 240

  public init(_ summary: RunSummary) { self.summary = summary }

  /// Takes what was read.
  ///
  /// - Parameters:
  ///   - modified: when the log was last written to, in seconds since 1970.
  ///   - planned: epochs that a checkpoint's schedule has.
  public mutating func look(_ summary: RunSummary, _ log: RunLog, modified: Double, planned: Int?) {
    self.summary = summary
    step = log.curves.lazy.compactMap(\.steps.last).max() ?? 0
    pace.look(time: modified, step: step)
    plannedEpochs = PlannedEpochs.of(summary) ?? planned ?? plannedEpochs
    let ranking = summary.metric.flatMap { log[metric: $0.name] }
    values = ranking.map { LogAlarms.byEpoch($0).map(\.value) } ?? []
    if values.isEmpty, let ranking { values = ranking.values }
    epochSteps = Dictionary(
      zip(ranking?.epochs ?? [], ranking?.steps ?? []).compactMap { epoch, step in epoch.map { ($0, step) } }
    ) { $1 }
    let training = log.curves.first { $0.name.hasPrefix("train_loss") || $0.name == "train/loss" || $0.name == "loss" }
    curves = [ranking, training?.name == ranking?.name ? nil : training].compactMap { $0 }.map(Self.thinned)
  }

  /// Takes the state of a run whose log has not changed: it depends on the log's age.
  public mutating func settle(_ summary: RunSummary) { self.summary = summary }

  /// The step of the log at the end of an epoch; its last one where the log does not say.
  public func step(ofEpoch epoch: Int) -> Int { epochSteps[epoch] ?? step }

  private static func thinned(_ curve: MetricCurve) -> MetricCurve {
    let stride = max(1, (curve.values.count + mostPoints - 1) / mostPoints)
    guard stride > 1 else { return curve }
    var thin = MetricCurve(curve.name)
    for place in curve.values.indices where place % stride == 0 || place == curve.values.count - 1 {
      thin.append(step: curve.steps[place], epoch: curve.epochs[place], curve.values[place])
    }
    return thin
  }

  /// Whether it has all the epochs that it shall have, or its tool says that it has ended.
  ///
  /// - Parameter quietSeconds: a log that has not grown for so long has ended, where nothing else tells.
  public func hasEnded(now: Double, modified: Double, quietSeconds: Double) -> Bool {
    if let plannedEpochs, let epochs = summary.epochs, epochs >= plannedEpochs { return true }
    switch summary.state {
    case .finished, .stoppedEarly, .failed: return true
    case .killed, .unknown, .running: return now - modified >= quietSeconds
    }
  }

  public var secondsLeft: Double? {
    guard let plannedEpochs, let epochs = summary.epochs, epochs > 0 else { return nil }
    return pace.secondsLeft(to: Int(Double(step + 1) / Double(epochs) * Double(plannedEpochs)))
  }

  /// A line for whoever reads along: epoch, step, score, speed.
  ///
  /// - Parameter forecast: where it will end, in words.
  public func line(forecast: String?) -> String {
    var parts = [
      "epoch \(max(0, (summary.epochs ?? 0) - 1))\(plannedEpochs.map { " of \($0)" } ?? "")", "step \(step)",
    ]
    if let metric = summary.metric, let last = values.last {
      parts.append("\(metric.name) \(NumberText.significant(last, digits: 4))")
      if let best = summary.best { parts.append("best \(NumberText.significant(best, digits: 4))") }
    }
    if let rate = pace.rate { parts.append("\(NumberText.significant(rate, digits: 2)) steps/s") }
    if let seconds = secondsLeft { parts.append("\(NumberText.duration(seconds: seconds)) left") }
    if let forecast { parts.append(forecast) }
    return "\(summary.run): " + parts.joined(separator: ", ")
  }
}
