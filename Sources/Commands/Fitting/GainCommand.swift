import Analysis
import Base
import Fitting
import Language
import Session

/// What is wrong with the scale of a twin's rates, stimulus by stimulus.
struct GainCommand: Command {
  static let signature = Signature(
    "gain", in: "fitting",
    "Gain and offset per cell and stimulus, and the score that is lost to a wrong scale or offset"
  )
  .argument("subject", .object(kinds: ["twin"]), "The twin")
  .argument("recording", .object(kinds: ["recording"]), "The recording", keyword: "on")
  .tableName()
  .frames()
  .flag(
    "statistics", "Show whether the gain follows contrast, mean and temporal frequency, instead of the table of cells"
  )
  .replace()
  .returns(.table(GainPart.shape.signatures))
  .returns(GainFollowing.shape.signatures, when: .given("statistics"))
  .searchTerms("scale", "offset", "rescale", "contrast", "adaptation", "bits lost", "calibration", "structure")
  .details(
    """
    One row for each stimulus and cell. vcsh fits rate = gain * rate + offset by the Poisson likelihood over all bins of the \
    split; standard errors come from the spread over trials, so that cells may vary more than Poisson counts do. \
    lost_to_scale is the improvement by a gain alone, lost_to_offset the further improvement by an offset; vcsh scores each \
    half of the bins with the fit from the other \
    half. What is left (bits_per_spike_calibrated, r) depends on the model's structure: no rescaling changes it. The default \
    split is `val`; name `all` for stimuli that the twin was not trained on.

    --statistics shows one row for each stimulus and statistic. A trial's gain is the ratio of all spikes to all calibrated \
    rates of the population; rho is its rank correlation over trials with the statistic. p permutes whole trials; trials that \
    show the same frames count as one. Mean and contrast (standard \
    deviation over pixels) are those of the pixels that the twin sees; the temporal frequency is a root mean square in Hz.
    """)

  static let examples = [
    Example(
      "gain twin on sim --split all | group stimulus | summarize mean(gain) mean(lost_to_scale) mean(lost_to_offset)",
      "Which stimulus has a wrong scale, and what it costs"),
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
        parts.append(
          GainPart(
            stimulus: source.stimulus.name, calibration: calibration, scores: try subject.scores(),
            errors: try RobustErrors.of(calibration, subject.predictions, work: session.work)))
      }
    }
    var table = isAboutStatistics ? GainFollowing.table(followers) : GainPart.table(parts)
    table.note =
      "\(twin.name) on \(try call.string("recording")), split \(split.rawValue): gain and offset fitted to \(split.trials)"
    try session.keep(table, for: call, parent: twin.record.id)
    return .table(table)
  }
}
