import Base
import Formats
import Foundation

/// What checkpoints of Lightning tell of the training that wrote them.
public struct RunCheckpoint: Sendable, Equatable, Codable {
  public var path: String
  /// From the file's name, as `epoch=07-val_bps_overall=0.4312.ckpt`; epochs count from 0.
  public var epoch: Int?
  public var metric: String?
  public var value: Double?

  public static let ending = ".ckpt"

  /// Nil for a file whose ending is not a checkpoint's.
  public init?(path: String) {
    guard path.hasSuffix(Self.ending) else { return nil }
    let name = (path as NSString).lastPathComponent
    self.path = path
    for part in name.dropLast(5).split(separator: "-epoch=").joined(separator: "-epoch=").matches(
      of: /([A-Za-z_][A-Za-z0-9_\/]*)=(-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?|nan|inf)/)
    {
      switch String(part.1) {
      case "epoch": epoch = Int(part.2).flatMap(LogCount.of)
      case "step": break
      case let metric: (self.metric, value) = (metric, Double(part.2))
      }
    }
  }

  /// `last.ckpt`, `last-v1.ckpt`: the newest state, whatever its score.
  public var isLast: Bool { (path as NSString).lastPathComponent.hasPrefix("last") }
}

/// What a checkpoint holds about its run. Reads no weights.
public struct CheckpointLog: Sendable {
  public var epoch: Int?
  public var step: Int?
  public var score: Double?
  public var monitor: String?
  public var parameters: [ConfigNode.Entry]
  public var model: ConfigNode?
  /// Whether EarlyStopping took part in the training.
  package var hasEarlyStopping: Bool
  /// Epoch at which EarlyStopping ended the training, from 0, and what it said.
  public var stoppedEpoch: Int?
  public var stoppingReason: String?
  /// Epochs that a scheduler was told the training would have.
  public var plannedEpochs: Int?
  /// Learning rates and decays of the optimiser's groups.
  public var groups: [(rate: Double?, decay: Double?)]

  /// - Throws: as `TorchArchive`.
  public init(path: String) throws {
    let archive = try TorchArchive(path: path)
    let root = archive.root
    guard root["state_dict"] != nil || root["epoch"] != nil else {
      throw Failure(.format, "\(path): this is not a checkpoint of a training run")
    }
    let checkpoint = try Checkpoint(archive: archive)
    (epoch, step, score, monitor) = (
      checkpoint.epoch.flatMap(LogCount.of), checkpoint.globalStep, checkpoint.score, checkpoint.monitor
    )
    parameters = checkpoint.hyperParameters.flattened.filter { !$0.key.hasPrefix("model_config_dict") }
    model = checkpoint.configuration
    let stopping = (root["callbacks"]?.entries ?? []).first { $0.key.stringValue?.hasPrefix("EarlyStopping") ?? false }
    hasEarlyStopping = stopping != nil
    // Lightning keeps 0 here until the training is stopped.
    if let stopped = stopping?.value["stopped_epoch"]?.intValue.flatMap(LogCount.of), stopped > 0 {
      stoppedEpoch = stopped
    }
    if stoppedEpoch != nil { stoppingReason = stopping?.value["stopping_reason_message"]?.stringValue }
    let schedulers = root["lr_schedulers"]?.items ?? []
    plannedEpochs = schedulers.lazy.compactMap { $0["max_epochs"]?.intValue ?? $0["T_max"]?.intValue }.first
    let optimisers = root["optimizer_states"]?.items ?? []
    groups = (optimisers.first?["param_groups"]?.items ?? []).map {
      ($0["lr"]?.number(in: archive), $0["weight_decay"]?.number(in: archive))
    }
  }
}
