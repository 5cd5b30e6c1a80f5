import Base
import Formats
import Language
import Recordings
import Workspace

/// A recording: a folder of `.dset` files, one of them alone, or each of those that a parent YAML lists.
extension RecordingPayload: ObjectKind {
  package static let openFlags = ["config", "data", "rate", "cells"]

  package static func open(_ file: CandidateFile, for request: OpenRequest) throws -> OpenAnswer? {
    if let set = try RecordingSet(file, for: request) {
      return .table(
        try set.open(for: request) { try Self($0, dataset: nil, configuration: file.path, for: request) })
    }
    let archive = try file.torch()
    guard file.kind == .directory || archive.map(DictDataset.isDictDataset) ?? false else { return nil }
    let recording = try Self(file.path, dataset: archive, configuration: request.configuration, for: request)
    return .object(recording, name: recording.session)
  }

  /// - Parameters:
  ///   - dataset: the archive of the file at `path`, where it is one file.
  ///   - configuration: the YAML to read it with; looked for where nil.
  private init(_ path: String, dataset: TorchArchive?, configuration: String?, for request: OpenRequest) throws {
    let folder = try RecordingFolder(path: path, dataset: dataset, configuration: configuration, for: request)
    let workspace = request.session.workspace
    let rates = Set(folder.stimuli.map(\.rateHz))
    guard rates.count == 1, let rate = rates.first, let first = folder.stimuli.first else {
      throw Failure(
        .mismatch,
        "\(path): its stimuli have different rates: \(rates.sorted().map { "\($0) Hz" }.joined(separator: ", "))",
        hint: "--rate gives all of them one rate")
    }
    for remark in folder.remarks { request.session.note(remark) }
    self.init(
      session: folder.session, cids: first.cids, rateHz: rate,
      stimuli: folder.stimuli.compactMap { stimulus in
        folder.files[stimulus.name].map { file in
          Stimulus(
            name: stimulus.name,
            file: FileReference(
              path: workspace.stored(path: file.path), byteCount: file.byteCount, fingerprint: file.fingerprint),
            frames: stimulus.frameCount)
        }
      },
      parentConfiguration: try folder.parentFile.map { try FileReference(reading: $0, in: workspace) },
      sessionConfiguration: try folder.sessionFile.map { try FileReference(reading: $0, in: workspace) })
    givenRate = request.rate
    givenCells = request.cells
  }

  package var opened: Record {
    Record([
      ("session", .string(session)), ("cells", .int(cids.count)),
      ("stimuli", .string(stimuli.map { "\($0.name) (\($0.frames.counted("frame")))" }.joined(separator: ", "))),
    ])
  }

  package var cellCount: Int? { cids.count }
  package var line: String { "\(session): \(stimuli.map(\.name).joined(separator: ", "))" }

  package func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value {
    .report(try RecordingReport.make(name, self, session: session))
  }
}
