import Base
import Formats
import Foundation
import RunLogs
import Runs
import TestSupport

/// Folders of runs as real tools left them, with the numbers that the tools' own readers give.
enum RunFolders {
  static func path(_ name: String) -> String { Fixtures.path("runs/\(name)") }

  /// A checkpoint of VisionCore.
  static let checkpoint = Fixtures.root + "/../../workspace-template/checkpoints/twin.ckpt"

  static func open(_ name: String, index: [UInt8] = []) throws -> RunSet {
    try RunSet(root: path(name), index: index, now: Date().timeIntervalSince1970)
  }

  static func expected(_ name: String) throws -> ConfigNode { try LooseJSON.read(path(name) + "/expected.json") }

  /// A run of a set by its name.
  static func run(_ name: String, in set: RunSet) throws -> RunSummary {
    guard let run = set.runs(named: name).first, set.runs(named: name).count == 1 else {
      throw Failure(.missing, "no single run \(name) among \(set.runs.map(\.run))")
    }
    return run
  }

  /// Points of curves as lists that end with the value and begin with the step: how a log differs from them.
  static func differences(_ log: RunLog, _ curves: ConfigNode?, except: Set<String> = ["epoch", "hp_metric"])
    -> [String]
  {
    guard let entries = curves?.mapValue, !entries.isEmpty else { return ["no curves to compare with"] }
    return entries.filter { !except.contains($0.key) }.compactMap { entry in
      let points = entry.value.listValue ?? []
      guard let curve = log[metric: entry.key] else { return "\(entry.key) is missing" }
      guard curve.values.count == points.count else { return "\(entry.key): \(curve.values.count) of \(points.count)" }
      for (index, point) in points.enumerated() {
        let parts = point.listValue ?? []
        guard parts.first?.intValue == curve.steps[index] else { return "\(entry.key): step of point \(index)" }
        if parts.count == 3, parts[1].intValue != curve.epochs[index] { return "\(entry.key): epoch of point \(index)" }
        let value = parts.last?.doubleValue ?? parts.last?.stringValue.flatMap { Double($0) } ?? .nan
        let isSame =
          value.isNaN
          ? curve.values[index].isNaN
          : abs(curve.values[index] - value) <= 1e-9 * max(1, abs(value)) || curve.values[index] == value
        guard isSame else { return "\(entry.key): value of point \(index)" }
      }
      return nil
    }
  }
}
