import Base
import Formats
import Twin

/// A checkpoint with the layers of its twin: built once without values, and once with them when they are first needed.
package final class OpenTwin {
  let checkpoint: Checkpoint
  /// The checkpoint's tensors, or those that were changed since in their place.
  let source: any ArraySource
  let architecture: TwinArchitecture
  private var networks: [Int: TwinNetwork] = [:]
  private let stamp: FileStamp

  /// - Parameter stamp: of the checkpoint's file, taken before it was read.
  /// - Throws: `unsupported` for a checkpoint without a configuration; as `TwinArchitecture`.
  init(_ checkpoint: Checkpoint, changed: NpzArchive? = nil, heads: [HeadConfiguration], stamp: FileStamp) throws {
    self.checkpoint = checkpoint
    self.stamp = stamp
    source = if let changed { OverlaySource(changed, over: checkpoint) } else { checkpoint }
    guard let configuration = checkpoint.configuration else {
      throw Failure(
        .unsupported, "\(checkpoint.path): holds no model configuration (hyper_parameters.model_config_dict)",
        hint: "open a checkpoint that VisionCore's trainer wrote")
    }
    architecture = try TwinArchitecture(configuration: configuration, source: source, heads: heads)
  }

  /// The network with the adapter and readout of one head; weights are read on first use.
  func network(head: Int) throws -> TwinNetwork {
    if let network = networks[head] { return network }
    let network =
      try networks.values.first?.with(head: head, from: source)
      ?? TwinNetwork(architecture: architecture, source: source, heads: [head])
    networks[head] = network
    return network
  }

  /// Whether the checkpoint is still the file that was opened.
  var isCurrent: Bool { FileStamp(checkpoint.path) == stamp }
}
