import Base
import Formats
import Foundation

/// A run in MLflow's file store: a folder with `meta.yaml` and one file for each metric, parameter and tag.
public enum MLflowFileStore {
  public static let fileName = "meta.yaml"
  private static let fileLimit = 20_000

  /// Whether a `meta.yaml` is that of a run that is not deleted, not of an experiment.
  public static func isRun(_ folder: String) -> Bool {
    guard let text = try? LogBytes.text(folder + "/" + fileName, limit: 1 << 20) else { return false }
    // MLflow keeps a run that was deleted, and does not show it.
    return (text.contains("run_uuid:") || text.contains("run_id:")) && !text.contains("lifecycle_stage: deleted")
  }

  /// - Throws: `format` where `meta.yaml` can't be read.
  public static func read(_ folder: String) throws -> RunLog {
    let path = folder + "/" + fileName
    let meta = try YAMLDocument.parse(text: LogBytes.text(path, limit: 1 << 20), name: path)
    var run = RunLog()
    run.id = meta["run_id"]?.stringValue ?? meta["run_uuid"]?.stringValue
    run.name = meta["run_name"]?.stringValue
    (run.started, run.ended) = (meta["start_time"]?.doubleValue, meta["end_time"]?.doubleValue)
    run.started = run.started.map { $0 / 1000 }
    run.ended = run.ended.map { $0 / 1000 }
    if let started = run.started, let ended = run.ended { run.hours = (ended - started) / 3600 }
    let status = meta["status"]
    (run.state, run.evidence) = MLflowStatus.state(status?.stringValue ?? status?.intValue.map(MLflowStatus.name) ?? "")
    for name in files(folder + "/params", "") {
      guard let text = try? LogBytes.text(folder + "/params/" + name, limit: 1 << 20) else { continue }
      run.parameters.append(.init(name, RayTrialName.value(text.trimmingCharacters(in: .newlines))))
    }
    if run.name == nil { run.name = try? LogBytes.text(folder + "/tags/mlflow.runName", limit: 1 << 16) }
    var curves: [MetricCurve] = []
    var logged: Double?
    for name in files(folder + "/metrics", "") {
      let bytes = try LogBytes.read(folder + "/metrics/" + name)
      var curve = MetricCurve(name)
      for line in bytes.split(separator: 10) {
        let parts = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard parts.count >= 2, let value = Double(parts[1]) else {
          run.remarks.append("metrics/\(name): a line left out")
          continue
        }
        curve.append(step: parts.count > 2 ? Int(parts[2]) ?? 0 : curve.steps.count, epoch: nil, value)
        if let time = Double(parts[0]), time.isFinite { logged = max(logged ?? 0, time / 1000) }
      }
      if !curve.values.isEmpty { curves.append(curve) }
    }
    run.curves = MLflowStatus.withEpochs(curves)
    // A run without an end is where it last logged; whoever ended it otherwise has not told MLflow.
    run.ended = run.ended ?? logged ?? run.started
    return run
  }

  /// Metrics may have `/` in their names: folders in the store. Two levels deep, no links followed.
  private static func files(_ folder: String, _ prefix: String) -> [String] {
    var found: [String] = []
    for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    where found.count < fileLimit {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder) else { continue }
      if !isFolder.boolValue {
        found.append(prefix + name)
      } else if prefix.count(where: { $0 == "/" }) < 3 {
        found += files(folder + "/" + name, prefix + name + "/")
      }
    }
    return found
  }
}

/// What both of MLflow's stores say of a run's end, and how their rows get epochs.
enum MLflowStatus {
  /// The status of the file store is a number.
  static func name(_ number: Int) -> String {
    [1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"][number] ?? ""
  }

  static func state(_ status: String) -> (RunState, String) {
    switch status {
    case "FINISHED": (.finished, "MLflow's status is FINISHED")
    case "FAILED": (.failed, "MLflow's status is FAILED")
    case "KILLED": (.killed, "MLflow's status is KILLED")
    case "RUNNING", "SCHEDULED": (.running, "MLflow's status is \(status)")
    default: (.unknown, "MLflow has no status")
    }
  }

  /// An `epoch` curve of Lightning gives the epochs of what was logged at the same step.
  static func withEpochs(_ curves: [MetricCurve]) -> [MetricCurve] {
    guard let epochs = curves.first(where: { $0.name == "epoch" }) else { return curves }
    var known: [Int: Int] = [:]
    for (step, value) in zip(epochs.steps, epochs.values) { known[step] = LogCount.of(value) }
    return curves.map { curve in
      guard !curve.name.hasPrefix("lr-") else { return curve }
      var copy = curve
      copy.epochs = curve.steps.map { known[$0] }
      return copy
    }
  }
}
