import Base
import Formats
import Language
import Session
import Twin

/// The `.npz` that `--input` names: stimulus windows, behaviour and spike history as a twin takes them.
struct WindowFile {
  let path: String
  let archive: NpzArchive

  init(_ call: Call, in session: Session) throws {
    path = session.absolute(try call.string("input"))
    archive = try NpzArchive(path: path)
  }

  /// The first of these arrays that the file has.
  func array(_ names: String...) throws -> Tensor? {
    try names.first { archive.arrayNames.contains($0) }.map { try archive.tensor($0) }
  }

  /// - Throws: `mismatch` for a stimulus with other axes than (batch, channel, time, height, width).
  func input(_ call: Call, head: Int) throws -> TwinInput {
    let input = TwinInput(
      stimulus: try array("stim"), behavior: try array("behavior"), history: try array("history_\(head)", "history"),
      skipsBehavior: call.isSet("no-behavior"))
    if let stimulus = input.stimulus, stimulus.rank != 5 {
      throw Failure(
        .mismatch, "\(path): stim has shape \(stimulus.shape), not (batch, 1, time, height, width)",
        span: call.span(of: "input"))
    }
    return input
  }

  /// Records in the session what was read.
  func record(_ twin: LoadedTwin, head: Int, _ input: TwinInput, in session: Session) {
    session.changes.inputs += [
      .init(
        role: "twin", version: twin.record.id,
        detail: "\(twin.name), head \(head), weights \(twin.weightsDigest.prefix(12))"
          + (input.skipsBehavior ? ", without behaviour" : "")),
      .init(role: "input", version: nil, detail: "\(path), \(archive.fingerprint.prefix(12))"),
    ]
  }

  /// Refuses a call without `--input` or `--output`.
  static func check(_ call: Call) throws {
    guard call.isGiven("input"), call.isGiven("output") else {
      throw Failure(
        .usage, "\(call.signature.name) needs --input and --output", hint: call.signature.usageHint(),
        span: call.span)
    }
  }
}
