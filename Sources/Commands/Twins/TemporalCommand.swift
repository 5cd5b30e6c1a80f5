import Analysis
import Base
import Formats
import Language
import Metrics
import Recordings
import Session
import Twin
import Workspace

/// Shows which lags and temporal frequencies a twin uses: kernel by kernel of its frontend, or along the whole path to each
/// readout.
struct TemporalCommand: Command {
  static let signature = Signature(
    "temporal", in: "twins", "Shows which lags and temporal frequencies a twin uses: its kernels, or the whole path"
  )
  .argument("twin", .object(kinds: ["twin"]), "The twin")
  .argument(
    "stimulus", .stimulus,
    "Measure the whole path at windows of this stimulus; without it, show the frontend's kernels",
    keyword: "on", optional: true
  )
  .tableName()
  .frames()
  .flag("by", .choice(["lag", "frequency"]), "Return a row for each lag, or for each frequency")
  .flag("windows", .int, default: .int(64), "Number of windows to measure at, evenly spaced over the split")
  .flag(
    "step", .choice(StepResponse.Step.allCases.map(\.rawValue)), default: .string("noise"),
    "Change of one frame: a random sign for each pixel, or a flash of the whole frame"
  )
  .flag("amplitude", .float, default: .double(0.02), "Size of the change, in units of the twin's input")
  .flag("seed", .int, default: .int(1002), "Seed of the random signs")
  .flag("data", "Add the latencies of the recorded cells, from their receptive fields")
  .flag(
    "min-snr", .float,
    "With --data: smallest signal-to-noise ratio of a receptive field with a latency; by default snr_floor of `sta`"
  )
  .flag("save", .path, "Also write kernels or responses, and spectra, to this .npz")
  .flag("figure", .path, "Also draw them into this file (.svg, .png or .pdf)")
  .replace()
  .writes("save", "figure")
  .returns(.table(TemporalKernels.columns.signatures))
  .returns(
    TemporalPath.signedLagColumns.signatures, when: .given("stimulus"), .says("by", "lag"), .says("step", "flash")
  )
  .returns(TemporalPath.lagColumns.signatures, when: .given("stimulus"), .says("by", "lag"))
  .returns(TemporalPath.frequencyColumns.signatures, when: .given("stimulus"), .says("by", "frequency"))
  .returns(TemporalPath.latencyColumns.signatures, when: .given("stimulus"), .given("data"))
  .returns(TemporalPath.columns.signatures, when: .given("stimulus"))
  .returns(TemporalKernels.tapColumns.signatures, when: .says("by", "lag"))
  .returns(TemporalKernels.frequencyColumns.signatures, when: .says("by", "frequency"))
  .searchTerms(
    "time", "lag", "latency", "kernel", "impulse response", "frequency", "filter", "transient", "causal", "window",
    "frontend", "delay", "power spectrum"
  )
  .details(
    """
    Without a stimulus, the table has a row for each kernel of the frontend, with weight norm and window applied. Taps are \
    not lags: output step t of the frontend reads lags from t on, and the readout uses the last step.

    With `on REC/STIM`, the table has a row for each cell. vcsh measures the response instead of deriving it, because at grey \
    an RMS norm has no useful derivative. It changes one frame of recorded windows by a small step up and down, and takes \
    the change of the readout (before its output activation) at each lag. With `--step noise` the squared responses estimate \
    the squared gradient summed over pixels; more --windows make the estimate more precise. `--step flash` changes all \
    pixels together and keeps the sign. --by lag returns the response itself.

    --data replaces the spectral columns by the peak lags of the data's and the twin's receptive fields on the same frames \
    (as in `sta`: all valid frames, the map with the larger SNR). A field that is not above snr_floor, what noise with as many spikes reaches, has no \
    latency; --min-snr sets another limit. Use it with stimuli \
    whose frames are all new, such as gaborium: frames that last smear the lags of a receptive field.
    """)

  static let examples = [
    Example("temporal twin", "Every kernel of the frontend, and which taps can't change in training"),
    Example("temporal twin --by frequency | plot hz power --by kernel", "Power spectra of the kernels"),
    Example(
      "temporal twin on sim/gaborium --windows 16 | select cid weight_lag0 peak_ms mean_ms mean_se | head 5",
      "The whole path to every readout"),
    Example(
      "temporal twin on sim/gaborium --windows 16 --data | where late_ms != null | select cid peak_ms data_ms model_ms late_ms",
      "Do twin and cells respond at the same time? For cells with a clear receptive field"),
    Example(
      "temporal twin on sim/gaborium --windows 4 --step flash --by lag | where cid == 3",
      "The response of one cell to a flash at each lag"),
  ]

  /// Flags for the whole path alone.
  private static let pathOptions = [
    "split", "head", "no-behavior", "windows", "step", "amplitude", "seed", "data", "min-snr",
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    let profiles: any TemporalProfiles
    if call.isGiven("stimulus") {
      profiles = try path(of: twin, call, session)
    } else {
      if let name = Self.pathOptions.first(where: call.isGiven) {
        throw Failure(
          .usage, "--\(name) is for the whole path, which needs a stimulus",
          hint: "temporal \(twin.name) on REC/STIM", span: call.span(of: name))
      }
      profiles = try TemporalKernels(twin, session: session)
    }
    if let file = try call.optionalString("save") {
      let path = try session.output(file)
      guard path.hasSuffix(".npz") else {
        throw Failure(.usage, "\(file.shortened): arrays are written as .npz", span: call.span(of: "save"))
      }
      try NpzWriter.write(profiles.arrays, to: path)
      try session.wrote(path)
    }
    do {
      try session.draw(profiles.figures, for: call)
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "figure"))
    }
    session.changes.inputs.append(
      .init(
        role: "twin", version: twin.record.id, detail: "\(twin.name), weights \(twin.weightsDigest.prefix(12))"))
    var table =
      switch try call.optionalString("by") {
      case "lag": profiles.lagTable
      case "frequency": profiles.frequencyTable
      default: profiles.table
      }
    table.note = profiles.note
    try session.keep(table, for: call, parent: twin.record.id)
    return .table(table)
  }

  private func path(of twin: LoadedTwin, _ call: Call, _ session: Session) throws -> TemporalPath {
    let source = try session.loadStimulus(call.string("stimulus"), at: call.span(of: "stimulus")).shown(
      to: twin, by: call)
    let count = try call.int("windows")
    guard (1...100_000).contains(count) else {
      throw Failure(.usage, "--windows must be between 1 and 100000", span: call.span(of: "windows"))
    }
    let amplitude = Float(try call.float("amplitude"))
    guard amplitude > 0, amplitude.isFinite else {
      throw Failure(.usage, "--amplitude must be a number above 0", span: call.span(of: "amplitude"))
    }
    let seed = try call.seed()
    if call.isSet("data"), call.isGiven("by") {
      throw Failure(
        .usage, "--data can't be combined with --by: it adds columns to the row of each cell",
        hint: "leave out one of them",
        span: call.span(of: "data"))
    }
    let smallestSNR = try call.optionalFloat("min-snr")
    guard smallestSNR ?? 1 > 0, call.isSet("data") || smallestSNR == nil else {
      throw Failure(
        .usage, smallestSNR ?? 1 > 0 ? "--min-snr is for --data" : "--min-snr must be above 0",
        span: call.span(of: "min-snr"))
    }
    let split = try session.split(of: call)
    let step = StepResponse.Step(rawValue: try call.string("step")) ?? .noise
    let head = try twin.head(session: source.session, named: call.optionalString("head"))
    var path = try TemporalPath(
      twin, head: head, on: source, split: split, windows: count, step: step, amplitude: amplitude, seed: seed,
      session: session)
    if call.isSet("data") {
      path.latencies = try LatencyComparison(
        twin, head: head, on: source, smallestSNR: smallestSNR, session: session)
    }
    session.changes.inputs.append(
      .init(
        role: "stimulus", version: source.record.id,
        detail:
          "\(source.label), split \(split.rawValue), seed \(source.stimulus.configuration.seed), file \(source.fingerprint.prefix(12)), \(path.frames.count) windows, step \(step.rawValue) \(amplitude), seed \(seed)"
      ))
    return path
  }
}

extension TemporalKernels {
  /// The kernels of a twin's frontend; how long a tap lasts is the twin's own, else that of an open recording.
  ///
  /// - Throws: `undefined` for a twin whose frontend has no filter over time.
  init(_ twin: LoadedTwin, session: Session) throws {
    guard let head = twin.architecture.heads.first(where: { twin.architecture.buildFailure(head: $0.index) == nil })
    else { throw Failure(.missing, "`\(twin.name)` has no head that fits its configuration") }
    let kernels = try twin.network(head: head.index).frontendKernels(from: twin.source)
    guard !kernels.isEmpty else {
      throw Failure(
        .undefined, "`\(twin.name)` has no frontend: nothing filters over time before its network",
        hint: twin.architecture.readsStimulus
          ? "`temporal \(twin.name) on REC/STIM` measures the whole path" : "it reads no stimulus at all")
    }
    let recorded = twin.architecture.samplingRate == nil ? try Self.recordedRate(of: twin, session: session) : nil
    self.init(
      kernels, of: twin.name, rateHz: twin.architecture.samplingRate ?? recorded?.rateHz, rateOrigin: recorded?.label)
  }

  /// The rate of an open recording of one of the twin's sessions.
  private static func recordedRate(of twin: LoadedTwin, session: Session) throws -> (label: String, rateHz: Double)? {
    let sessions = twin.payload.heads.map(\.session)
    for item in try session.workspace.names(kinds: [.recording]) {
      guard let payload = item.version.payload as? RecordingPayload, sessions.contains(payload.session),
        let first = payload.stimuli.first, let loaded = try? session.loadStimulus("\(item.name)/\(first.name)"),
        loaded.stimulus.rateHz.isFinite
      else { continue }
      return (loaded.label, loaded.stimulus.rateHz)
    }
    return nil
  }
}

extension TemporalPath {
  /// Measures the response of a twin's head at windows of a stimulus.
  ///
  /// - Throws: `unsupported` for a twin that reads no stimulus, `mismatch` or `missing` where twin and recording do not
  ///   fit, `undefined` for a split without frames.
  fileprivate init(
    _ twin: LoadedTwin, head: Int, on source: LoadedStimulus, split: Split, windows count: Int,
    step: StepResponse.Step, amplitude: Float, seed: UInt32, session: Session
  ) throws {
    guard twin.architecture.readsStimulus else {
      throw Failure(.unsupported, "`\(twin.name)` reads no stimulus: it has no path over time")
    }
    try Predictor(session: session).checkInput(twin, head: head, source, for: .coreFeatures)
    let inputs = try TwinInputs(twin, head: head, source, for: .coreFeatures)
    guard let lags = source.stimulus.lags, !lags.isEmpty, Set(lags).count == lags.count else {
      throw Failure(.missing, "\(source.label): no lags of the stimulus are known, or one is named twice")
    }
    let valid = try source.stimulus.frames(split, among: source.stimulus.validFrames())
    guard !valid.isEmpty else {
      throw Failure(.undefined, "\(source.label) has no valid frame in split `\(split.rawValue)`")
    }
    let frames = Self.spread(count, over: valid)
    let cells = twin.architecture.heads[head].cellCount
    let own = twin.payload.heads.indices.contains(head) ? twin.payload.heads[head].cids : nil

    let progress = session.work.progress
    progress?.begin("steps through \(source.label)", total: frames.count, unit: "windows")
    defer { progress?.end() }
    let response = try twin.network(head: head).stepResponse(
      inputs.input(frames: frames, groups: [0..<frames.count]), head: head, step: step, amplitude: amplitude,
      seed: seed, work: session.work)
    self.init(
      response, label: "\(twin.name) on \(source.label)" + (source.withoutBehavior ? " --no-behavior" : ""),
      split: split, step: step, amplitude: amplitude,
      cids: own ?? (source.stimulus.cids.count == cells ? source.stimulus.cids : Array(0..<cells)), lags: lags,
      frames: frames, rateHz: source.stimulus.rateHz)
  }
}

extension LatencyComparison {
  /// Measures the receptive fields of a twin's head and of its recording.
  ///
  /// - Throws: as `FieldMeasurement.measure`.
  fileprivate init(
    _ twin: LoadedTwin, head: Int, on source: LoadedStimulus, smallestSNR: Double?, session: Session
  ) throws {
    let fields = try session.fields(of: twin, head: head, on: source, split: .all)
    self.init(
      FieldTable.rows(fields, map: nil).map {
        Fields(
          cid: $0.cid, data: $0.numbers, model: $0.modelNumbers, dataFloor: smallestSNR ?? $0.noiseFloor,
          modelFloor: smallestSNR ?? $0.modelNoiseFloor, reason: $0.reason)
      }, rateHz: fields.scale.rateHz, frameCount: fields.frameCount, smallestSNR: smallestSNR)
  }
}
