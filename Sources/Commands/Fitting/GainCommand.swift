import Base
import Fitting
import Language
import Metrics
import Recordings
import Session
import Workspace

/// What is wrong with the scale of a twin's rates, stimulus by stimulus.
struct GainCommand: Command {
  static let signature = Signature(
    "gain", in: "fitting", "Gain and offset per cell and stimulus, and the bits that wrong scale and offset cost"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("recording", .object(kinds: ["recording"]), "The recording", keyword: "on")
  .tableName()
  .frames()
  .flag("statistics", "Whether the gain follows contrast, mean and temporal frequency, instead of the cells' table")
  .replace()
  .returns(.table([]))
  .searchTerms("scale", "offset", "rescale", "contrast", "adaptation", "bits lost", "calibration", "structure")
  .details(
    """
    A row for each stimulus and cell: gain and offset of rate = gain * rate + offset by the Poisson likelihood over all \
    bins of the split, with standard errors from its curvature; bits/spike as predicted; what a gain alone would bring \
    (lost_to_scale) and an offset beside it (lost_to_offset), each scored on the half of the trials that it was not \
    fitted to; what is left, bits_per_spike_calibrated and r, is structure, which no rescaling mends. The split is `val`; \
    name `all` for stimuli that the twin was not trained on.

    With --statistics a row for each stimulus and statistic: its value, and the rank correlation over trials of the \
    statistic with the gain of the population, the ratio of all spikes to all calibrated rates of a trial. The mean and \
    the contrast (standard deviation over pixels) are those of the pixels as the twin sees them; the temporal frequency \
    is the root mean square, in Hz. Columns: stimulus, statistic, value, unit, trials, rho, p, q, reason.
    """)

  static let examples = [
    Example(
      "gain twin on sim --split all | group stimulus | summarize mean(gain) mean(lost_to_scale) mean(lost_to_offset)",
      "Which stimulus is off, and by what"),
    Example("gain twin on sim --split all --statistics", "Does the gain follow the stimulus?"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let twin = try session.loadTwin(call.string("subject"), at: call.span(of: "subject"))
    let split = try session.split(of: call)
    let isAboutStatistics = call.isSet("statistics")
    var parts: [GainPart] = []
    var followers: [GainFollowing] = []
    for source in try session.stimuli(of: call, for: twin) {
      let subject = try session.subject(twin, on: source, split: split, head: call.optionalString("head"))
      let calibration = try Calibrator.calibrate(subject.predictions, mode: .affine, work: session.work)
      if isAboutStatistics {
        followers.append(try GainFollowing(subject.predictions, calibration, source.stimulus, work: session.work))
      } else {
        parts.append(GainPart(stimulus: source.stimulus.name, calibration: calibration, scores: subject.scores()))
      }
    }
    var table = isAboutStatistics ? GainFollowing.table(followers) : GainPart.table(parts)
    table.note = "\(twin.name) on \(try call.string("recording")), split \(split.rawValue)"
    try session.keep(table, for: call, parent: twin.record.id)
    return .table(table)
  }
}

/// Gain, offset and what they cost on one stimulus.
struct GainPart {
  var stimulus: String
  var calibration: Calibration
  var scores: [CellScores]

  static func table(_ parts: [GainPart]) -> Table {
    let rows = parts.flatMap { part in
      zip(part.calibration.cells, part.scores).map { (stimulus: part.stimulus, cell: $0, score: $1) }
    }
    func difference(_ a: Double?, _ b: Double?) -> Double? {
      guard let a, let b else { return nil }
      return a - b
    }
    let bits = BitsPerSpike.unit
    return Table([
      Column("stimulus", rows.map { Optional($0.stimulus) }),
      Column("cid", rows.map { Optional($0.cell.cid) }),
      Column("rate_hz", rows.map(\.score.rateHz.value), unit: "Hz"),
      Column("gain", rows.map(\.cell.gain)),
      Column("gain_se", rows.map(\.cell.gainStandardError)),
      Column("offset", rows.map(\.cell.offset), unit: "counts/bin"),
      Column("offset_se", rows.map(\.cell.offsetStandardError), unit: "counts/bin"),
      Column("bits_per_spike", rows.map(\.cell.bitsPerSpike), unit: bits),
      Column("lost_to_scale", rows.map { difference($0.cell.bitsPerSpikeGain, $0.cell.bitsPerSpike) }, unit: bits),
      Column(
        "lost_to_offset", rows.map { difference($0.cell.bitsPerSpikeCalibrated, $0.cell.bitsPerSpikeGain) }, unit: bits
      ),
      Column("bits_per_spike_calibrated", rows.map(\.cell.bitsPerSpikeCalibrated), unit: bits),
      Column("r", rows.map(\.score.r.value)),
      Column("reason", rows.map { $0.cell.reason ?? $0.score.reason }),
    ])
  }
}
