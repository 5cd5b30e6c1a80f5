import Base
import Recordings

/// A command that asks a twin for answers on the frames of a stimulus: a plan tells how many are kept.
protocol AsksFrames: Command {
  static var asks: CachedKind { get }
  /// The argument that names the twin; the stimulus is `stimulus`.
  static var twinArgument: String { get }
  /// Where no `--split` is given.
  static var splits: [Split] { get }
  /// The head whose adapter or readout answers.
  static func head(of twin: LoadedTwin, on source: LoadedStimulus, named: String?) throws -> Int
}

extension AsksFrames {
  static var asks: CachedKind { .predictions }
  static var twinArgument: String { "subject" }
  static var splits: [Split] { [.val] }

  static func head(of twin: LoadedTwin, on source: LoadedStimulus, named: String?) throws -> Int {
    try twin.head(session: source.session, named: named)
  }
}

extension CachedKind {
  /// What the keys of such answers begin with.
  var answerName: String { self == .features ? "core features" : "predictions" }
}
