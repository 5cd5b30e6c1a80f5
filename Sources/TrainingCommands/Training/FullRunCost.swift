import Base
import RunLogs
import Runs
import Session

/// How long a full run takes, as far as the runs of this workspace say.
struct FullRunCost {
  /// Median of the finished runs that say how long they took; nil where none does.
  let hours: Double?
  /// How many say so.
  let count: Int

  /// Sets whose folder is gone or can't be read say nothing.
  init(in session: Session) throws {
    var hours: [Double] = []
    for named in try session.workspace.names(kinds: [.runs]) {
      guard let set = try? session.runSet(named: named.name, at: nil) else { continue }
      hours += set.runs.filter { [.finished, .stoppedEarly].contains($0.state) }.compactMap(\.hours).filter {
        $0.isFinite && $0 > 0
      }
    }
    count = hours.count
    self.hours = hours.isEmpty ? nil : Quantile.median(hours)
  }

  var sentence: String {
    guard let hours else {
      return "no run in this workspace says how long a full run takes: `open FOLDER as runs` reads those of other tools"
    }
    return
      "a full run takes \(NumberText.sentence(hours)) h (\(count == 1 ? "the finished run of this workspace, whatever its" : "median of the \(count) finished runs of this workspace, whatever their") model and data)"
  }
}
