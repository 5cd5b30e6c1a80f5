import Base
import Formats
import Foundation
import Twin
import Workspace

/// A twin's version with its files open: sizes are known, weights are read when they are needed.
package final class LoadedTwin {
  package let name: String
  package let record: VersionRecord
  package let payload: TwinPayload
  package let checkpoint: Checkpoint
  package let source: any ArraySource
  package let architecture: TwinArchitecture
  private var networks: [Int: TwinNetwork] = [:]
  private let stamp: FileStamp

  package init(name: String, record: VersionRecord, payload: TwinPayload, workspace: Workspace) throws {
    self.name = name
    self.record = record
    self.payload = payload
    let path = workspace.absolute(path: payload.checkpoint.path)
    stamp = FileStamp(path)
    checkpoint = try Checkpoint(path: path)
    guard checkpoint.fingerprint == payload.checkpoint.fingerprint else {
      throw Failure(
        .mismatch, "\(checkpoint.path) has changed since it was opened as `\(name)`",
        hint: "`open \(checkpoint.path) as \(name) --replace` takes the new one")
    }
    source =
      if let overlay = payload.overlay {
        OverlaySource(try NpzArchive(path: workspace.objects.path(of: overlay)), over: checkpoint)
      } else {
        checkpoint
      }
    architecture = try Self.architecture(checkpoint: checkpoint, source: source, heads: payload.heads.map(Self.head))
  }

  package static func architecture(
    checkpoint: Checkpoint, source: any ArraySource, heads: [HeadConfiguration]
  ) throws -> TwinArchitecture {
    guard let configuration = checkpoint.configuration else {
      throw Failure(
        .unsupported, "\(checkpoint.path): holds no model configuration (hyper_parameters.model_config_dict)",
        hint: "open a checkpoint that VisionCore's trainer wrote")
    }
    return try TwinArchitecture(configuration: configuration, source: source, heads: heads)
  }

  /// The network with the adapter and readout of one head; weights are read on first use.
  package func network(head: Int) throws -> TwinNetwork {
    if let network = networks[head] { return network }
    let network =
      try networks.values.first?.with(head: head, from: source)
      ?? TwinNetwork(architecture: architecture, source: source, heads: [head])
    networks[head] = network
    return network
  }

  /// Whether the checkpoint is still the file that was opened.
  package var isCurrent: Bool { FileStamp(checkpoint.path) == stamp }

  /// Identifies the weights: the checkpoint's content and what was changed since.
  package var weightsDigest: String { Digest.of("\(checkpoint.fingerprint) \(payload.overlay ?? "")") }

  /// The head of a session, or the one that is named by number or session.
  package func head(session: String?, named: String?) throws -> Int {
    let sessions = payload.heads.map { $0.session }
    if let named {
      if let index = Int(named) {
        guard architecture.heads.indices.contains(index) else {
          throw Failure(
            .missing, "`\(name)` has no head \(index)", hint: "its heads are 0 to \(architecture.heads.count - 1)")
        }
        return index
      }
      guard let index = sessions.firstIndex(of: named) else {
        throw Failure(
          .missing, "`\(name)` has no head for session \(named.shortened)",
          hint: Suggestion.hint(for: named, among: sessions.compactMap(\.self)) ?? "`show \(name)` lists its heads")
      }
      return index
    }
    if let session, let index = sessions.firstIndex(of: session) { return index }
    if architecture.heads.count == 1, sessions.allSatisfy({ $0 == nil }) { return 0 }
    let known = sessions.compactMap(\.self)
    throw Failure(
      .mismatch, "`\(name)` has no head for session \(session ?? "of this input")",
      hint: known.isEmpty
        ? "its heads have no names: open it with --config YAML, or choose one of 0 to \(architecture.heads.count - 1) with --head"
        : "it has \(known.joined(separator: ", ")): choose one with --head, or `refit \(name) readout on …` makes a new one"
    )
  }

  package static func head(_ payload: TwinPayload.Head) throws -> HeadConfiguration {
    let node = try payload.configuration.map { try YAMLDocument.parse(text: $0, name: "head configuration") }
    return HeadConfiguration(
      session: payload.session, cids: payload.cids, adapter: node?["adapter"], readout: node?["readout"])
  }
}
