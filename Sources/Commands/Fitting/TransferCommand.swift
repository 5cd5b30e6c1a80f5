import Analysis
import Base
import Fitting
import Language
import Metrics
import Recordings
import Session

/// How well a frozen core predicts cells and sessions that it may not know, beside simpler models.
struct TransferCommand: Command {
  static let signature = Signature(
    "transfer", in: "fitting", "Fits new readouts on the frozen core and scores them beside simpler models"
  )
  .argument("twin", .object(kinds: ["twin"]), "The twin; it is not changed")
  .argument(
    "stimulus", .stimulus,
    "The recordings' stimuli, with blanks or commas between them; several give rows for each", keyword: "to",
    repeating: true
  )
  .flag(
    "adapter", .word("head"),
    "Use the adapter of this head; default the session's own, or the first head's if the session has none"
  )
  .flag("as-new", "Use the adapter of another session's head also for sessions that the twin knows")
  .flag(
    "leave-one-out",
    "Treat each of the sessions as new, as --as-new does, and add rows over all of them, each session with the same weight"
  )
  .flag("hold-out", .word("cids"), "Only these cells, treated as new: their cids, separated by commas")
  .flag(
    "l2", .word("penalty"), default: .string("auto"),
    "Penalty on the squared feature weights; auto chooses one for each cell by cross-validation inside the training trials"
  )
  .flag("starts", .int, default: .int(2), "Number of starting points for each cell")
  .flag("seed", .int, default: .int(1002), "Seed of the random starts and of the trials that --curve draws")
  .flag("curve", .word("minutes"), "Learning curve: fit to this many minutes of training trials, M1,M2,…")
  .flag("draws", .int, default: .int(3), "With --curve: random sets of training trials for each number of minutes")
  .flag("per-cell", "One row for each cell, a column for each model")
  .returns(.table(TransferTable.columns.signatures))
  .returns(TransferTable.curveColumns.signatures, when: .given("curve"))
  .returns(TransferTable.cellColumns.signatures, when: .given("per-cell"))
  .searchTerms(
    "generalise", "new session", "new neurons", "frozen core", "baseline", "linear-nonlinear", "learning curve",
    "how much data", "leave one out"
  )
  .details(
    """
    The models are: the constant rate of the training trials; a linear-nonlinear model on the pixels (ridge regression on \
    the stimulus at the twin's lags, averaged to at most 10x10 blocks, then a softplus); the twin's own readout, where it \
    has one for the session; and the new readout on the frozen core. All are fitted to the training trials and scored on \
    the same held-out trials. Penalties are chosen inside the training trials. Means are over the cells that all models \
    have a score of, with 95 % intervals over cells.

    Where the recording has another stimulus whose trials repeat, each model's correlation with its trial average is \
    r_average, and the row of the noise ceiling holds the highest that the noise allows there (cc_max). No readout is \
    fitted to that stimulus.

    A core that was trained on a session knows its cells. --hold-out and --as-new leave out readout and adapter of such a \
    session, but not what the core learnt from it.
    """)

  static let examples = [
    Example("transfer twin to nova/backimage --l2 0.003", "A session that the core has never seen"),
    Example(
      "transfer twin to nova/backimage --l2 0.003 --curve 0.15,0.3 --draws 2 --starts 1", "How much data readouts need"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("twin")
    let twin = try session.loadTwin(name, at: call.span(of: "twin"))
    let curve = try minutes(call)
    let labels = try call.stimulusLabels()
    let leavesOut = call.isSet("leave-one-out")
    if leavesOut, Set(labels).count < 2 || curve != nil || call.isSet("per-cell") {
      throw Failure(
        .usage, "--leave-one-out compares two or more sessions in one table",
        hint: "transfer TWIN to A/STIMULUS,B/STIMULUS --leave-one-out, without --curve and --per-cell",
        span: call.span(of: "leave-one-out"))
    }
    var scored: [TransferTable.Session] = []
    var points: [TransferTable.CurveRow] = []
    for label in labels {
      let source = try session.loadStimulus(label, at: call.span(of: "stimulus"))
      let arm = try TransferArm(twin, source, call, in: session)
      if let curve {
        let draws = try call.int("draws")
        let own = try arm.curve(curve, draws: draws).points
        if let most = own.last?.minutes, let wanted = curve.last, most < wanted {
          session.note(
            "\(label) has \(NumberText.sentence(most)) minutes of training trials: --curve \(NumberText.sentence(wanted)) takes all of them"
          )
        }
        points += own.map { .init(session: source.session, point: $0) }
      } else {
        scored.append(try arm.scored(in: session))
      }
    }
    if curve != nil {
      return .table(
        TransferTable.curveColumns.table(
          points, note: "\(name): readouts on the frozen core, scored on held-out trials"))
    }
    if call.isSet("per-cell") {
      return .table(
        TransferTable.cellColumns.table(scored.flatMap(\.cells), note: "\(name): bits/spike on held-out trials"))
    }
    let known = scored.filter(\.isKnown).compactMap(\.summaries.first?.session)
    return .table(
      TransferTable.columns.table(
        scored.flatMap(\.summaries) + (leavesOut ? TransferTable.overall(scored) : []),
        note: "\(name): scores on held-out trials, \(TransferTable.ceilingNote(scored))"
          + (leavesOut && !known.isEmpty
            ? "; adapter and readout of \(known.joined(separator: ", ")) are new, but the core may have learnt from it"
            : "")))
  }

  private func minutes(_ call: Call) throws -> [Double]? {
    guard let text = try call.optionalString("curve") else {
      if call.isGiven("draws") {
        throw Failure(
          .usage, "--draws does nothing without --curve", hint: "leave it out", span: call.span(of: "draws"))
      }
      return nil
    }
    guard !call.isSet("per-cell") else {
      throw Failure(.usage, "--curve and --per-cell exclude each other", span: call.span(of: "per-cell"))
    }
    let words = text.filter { $0 != " " }.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let found = words.compactMap(Double.init).filter { $0 > 0 && $0.isFinite }
    guard found.count == words.count, !found.isEmpty, Set(found).count == found.count else {
      throw Failure(
        .usage, "--curve takes different numbers of minutes above 0", hint: "--curve 1,3,10",
        span: call.span(of: "curve"))
    }
    guard (1...100).contains(try call.int("draws")) else {
      throw Failure(.usage, "--draws must be between 1 and 100", span: call.span(of: "draws"))
    }
    return found.sorted()
  }
}
