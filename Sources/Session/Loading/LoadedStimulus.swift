import Base
import Language
import Recordings
import Workspace

/// One stimulus of a recording with its file open.
package struct LoadedStimulus {
  package let recordingName: String
  package let record: VersionRecord
  package let payload: RecordingPayload
  package let stimulus: Stimulus
  package let fingerprint: String
  /// Leave the modulator out of a twin that runs on this.
  package var withoutBehavior = false

  package var label: String { "\(recordingName)/\(stimulus.name)" }
  package var session: String { payload.session }

  /// The same for a twin: `--no-behavior` leaves the modulator out of one that has one.
  package func shown(to twin: LoadedTwin, by call: Call) -> LoadedStimulus {
    shown(to: twin, withoutBehavior: call.isSet("no-behavior"))
  }

  package func shown(to twin: LoadedTwin, withoutBehavior: Bool) -> LoadedStimulus {
    var shown = self
    shown.withoutBehavior = withoutBehavior && twin.architecture.requiresBehavior
    return shown
  }
}
