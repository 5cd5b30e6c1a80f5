import Base
import Recordings

/// A command that asks a twin for answers on the frames of a stimulus: a plan tells how many are kept.
package protocol AsksFrames: Command {
  static var asks: CachedKind { get }
  /// The argument that names the twin; the stimulus is `stimulus`.
  static var twinArgument: String { get }
  /// Where no `--split` is given.
  static var splits: [Split] { get }
  /// The head whose adapter or readout answers.
  static func head(of twin: LoadedTwin, on source: LoadedStimulus, named: String?) throws -> Int
}

extension AsksFrames {
  package static var asks: CachedKind { .predictions }
  package static var twinArgument: String { "subject" }
  package static var splits: [Split] { [.val] }

  package static func head(of twin: LoadedTwin, on source: LoadedStimulus, named: String?) throws -> Int {
    try twin.head(for: source, named: named)
  }
}

extension CachedKind {
  /// What the keys of such answers begin with.
  package var answerName: String { self == .features ? "core features" : "predictions" }
}
