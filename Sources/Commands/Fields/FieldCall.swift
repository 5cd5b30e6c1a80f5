import Analysis
import Base
import Language
import Metrics
import Recordings
import Session

/// What `TWIN on REC/STIM [--split …] [--head …] [--lags …] [--whiten]` names.
struct FieldCall {
  let session: Session
  let twin: LoadedTwin
  let source: LoadedStimulus
  let head: Int
  let split: Split
  let measurement: FieldMeasurement
  /// nil: the map with the larger SNR.
  let map: ReceptiveField.Map?

  init(_ call: Call, in session: Session) throws {
    self.session = session
    twin = try session.loadTwin(call.string("subject"), at: call.span(of: "subject"))
    source = try session.loadStimulus(call.string("stimulus"), at: call.span(of: "stimulus")).shown(to: twin, by: call)
    head = try twin.head(session: source.session, named: call.optionalString("head"))
    split = try session.split(of: call)
    map = ReceptiveField.Map(rawValue: try call.string("map"))
    let lags = try call.optionalCount("lags", in: 1...FieldMeasurement.lagLimit)
    let maxEyeSpeed = call.isGiven("max-eye-speed") ? try call.float("max-eye-speed") : nil
    if let maxEyeSpeed, !(maxEyeSpeed > 0) {
      throw Failure(.usage, "--max-eye-speed must be above 0", span: call.span(of: "max-eye-speed"))
    }
    let stimulus = source.stimulus
    measurement = FieldMeasurement(
      of: stimulus, label: source.label, lagCount: lags, isWhitened: call.isSet("whiten"), maxEyeSpeed: maxEyeSpeed)
    guard stimulus.channelCount == 1 else {
      throw Failure(
        .unsupported, "\(source.label) has \(stimulus.channelCount) channels: receptive fields need exactly one",
        span: call.span(of: "stimulus"))
    }
    if measurement.isWhitened, stimulus.height * stimulus.width > FieldMeasurement.whitenedPixels {
      throw Failure(
        .unsupported, "\(stimulus.height) x \(stimulus.width) pixels are too many to whiten",
        hint: "leave out --whiten", span: call.span(of: "whiten"))
    }
  }

  func measure(cells: [Int]? = nil, keepsPlain: Bool = false) throws -> MeasuredFields {
    try session.fields(
      of: twin, head: head, on: source, split: split, by: measurement, cells: cells, keepsPlain: keepsPlain)
  }

  var origin: SubjectOrigin { session.origin(twin, head: head, on: source, split: split) }
}

extension Signature {
  /// `TWIN`, then what else stands between, then `on REC/STIM` with which frames, lags and map.
  func measuredFields() -> Signature {
    argument("stimulus", .stimulus, "The recording's stimulus", keyword: "on")
      .flag(
        "split", .choice(["train", "val", "all"]), default: .string("all"),
        "Which trials: training, held-out (val) or all"
      )
      .flag(
        "lags", .int, "Number of lags, from the response's own bin backwards; those of the recording's YAML, else 18"
      )
      .flag("whiten", "Remove correlations between pixels from the frames first")
      .flag(
        "map", .choice(["larger", "sta", "ste"]), default: .string("larger"),
        "The map from which latency and place are read: STA (simple cells), STE (complex cells), or the one with the larger SNR"
      )
      .flag(
        "max-eye-speed", .float, unit: "deg/s",
        "Leave out frames at which the eye moves this fast or faster; VisionCore's limit is 5"
      )
      .head()
      .behavior()
  }
}
