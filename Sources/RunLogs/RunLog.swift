import Base
import Formats

/// What one training left in its log: curves, settings, and how it ended.
public struct RunLog: Sendable {
  /// What the run calls itself, where its log says so.
  public var name: String?
  /// Its id, where the tool gives one.
  public var id: String?
  public var parameters: [ConfigNode.Entry] = []
  public var curves: [MetricCurve] = []
  /// The metric that ranks the run, where its log was read for that one alone.
  public var ranking: RankingMetric?
  /// Its best value, where the log was read for that value alone; then there are no curves.
  public var best: Double?
  public var state = RunState.unknown
  /// What the state was told from.
  public var evidence = ""
  /// Seconds since 1970 at the first and the last thing that was logged; nil where the log has no times.
  public var started: Double?
  public var ended: Double?
  /// Hours of work, where the log counts them.
  public var hours: Double?
  /// Completed epochs, where the log counts them otherwise than in an `epoch` column.
  public var epochs: Int?
  /// What is damaged, cut or odd, a line each.
  public var remarks: [String] = []
  /// Histograms and images, which have no curve.
  public var media: [LoggedMedium] = []

  public init() {}

  public subscript(metric name: String) -> MetricCurve? { curves.first { $0.name == name } }
}

/// The numbers of one metric, in the order in which they were logged.
public struct MetricCurve: Sendable, Equatable {
  public var name: String
  public var steps: [Int] = []
  /// Nil where the log does not say.
  public var epochs: [Int?] = []
  /// As logged: NaN and infinities, too.
  public var values: [Double] = []

  public init(_ name: String) { self.name = name }

  public mutating func append(step: Int, epoch: Int?, _ value: Double) {
    steps.append(step)
    epochs.append(epoch)
    values.append(value)
  }

  mutating func append(_ later: MetricCurve) {
    steps += later.steps
    epochs += later.epochs
    values += later.values
  }

  /// Takes away the last points, down to the one before `step`.
  mutating func drop(from step: Int) {
    let kept = (steps.lastIndex { $0 < step } ?? -1) + 1
    steps.removeSubrange(kept...)
    epochs.removeSubrange(kept...)
    values.removeSubrange(kept...)
  }
}

/// A tag under which a run logged histograms or images.
public struct LoggedMedium: Sendable, Equatable {
  public enum Kind: String, Sendable { case histogram, image }
  public var tag: String
  public var kind: Kind
  public var count: Int
  /// Of the last image, in pixels; of the last histogram: 1 high, as wide as it has buckets.
  public var height: Int
  public var width: Int

  public init(tag: String, kind: Kind, count: Int, height: Int, width: Int) {
    (self.tag, self.kind, self.count, self.height, self.width) = (tag, kind, count, height, width)
  }
}

/// How a training ended, as far as its files tell.
public enum RunState: String, Sendable, Codable, CaseIterable {
  case finished
  case stoppedEarly = "stopped early"
  case failed
  case killed
  case running
  case unknown = "can't tell"
}

/// Collects curves whose points come in any order of metrics.
struct CurveCollector: Sendable {
  private(set) var curves: [MetricCurve] = []
  private var places: [String: Int] = [:]
  /// More metrics than any trainer logs: a file with more is damaged.
  static let limit = 20_000

  var pointCount: Int { curves.reduce(0) { $0 + $1.values.count } }

  mutating func append(_ name: String, step: Int, epoch: Int?, _ value: Double) {
    if let place = places[name] {
      curves[place].append(step: step, epoch: epoch, value)
    } else if curves.count < Self.limit {
      places[name] = curves.count
      var curve = MetricCurve(name)
      curve.append(step: step, epoch: epoch, value)
      curves.append(curve)
    }
  }
}
