import Base

/// How fast a run goes, by what its log had at earlier looks.
public struct RunPace: Sendable {
  public struct Moment: Sendable, Equatable {
    /// Seconds since 1970.
    public var time: Double
    public var step: Int
  }

  public static let kinds: Set<RunAlarm.Kind> = [.slow, .still]
  private static let mostMoments = 400
  /// Growths before a slow-down can be told.
  private static let leastMoments = 8

  /// When the log had grown, and to which step.
  public private(set) var moments: [Moment] = []

  public init() {}

  /// A look at the log. A step that goes back (a restart, a log that was replaced) starts the measurement again.
  ///
  /// - Parameter time: when the log was last written to.
  public mutating func look(time: Double, step: Int) {
    if let last = moments.last {
      if step < last.step { moments = [] } else if step == last.step || time <= last.time { return }
    }
    moments.append(Moment(time: time, step: step))
    // Every second one of the older half goes: the whole stays in view.
    if moments.count > Self.mostMoments {
      let half = Self.mostMoments / 2
      moments = moments.prefix(half).enumerated().filter { $0.offset % 2 == 0 }.map(\.element) + moments.dropFirst(half)
    }
  }

  /// Steps a second between two moments.
  private static func rate(_ first: Moment, _ last: Moment) -> Double? {
    last.time > first.time ? Double(last.step - first.step) / (last.time - first.time) : nil
  }

  /// Steps a second over the last growths; nil before the second one.
  public var rate: Double? {
    guard let last = moments.last, moments.count > 1 else { return nil }
    return Self.rate(moments[max(0, moments.count - 5)], last)
  }

  public func secondsLeft(to step: Int) -> Double? {
    guard let rate, rate > 0, let last = moments.last else { return nil }
    return Double(max(0, step - last.step)) / rate
  }

  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - quietSeconds: a log that has not grown for so long stands still.
  public func alarms(_ run: String, now: Double, modified: Double, quietSeconds: Double) -> [RunAlarm] {
    var found: [RunAlarm] = []
    if now - modified >= quietSeconds {
      found.append(
        RunAlarm(
          run, .still, place: "log",
          "its log has not grown for \(NumberText.duration(seconds: (now - modified).rounded()))"))
    }
    if moments.count >= Self.leastMoments, let recent = rate {
      let rates = zip(moments, moments.dropFirst()).compactMap { Self.rate($0, $1) }.dropLast(4).sorted()
      if !rates.isEmpty, case let usual = rates[rates.count / 2], recent < usual / 2 {
        found.append(
          RunAlarm(
            run, .slow, place: "pace",
            "\(NumberText.significant(recent, digits: 2)) steps/s now, \(NumberText.significant(usual, digits: 2)) before"
          ))
      }
    }
    return found
  }
}
