import Base
import Formats
import Language
import Recordings
import Workspace

/// Predictions: made by a twin, an npz made elsewhere, or what a cache of VisionCore's evaluation holds.
extension PredictionsPayload: ObjectKind {
  package static var isExported: Bool { true }
  package static let openFlags = ["rate", "session"]

  package static func open(_ file: CandidateFile, for request: OpenRequest) throws -> OpenAnswer? {
    if let archive = try file.torch().flatMap(TensorDict.init), PredictionsFile.isPredictions(archive) {
      return .object(try opened(archive, for: request), name: request.stem)
    }
    if let archive = try file.npz() { return .object(try opened(archive, for: request), name: request.stem) }
    guard let cache = try file.evaluationCache() else { return nil }
    switch cache.kind {
    case .bitsPerSpike, .noiseCeiling: return .table(try CachedPredictions(cache, for: request).open())
    case .receptiveFields: return nil
    case .saccades:
      throw Failure(
        .unsupported, "\(file.path) is a cache of saccades: windows around them that may cross gaps and trials",
        hint: "open the bps cache of the same model", span: request.call.span(of: "path"))
    }
  }

  private static func opened(_ archive: any LabelledArrays, for request: OpenRequest) throws -> PredictionsPayload {
    let path = archive.path
    guard PredictionsFile.isPredictions(archive) else {
      throw Failure(
        .unsupported,
        "\(path): an npz without rhat and robs"
          + (archive.arrayNames.isEmpty
            ? "" : ": it holds \(archive.arrayNames.prefix(6).map { "`\($0.shortened)`" }.joined(separator: ", "))"),
        hint:
          "predictions need both, (time, cell); a table needs arrays of one axis and equal length; inputs for `forward` go to `forward --input FILE`"
      )
    }
    let outline = try PredictionsFile.outline(archive, path)
    for remark in outline.remarks { request.session.note("\(path): \(remark)") }
    var payload = PredictionsPayload(
      session: try request.call.optionalString("session"), stimulus: nil, split: nil, frames: outline.frames,
      cids: outline.cids, rateHz: request.rate ?? outline.rateHz,
      file: FileReference(
        path: request.session.workspace.stored(path: path), byteCount: archive.byteCount,
        fingerprint: archive.fingerprint))
    payload.givenRate = request.rate
    return payload
  }

  package var opened: Record { Record([("cells", .int(cids.count)), ("frames", .int(frames))]) }
  package var cellCount: Int? { cids.count }

  package var line: String {
    let place = stimulus.map { "\(session ?? "")/\($0) \(split ?? "")" }
    return "\(place ?? file?.path ?? ""), \(frames.counted("frame"))"
  }

  package func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value {
    .report(try PredictionsReport.make(name, record, self, session: session))
  }

  package func export(
    _ name: String, _ record: VersionRecord, to path: String, for call: Call, in session: Session
  ) throws {
    guard path.hasSuffix(".npz") else {
      throw Failure(
        .mismatch, "`\(name)` holds predictions: they are written as .npz",
        hint: "\(call.signature.name) \(name) FILE.npz", span: call.span(of: "file"))
    }
    try PredictionsFile.write(try session.storedPredictions(name, record, self), to: path)
  }

  package func difference(from earlier: PredictionsPayload, by comparison: ObjectComparison) throws -> String? {
    guard let before = earlier.object, let now = object else { return "another file" }
    return try comparison.arrays(before, now)
  }
}
