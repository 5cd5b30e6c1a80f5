import Base
import Language
import Session
import Training

/// The twin whose rates `--teacher` makes the targets of a training.
struct Teacher {
  private let twin: LoadedTwin

  /// Nil without the flag.
  init?(_ call: Call, in session: Session) throws {
    guard let name = try call.optionalString("teacher") else { return nil }
    twin = try session.loadTwin(name, at: call.span(of: "teacher"))
    session.changes.inputs.append(
      .init(role: "teacher", version: twin.record.id, detail: "\(name), weights \(twin.weightsDigest.prefix(12))"))
  }

  /// Identifies what the teacher computes.
  var digest: String { twin.weightsDigest }

  /// The set with the teacher's rates in place of counts.
  ///
  /// - Throws: `mismatch` where the teacher has no head for the session, or other cells.
  func teach(_ set: any TrainingSet, on source: LoadedStimulus, _ call: Call, in session: Session) throws -> TaughtSet {
    do {
      let head = try twin.head(for: source, named: nil, mayBeNamed: false)
      let (frames, kept) = try Predictor(session: session).rates(
        of: twin, head: head, on: source.shown(to: twin, by: call), split: .all)
      let rates = Tensor(shape: [frames.count, source.stimulus.cellCount], values: try kept.rows(frames))
      return TaughtSet(set, frames: frames, rates: rates)
    } catch let failure as Failure where failure.kind == .mismatch {
      throw failure.located(at: call.span(of: "teacher"))
    }
  }
}
