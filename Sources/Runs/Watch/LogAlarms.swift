import Base
import RunLogs

/// What a run's curves show that its owner should know at once.
public struct LogAlarms: Sendable {
  public static let kinds: Set<RunAlarm.Kind> = [.notFinite, .rising]
  /// The loss has risen in so many epochs, one after the other.
  public let risingEpochs: Int

  public init(risingEpochs: Int) { self.risingEpochs = risingEpochs }

  public func alarms(_ run: String, _ log: RunLog) -> [RunAlarm] {
    log.curves.compactMap { notFinite(run, $0) } + log.curves.compactMap { rising(run, $0) }
  }

  /// The newest value is NaN or infinite.
  private func notFinite(_ run: String, _ curve: MetricCurve) -> RunAlarm? {
    guard let last = curve.values.last, !last.isFinite else { return nil }
    let first = (curve.values.lastIndex(where: \.isFinite) ?? -1) + 1
    let what = last.isNaN ? "NaN" : "infinite"
    return RunAlarm(run, .notFinite, place: curve.name, "\(curve.name) is \(what) from step \(curve.steps[first])")
  }

  private func rising(_ run: String, _ curve: MetricCurve) -> RunAlarm? {
    guard ByteSearch.isFound("loss", in: curve.name), !curve.name.contains("/"), !curve.name.hasSuffix("_step") else {
      return nil
    }
    let epochs = Self.byEpoch(curve)
    guard risingEpochs > 0, epochs.count > risingEpochs else { return nil }
    let tail = epochs.suffix(risingEpochs + 1).map(\.value)
    guard zip(tail, tail.dropFirst()).allSatisfy({ $0 < $1 }), let first = tail.first, let last = tail.last else {
      return nil
    }
    return RunAlarm(
      run, .rising, place: curve.name,
      "\(curve.name) has risen for \(risingEpochs) epochs, from \(NumberText.significant(first, digits: 4)) to \(NumberText.significant(last, digits: 4))"
    )
  }

  /// The last value of each epoch.
  static func byEpoch(_ curve: MetricCurve) -> [(epoch: Int, value: Double)] {
    var found: [(epoch: Int, value: Double)] = []
    for (epoch, value) in zip(curve.epochs, curve.values) {
      guard let epoch else { continue }
      if found.last?.epoch == epoch { found[found.count - 1].value = value } else { found.append((epoch, value)) }
    }
    return found
  }
}
