import Base
import RunLogs

/// What a run's curves show that its owner should know at once.
public struct LogAlarms: Sendable {
  public static let kinds: Set<RunAlarm.Kind> = [.notFinite, .diverged, .rising]
  /// The loss has risen in so many epochs, one after the other.
  public let risingEpochs: Int

  public init(risingEpochs: Int) { self.risingEpochs = risingEpochs }

  public func alarms(_ run: String, _ log: RunLog) -> [RunAlarm] {
    notFinite(run, log) + diverged(run, log) + log.curves.compactMap { rising(run, $0) }
  }

  /// VisionCore leaves undefined losses out and goes on: its curves show 0, never NaN.
  private func diverged(_ run: String, _ log: RunLog) -> [RunAlarm] {
    let divergence = Divergence(log)
    guard divergence.isCertain else { return [] }
    return [RunAlarm(run, .diverged, place: "log", divergence.signs.joined(separator: ", "))]
  }

  /// Metrics whose newest value is NaN or infinite: an alarm for all that became so within an epoch, as one cause makes them,
  /// named after the first.
  private func notFinite(_ run: String, _ log: RunLog) -> [RunAlarm] {
    let lost = log.curves.compactMap { curve -> Lost? in
      guard let last = curve.values.last, !last.isFinite else { return nil }
      let first = (curve.values.lastIndex(where: \.isFinite) ?? -1) + 1
      return Lost(
        name: curve.name, isNaN: last.isNaN, step: curve.steps[first],
        epoch: curve.epochs.indices.contains(first) ? curve.epochs[first] : nil)
    }
    .sorted { ($0.step, $0.name) < ($1.step, $1.name) }
    var groups: [[Lost]] = []
    for metric in lost {
      if let start = groups.last?.first, metric.isNear(start) {
        groups[groups.count - 1].append(metric)
      } else {
        groups.append([metric])
      }
    }
    return groups.compactMap { group in
      guard let first = group.first else { return nil }
      var text = "\(first.name) is \(first.isNaN ? "NaN" : "infinite") from step \(first.step)"
      let others = group.dropFirst().map(\.name)
      if !others.isEmpty { text += ", then \(others.listed(first: Self.mostNames))" }
      // The same alarm when further metrics follow.
      return RunAlarm(run, .notFinite, place: first.epoch.map { "epoch \($0)" } ?? "log", text)
    }
  }

  /// Names of further metrics in an alarm.
  private static let mostNames = 3

  /// A metric that is not finite any more.
  private struct Lost {
    var name: String
    var isNaN: Bool
    /// The first such step, and its epoch where the log has it.
    var step: Int
    var epoch: Int?

    /// Whether one cause may have made both so: metrics of validation and of whole epochs follow at the epoch's end.
    func isNear(_ start: Lost) -> Bool {
      guard let epoch, let first = start.epoch else { return true }
      return epoch <= first + 1
    }
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
