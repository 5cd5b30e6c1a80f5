/// Something in a watched run that its owner should know at once.
public struct RunAlarm: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case notFinite = "not finite"
    case diverged
    case rising = "loss is rising"
    case slow = "half as fast"
    case still = "no growth"
    case unreadable = "checkpoint unreadable"
    case weights = "weights not finite"
    case deadChannels = "dead channels"
    case lagZero = "kernels at lag 0"
    case narrow = "widths at their clamp"
    case lowRate = "low-rate cells get worse"
    case recipe = "recipe failed"
  }

  public var run: String
  public var kind: Kind
  /// What it happened to (a metric, a file): the same alarm of the same place is reported once, until it is over.
  public var place: String
  public var text: String

  public init(_ run: String, _ kind: Kind, place: String, _ text: String) {
    (self.run, self.kind, self.place, self.text) = (run, kind, place, text)
  }

  public var line: String { "alarm: \(run): \(kind.rawValue): \(text)" }

  func isSame(as other: RunAlarm) -> Bool { run == other.run && kind == other.kind && place == other.place }
}

/// The alarms that are on: each is reported when it begins, and again only after it was over.
public struct AlarmBoard: Sendable, Equatable, Codable {
  public private(set) var alarms: [RunAlarm] = []

  public init() {}

  /// Ends the alarms of runs whose logs are gone.
  ///
  /// - Returns: the names of these runs.
  public mutating func keep(runs: Set<String>) -> [String] {
    let gone = Set(alarms.map(\.run)).subtracting(runs)
    alarms.removeAll { gone.contains($0.run) }
    return gone.sorted()
  }

  /// Takes the alarms of a run that hold now.
  ///
  /// - Parameter kinds: those that were looked for; others stay as they are.
  /// - Returns: the new ones.
  public mutating func update(_ run: String, _ now: [RunAlarm], of kinds: Set<RunAlarm.Kind>) -> [RunAlarm] {
    let new = now.filter { alarm in !alarms.contains { $0.isSame(as: alarm) } }
    alarms.removeAll { alarm in
      alarm.run == run && kinds.contains(alarm.kind) && !now.contains { $0.isSame(as: alarm) }
    }
    for alarm in now {
      if let place = alarms.firstIndex(where: { $0.isSame(as: alarm) }) {
        alarms[place] = alarm
      } else {
        alarms.append(alarm)
      }
    }
    return new
  }
}
