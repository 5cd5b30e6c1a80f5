import Base
import Formats
import Language
import Metrics
import Recordings
import Rendering
import Session
import Twin

/// How a twin reads time: kernel by kernel of its frontend, or along the whole path to every readout.
struct TemporalCommand: Command {
  static let signature = Signature(
    "temporal", in: "twins", "How a twin reads time: weight on lag 0, latency, share of DC, high-pass index, spectrum"
  )
  .argument("twin", .object(kinds: ["twin"]), "The twin")
  .argument(
    "stimulus", .stimulus, "Whose windows the whole path is measured at; without it the frontend's kernels",
    keyword: "on", optional: true
  )
  .tableName()
  .frames()
  .flag("by", .choice(["lag", "frequency"]), "The numbers behind the indices: a row for each lag, or each frequency")
  .flag("windows", .int, default: .int(64), "How many windows are tried, evenly spaced over the split")
  .flag(
    "step", .choice(StepResponse.Step.allCases.map(\.rawValue)), default: .string("noise"),
    "The change of one frame: random signs a pixel, or a flash of the whole frame"
  )
  .flag("amplitude", .float, default: .double(0.02), "Its size in units of the stimulus as the twin sees it")
  .flag("seed", .int, default: .int(1002), "Seed of the random signs")
  .flag("data", "Beside the twin's latency that of the recorded cells, from their receptive fields")
  .flag(
    "min-snr", .float, default: .double(FieldNumbers.clearSNR),
    "Signal to noise that a receptive field needs for a latency of its own"
  )
  .flag("save", .path, "Also write kernels or responses, and spectra, to this .npz")
  .flag("figure", .path, "Also draw them into this file (.svg, .png or .pdf)")
  .replace()
  .writes("save", "figure")
  .returns(.table([]))
  .searchTerms(
    "time", "lag", "latency", "kernel", "impulse response", "frequency", "filter", "transient", "causal", "window",
    "frontend", "delay", "power spectrum"
  )
  .details(
    """
    Without a stimulus a row for each effective kernel of the frontend (weight norm and window applied). Columns: kernel, \
    weight_lag0 (share of the squared weight), peak_ms, mean_ms (of the squared weight), dc_share (power at 0 Hz over all \
    power), high_pass (1 - gain at 0 Hz over the largest gain), peak_hz, zero_taps, remark. A tap is no lag: output step t \
    of the frontend reads lags from t on, and the readout takes the last step.

    With `on REC/STIM` a row for each cell: cid, weight_lag0, recent_half (share of lags in the newer half of the window), \
    peak_ms, mean_ms, mean_se (its standard error over windows), dc_share, high_pass, peak_hz, remark. Measured, not derived: at grey an RMS norm has no useful \
    derivative, so one frame of recorded windows is changed by a small finite step up and down, and the change of the \
    readout (before its output activation) is taken at each lag. With `--step noise` the squared answers estimate the \
    squared gradient summed over pixels, and more --windows make them surer; `--step flash` changes all pixels alike and \
    keeps the sign. --by lag gives the response itself.

    --data puts, in the place of the spectrum, data_ms and model_ms: the peak lags of the data's and the twin's receptive field on the same \
    frames (`sta`, all valid frames, the map with the larger SNR), data_snr, and late_ms, model_ms - data_ms. A field below --min-snr \
    has no latency. It suits stimuli whose frames are new each time, such as gaborium: what lasts smears the lags of a field.
    """)

  static let examples = [
    Example("temporal twin", "Every kernel of the frontend, and which taps can't move"),
    Example("temporal twin --by frequency | plot hz power --by kernel", "Power spectra of the kernels"),
    Example(
      "temporal twin on sim/gaborium --windows 16 | select cid weight_lag0 peak_ms mean_ms mean_se | head 5",
      "The whole path to every readout"),
    Example(
      "temporal twin on sim/gaborium --windows 16 --data | where late_ms != null | select cid peak_ms data_ms model_ms late_ms",
      "Do twin and cells answer at the same time? Of cells that have a clear field"),
    Example(
      "temporal twin on sim/gaborium --windows 4 --step flash --by lag | where cid == 3",
      "The response of one cell to a flash at each lag"),
  ]

  /// What the whole path alone is asked.
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
    if let file = try call.optionalString("figure") {
      let path = try session.output(file)
      do {
        try GnuplotFigure.write(profiles.figures, to: path)
      } catch let failure as Failure {
        throw failure.located(at: call.span(of: "figure"))
      }
      try session.wrote(path)
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
    guard let seed = UInt32(exactly: try call.int("seed")) else {
      throw Failure(.usage, "--seed must be between 0 and \(UInt32.max)", span: call.span(of: "seed"))
    }
    if call.isSet("data"), call.isGiven("by") {
      throw Failure(
        .usage, "--data stands beside the indices of each cell, not beside --by", hint: "leave out one of them",
        span: call.span(of: "data"))
    }
    let smallestSNR = try call.float("min-snr")
    guard smallestSNR > 0, call.isSet("data") || !call.isGiven("min-snr") else {
      throw Failure(
        .usage, smallestSNR > 0 ? "--min-snr is for --data" : "--min-snr must be above 0",
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

/// Filters over time with their indices, to be shown, saved and drawn.
protocol TemporalProfiles {
  /// A row for each kernel or cell.
  var table: Table { get }
  /// A row for each of them and each lag.
  var lagTable: Table { get }
  /// A row for each of them and each frequency.
  var frequencyTable: Table { get }
  var note: String { get }
  var arrays: [NamedArray] { get }
  var figures: [Figure] { get }
}

extension TimeProfile {
  /// What passes at which frequency.
  static func spectralColumns(_ profiles: [TimeProfile]) -> [Column] {
    [
      Column("dc_share", profiles.map(\.dcShare)), Column("high_pass", profiles.map(\.highPass)),
      Column("peak_hz", profiles.map(\.peakHz), unit: "Hz"),
    ]
  }

  /// A row for each profile and frequency, after a column that tells which.
  static func frequencyTable(_ profiles: [TimeProfile], key: ([Int]) -> Column) -> Table {
    var owners: [Int] = []
    var hz: [Double?] = []
    var power: [Double?] = []
    for (index, profile) in profiles.enumerated() {
      guard let spectrum = profile.spectrum else { continue }
      owners += [Int](repeating: index, count: spectrum.hz.count)
      hz += spectrum.hz
      power += spectrum.power
    }
    return Table([key(owners), Column("hz", hz, unit: "Hz"), Column("power", power)])
  }

  /// Spectra as arrays: `hz` and `power` `[profile, frequency]`; nothing where a profile has none.
  static func spectra(_ profiles: [TimeProfile]) -> [NamedArray] {
    let spectra = profiles.map(\.spectrum)
    guard let hz = spectra.compactMap({ $0?.hz }).first else { return [] }
    let power = spectra.flatMap { $0?.power ?? [Double](repeating: .nan, count: hz.count) }
    return [
      NamedArray("hz", shape: [hz.count], values: .float64(hz)),
      NamedArray("power", shape: [profiles.count, hz.count], values: .float64(power)),
    ]
  }
}
