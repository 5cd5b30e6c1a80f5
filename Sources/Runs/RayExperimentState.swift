import Formats
import RunLogs

/// The state of a Ray Tune experiment: which trial ended how.
enum RayExperimentState {
  /// The status (`TERMINATED`, `ERROR`, `RUNNING`, …) of each trial by its id; empty where the file can't be read.
  static func status(_ path: String) -> [String: String] {
    guard let node = try? LooseJSON.read(path), let trials = node["trial_data"]?.listValue else { return [:] }
    var status: [String: String] = [:]
    for trial in trials {
      // A trial is a list of texts that hold JSON.
      guard let text = (trial.listValue?.first ?? trial).stringValue,
        let inner = try? LooseJSON.parse(text, name: path),
        let id = inner["trial_id"]?.stringValue, let state = inner["status"]?.stringValue
      else { continue }
      status[id] = state
    }
    return status
  }
}
