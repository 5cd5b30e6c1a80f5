import Base
import Formats
import Foundation
import Language
import Twin
import Workspace

/// A twin: a checkpoint that VisionCore's trainer wrote, and what was changed since.
extension TwinPayload: ObjectKind {
  package static let openFlags = ["config", "model", "weights", "prefix"]
  package static func open(_ file: CandidateFile, for request: OpenRequest) throws -> OpenAnswer? {
    // A part of a distributed checkpoint looks like a damaged torch file, its directory like a pickle.
    let fileName = (file.path as NSString).lastPathComponent
    if fileName.lowercased().hasSuffix(".distcp") || fileName == ".metadata",
      let failure = CheckpointFolder.refusal((file.path as NSString).deletingLastPathComponent)
    {
      throw failure
    }
    let isTorch = try file.torch() != nil
    guard try isTorch || file.safetensors() != nil else { return nil }
    return .object(try opened(Checkpoint(file, selection: request.selection), for: request), name: request.stem)
  }

  /// Says which of several sets of weights is used.
  private static func noteWeights(_ checkpoint: Checkpoint, in session: Session) {
    let used = checkpoint.weights
    func text(_ set: (name: String, isAveraged: Bool)) -> String {
      "`\(set.name)`" + (set.isAveraged ? " (averaged over training steps)" : "")
    }
    if let other = checkpoint.otherWeights.first {
      let others = checkpoint.otherWeights.map(text).joined(separator: ", ")
      session.note(
        "\(checkpoint.path) holds \(checkpoint.otherWeights.count + 1) sets of weights: \(text(used)) is used; also \(others): --weights \(Self.argument(other.name)) takes that"
      )
    } else if used.isAveraged {
      session.note("\(checkpoint.path): the weights \(text(used)) are used")
    }
  }

  /// A name as it is typed behind a flag.
  private static func argument(_ name: String) -> String {
    name.utf8.allSatisfy {
      ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || "._-".utf8.contains($0)
    }
      ? name : Printer.quoted(name)
  }

  private static func opened(_ checkpoint: Checkpoint, for request: OpenRequest) throws -> TwinPayload {
    let session = request.session
    var datasets = DatasetConfigurations(heads: [], files: [])
    if let path = request.configuration ?? DatasetConfigurations.trained(with: checkpoint) {
      datasets = try DatasetConfigurations.read(path, with: request.yaml)
    }
    let configured: [Head] = try datasets.heads.map {
      .init(
        session: $0.session, cids: $0.cids,
        configuration: try HeadOverrides.text(adapter: $0.adapter, readout: $0.readout))
    }
    let named = configured.isEmpty ? TwinExport.heads(of: checkpoint) : configured
    // Built from what the catalogue will hold, so that the next command finds the same layers.
    let model = try OpenTwin(
      checkpoint, modelFile: request.modelFile,
      heads: named.map { try HeadConfiguration(stored: $0) }, stamp: request.stamp)
    noteWeights(checkpoint, in: session)
    if named.isEmpty, model.architecture.heads.count > 1 {
      session.note("the heads of \(checkpoint.path) have no names: add them with --config YAML")
    }
    let unnamed = model.architecture.heads.dropFirst(named.count).map { Head(session: $0.session, cids: $0.cids) }
    var payload = TwinPayload(
      checkpoint: FileReference(
        path: session.workspace.stored(path: checkpoint.path), byteCount: checkpoint.byteCount,
        fingerprint: checkpoint.fingerprint),
      configurationFiles: try datasets.files.map { try FileReference(reading: $0, in: session.workspace) },
      heads: named + unnamed)
    payload.weights = request.selection.set.map { _ in checkpoint.weights.name }
    payload.prefix = request.selection.prefix
    payload.averaged = checkpoint.weights.isAveraged ? true : nil
    payload.modelFile = try request.modelFile.map { try FileReference(reading: $0, in: session.workspace) }
    session.remember(model, of: payload)
    return payload
  }

  /// The same file again under the same name changes nothing, whatever was frozen since.
  package func isSame(as existing: TwinPayload) -> Bool {
    self == existing
      || existing.overlay == nil && existing.checkpoint == checkpoint && existing.heads == heads
        && existing.configurationFiles == configurationFiles && existing.weights == weights
        && existing.prefix == prefix && existing.modelFile == modelFile && existing.edits == edits
  }

  package var opened: Record {
    var record = Record([
      ("heads", .int(heads.count)),
      ("sessions", .string(heads.map { $0.session ?? "(unnamed)" }.joined(separator: ", "))),
    ])
    if let text = weightsText { record["weights"] = .string(text) }
    return record
  }

  /// Which weights of the file are used, where that is not plain: `ema_state_dict, averaged`.
  var weightsText: String? {
    let parts = [weights, averaged == true ? "averaged over training steps" : nil].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  package var cellCount: Int? { heads.contains { $0.cids == nil } ? nil : cids.count }
  package var cids: [Int] { heads.flatMap { $0.cids ?? [] } }

  package var line: String {
    let frozen = frozen.isEmpty ? "" : ", frozen: \(frozen.joined(separator: " "))"
    let averaged = averaged == true ? ", averaged weights" : ""
    return "\(heads.count) heads\(averaged)\(note.map { ", \($0)" } ?? "")\(frozen)"
  }

  package func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(name, record: record)
    return .report(
      try TwinReport.make(twin, input: call.optionalString("input"), session: session, call: call))
  }

  package static var isExported: Bool { true }

  package func export(
    _ name: String, _ record: VersionRecord, to path: String, for call: Call, in session: Session
  ) throws {
    let twin = try session.loadTwin(name, record: record)
    for note in try TwinExport.write(twin, to: path, at: call.span(of: "file"), in: session.workspace) {
      session.note(note)
    }
    let own = twin.architecture.ownOptions
    if !own.isEmpty {
      session.note(
        "VisionCore does not have \(own.map { "`\($0)`" }.joined(separator: ", ")); the Python package in integrations/visioncore adds \(own.count == 1 ? "it" : "them") to a model, and vcsh reads \(own.count == 1 ? "it" : "them") back"
      )
    }
  }

  package func difference(from earlier: TwinPayload, by comparison: ObjectComparison) throws -> String? {
    guard let before = earlier.overlay, let now = overlay else { return "another checkpoint or other heads" }
    guard earlier.heads == heads else { return "other heads" }
    return try comparison.arrays(before, now)
  }
}
