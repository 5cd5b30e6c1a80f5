import Base
import Foundation
import RunLogs

/// What other tools log of a training.
enum LogTargets {
  static let all = [
    target("events", "events.out.tfevents.1.host.1.0") { path in
      let name = (path as NSString).lastPathComponent
      _ = try TensorBoardLog.read((path as NSString).deletingLastPathComponent, names: [name])
    },
    target("wandb", "run-fuzz.wandb") { _ = try WandbLog.read($0) },
    target("metrics", "metrics.csv") { _ = try LightningCSVLog.read($0) },
    target("sqlite", "mlflow.db") { if MLflowDatabase.isStore($0) { _ = try MLflowDatabase.read($0) } },
  ]

  private static func target(
    _ name: String, _ file: String, _ read: @escaping @Sendable (String) throws -> Void
  ) -> FuzzTarget {
    let file = FuzzFile(file)
    return FuzzTarget(name: name) { data in
      try file.write(data)
      try read(file.path)
    }
  }
}
