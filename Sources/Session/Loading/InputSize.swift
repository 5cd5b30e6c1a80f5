import Base
import Language
import Recordings
import Twin
import Workspace

/// The size of a twin's input, `[channel, time, height, width]`, and who says so.
package struct InputSize {
  package enum Origin: Equatable {
    /// `--input`
    case given
    /// A stimulus of a recording: `sim/gaborium`.
    case recording(String)
    /// Nothing says it: the fewest lags with which all layers have something to work on.
    case shortest
  }

  package var sizes: [Int]
  package var origin: Origin

  /// `1x18x25x25`
  package var text: String { sizes.map(String.init).joined(separator: "x") }

  /// What was given, else what an open recording of one of the twin's sessions has, else the shortest input that works;
  /// nil where none does.
  package static func find(_ given: String?, for twin: LoadedTwin, session: Session, call: Call) throws -> InputSize? {
    if let given { return try parse(given, for: twin, call: call) }
    return try recorded(for: twin, session: session) ?? shortest(for: twin)
  }

  /// Reads `TxHxW`.
  package static func parse(_ text: String, for twin: LoadedTwin, call: Call) throws -> InputSize {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    let sizes = parts.compactMap(\.self)
    guard sizes.count == parts.count, sizes.count == 3, sizes.allSatisfy({ (1...4096).contains($0) }) else {
      throw Failure(
        .usage, "`\(text)` is not an input size", hint: "write TxHxW, e.g. 25x51x51", span: call.span(of: "input"))
    }
    return InputSize(sizes: [twin.architecture.inputChannels] + sizes, origin: .given)
  }

  /// Nil where no open recording belongs to one of the twin's sessions.
  package static func recorded(for twin: LoadedTwin, session: Session) throws -> InputSize? {
    let sessions = twin.payload.heads.map(\.session)
    for item in try session.workspace.names(kinds: [.recording]) {
      guard let payload = item.version.payload as? RecordingPayload, sessions.contains(payload.session),
        let first = payload.stimuli.first, let loaded = try? session.loadStimulus("\(item.name)/\(first.name)"),
        let input = InputSize(loaded)
      else { continue }
      return input
    }
    return nil
  }

  /// Nil where no window of up to 64 lags and of the usual sides works.
  package static func shortest(for twin: LoadedTwin) -> InputSize? {
    for side in TwinArchitecture.usualSides(twin.architecture.configuration) {
      for lags in 1...64 {
        let sizes = [twin.architecture.inputChannels, lags, side, side]
        if (try? twin.architecture.tree(input: sizes)) != nil { return InputSize(sizes: sizes, origin: .shortest) }
      }
    }
    return nil
  }
}

extension InputSize {
  /// A stimulus's windows; nil where no YAML names its lags.
  package init?(_ loaded: LoadedStimulus) {
    let stimulus = loaded.stimulus
    guard let lags = stimulus.lags else { return nil }
    self.init(
      sizes: [stimulus.channelCount, lags.count, stimulus.height, stimulus.width], origin: .recording(loaded.label))
  }
}
