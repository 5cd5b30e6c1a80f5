import Analysis
import Base
import Language
import Layers
import Session
import Training

/// What a twin's frozen parts mean for arms that are trained side by side.
enum FrozenArms {
  /// Says how many tensors no arm can train.
  ///
  /// - Throws: `conflict` where an edit has made a tensor that could not learn.
  static func check(_ arms: [SideBySide.Arm], of twin: LoadedTwin, _ call: Call, in session: Session) throws {
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    let parameters = twin.architecture.parameters
    let held = frozen.parameters(of: twin.architecture)
    guard !held.isEmpty else { return }
    let shapes = Dictionary(parameters.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    for arm in arms.dropFirst() {
      guard let made = frozen.parameters(of: arm.architecture).first(where: { shapes[$0.name] != $0.shape }) else {
        continue
      }
      throw Failure(
        .conflict,
        "\(arm.name.shortened) makes `\(made.name)` anew, which is frozen in `\(twin.name)` and could not learn",
        hint: "`unfreeze \(twin.name)` first", span: call.span(of: "twin"))
    }
    session.note(
      "\(held.count) of \(parameters.count) tensors of `\(twin.name)` are frozen and stay as they are in all arms: `unfreeze \(twin.name)` lets them train"
    )
  }
}
