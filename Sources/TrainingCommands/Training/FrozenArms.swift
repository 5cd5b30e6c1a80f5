import Analysis
import Base
import Language
import Session
import Training

/// What a twin's frozen parts mean for arms that are trained side by side.
enum FrozenArms {
  /// Says how many tensors no arm can train.
  ///
  /// - Throws: `conflict` where an edit has made a tensor that could not learn.
  static func check(_ arms: [SideBySide.Arm], of twin: LoadedTwin, _ call: Call, in session: Session) throws {
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    let held = frozen.parameters(of: twin.architecture).count
    guard held > 0 else { return }
    for arm in arms.dropFirst() {
      guard let made = frozen.firstNew(in: arm.architecture, of: twin.architecture) else { continue }
      throw Failure(
        .conflict,
        "\(arm.name.shortened) makes `\(made)` anew, which is frozen in `\(twin.name)` and could not learn",
        hint: "`unfreeze \(twin.name)` first", span: call.span(of: "twin"))
    }
    session.note(
      "\(held) of \(twin.architecture.parameters.count) tensors of `\(twin.name)` are frozen and stay as they are in all arms: `unfreeze \(twin.name)` lets them train"
    )
  }
}
