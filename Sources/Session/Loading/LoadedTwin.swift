import Base
import Formats
import Foundation
import Twin
import Workspace

/// A twin's version with its files open: sizes are known, weights are read when they are needed.
package struct LoadedTwin {
  package let name: String
  package let record: VersionRecord
  package let payload: TwinPayload
  private let model: OpenTwin

  package var checkpoint: Checkpoint { model.checkpoint }
  package var source: any ArraySource { model.source }
  package var architecture: TwinArchitecture { model.architecture }

  init(name: String, record: VersionRecord, payload: TwinPayload, model: OpenTwin) {
    self.name = name
    self.record = record
    self.payload = payload
    self.model = model
  }

  /// The network with the adapter and readout of one head; weights are read on first use.
  package func network(head: Int) throws -> TwinNetwork { try model.network(head: head) }

  /// The twin with options of the configuration changed, each written as PATH=VALUE; tensors are carried over where their
  /// shapes allow.
  ///
  /// - Parameter seed: of the tensors that are new.
  /// - Throws: as `EditedTwin`.
  package func edited(by edits: [String], seed: UInt32) throws -> EditedTwin {
    try EditedTwin(architecture, source: source, edits: edits, seed: seed)
  }

  /// Identifies what the twin computes: the checkpoint's content, what was chosen in it, and what was changed since.
  package var weightsDigest: String { digest(overlay: payload.overlay ?? "") }

  /// The same before anything was changed.
  var originDigest: String { digest(overlay: "") }

  /// Names of the tensors that were changed since.
  var changedNames: Set<String> { model.changedNames }

  private func digest(overlay: String) -> String {
    let choices = [
      payload.weights, payload.prefix, payload.modelFile?.fingerprint, payload.edits?.joined(separator: "\n"),
    ]
    let chosen = choices.contains { $0 != nil } ? " " + choices.map { $0 ?? "" }.joined(separator: "\n") : ""
    return Digest.of("\(checkpoint.fingerprint) \(overlay)\(chosen)")
  }

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

  /// The head for a recording's stimulus, or the one that is named.
  ///
  /// - Parameter mayBeNamed: whether the command has --head.
  /// - Throws: `mismatch` where there is none, with advice that works for this recording; as `head(session:named:)`.
  package func head(for source: LoadedStimulus, named: String?, mayBeNamed: Bool = true) throws -> Int {
    do {
      return try head(session: source.session, named: named)
    } catch var failure as Failure where named == nil {
      let known = payload.heads.compactMap { $0.session }
      let fits = architecture.heads.indices.contains { index in
        let cids = payload.heads.indices.contains(index) ? payload.heads[index].cids : nil
        return architecture.heads[index].cellCount == source.stimulus.cids.count
          && (cids ?? source.stimulus.cids) == source.stimulus.cids
      }
      let refit = "`refit \(name) readout on \(source.label) as NAME` makes one"
      if known.isEmpty, !(mayBeNamed && fits) {
        failure.hint = "its heads have no names: open it with --config YAML, or \(refit)"
      } else if !known.isEmpty {
        let heads = "its heads are those of \(known.joined(separator: ", "))"
        failure.hint = mayBeNamed && fits ? "\(heads): choose one with --head, or \(refit)" : "\(refit); \(heads)"
      }
      throw failure
    }
  }
}

extension HeadConfiguration {
  /// A head as the catalogue stores it.
  package init(stored head: TwinPayload.Head) throws {
    let node = try head.configuration.map { try YAMLDocument.parse(text: $0, name: "head configuration") }
    self.init(session: head.session, cids: head.cids, adapter: node?["adapter"], readout: node?["readout"])
  }
}
