import Analysis
import Base
import Language
import Recordings
import Session
import Workspace

/// Says whether a twin can run before anything runs.
struct CheckCommand: Command {
  static let signature = Signature(
    "check", in: "twins", "Says whether a twin can run, before anything runs; or what went wrong in a run"
  )
  .argument("twin", .object(kinds: ["twin", "runs"]), "The twin; or a run of an open set, or all of a set")
  .argument(
    "stimulus", .stimulus, "Also check that the twin can run on this recording, or on this stimulus", keyword: "on",
    optional: true
  )
  .flag("input", .string, "Input size TxHxW to check the layers with, if no recording is given")
  .flag("head", .word("head"), "With `on`: check this head, by number or session, instead of the recording's own")
  .returns(.table(Finding.columns.signatures))
  .searchTerms(
    "validate", "verify", "diagnose", "nan", "missing", "unexpected", "strict", "shapes", "lags", "problems"
  )
  .details(
    """
    Checks the shapes layer by layer; tensors that are missing, unexpected or hold NaN; heads, cells, rates and lags; and \
    options that VisionCore silently ignores. Without `on` and --input, vcsh checks the layers with the input of an open \
    recording of one of the twin's sessions, otherwise with the shortest input that works. If there is an error, check shows \
    the table and fails: exit code 3 in batch. `let found = check twin` takes the table and does not fail.

    For a run that another tool left, check looks for what is known to go wrong in these trainings: a run that diverged and \
    ended normally, a core rate that was ignored, pretrained weights that were never loaded, biases that a resume reset, \
    scores without their negative cells, settings that are recorded nowhere, names that contradict configurations. `part` is \
    the run, `layer` the fault, `problem` the evidence; runs of a set with the same fault and evidence share a line. Faults of a run do not make the command fail.
    """)

  static let examples = [
    Example("check twin", "Weights, heads and configuration"),
    Example("check twin on sim", "The same, and whether it can run on every stimulus of a recording"),
    Example("check twin --input 25x51x51 | where severity == 'error'", "Whether the layers work for another input"),
    Example("open runs as grid; check diverged | select part layer problem", "What went wrong in a run"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("twin")
    if try session.workspace.lookup(name)?.kind != .twin, !(try session.workspace.names(kinds: [.runs])).isEmpty {
      return .table(try RunFindings.table(name, call, session))
    }
    let record = try session.lookup(name, kinds: [.twin], at: call.span(of: "twin"))
    if call.isGiven("input"), call.isGiven("stimulus") {
      throw Failure(
        .usage, "--input can't be combined with `on`: a recording has its own input size",
        hint: "leave out one of them", span: call.span(of: "input"))
    }
    var findings: [Finding] = []
    var checked: String?
    do {
      let twin = try session.loadTwin(name, record: record)
      let weights = TwinWeightCheck(
        twin.architecture, source: twin.source, unreadableNames: twin.checkpoint.unreadableNames)
      findings += StoredWeightCheck(twin.architecture, of: twin.checkpoint).findings
      findings += weights.configuration() + weights.tensors() + weights.heads()
      if let text = try call.optionalString("stimulus") {
        findings += try recordingFindings(twin, on: text, call, session)
        checked = text
      } else {
        let input = try InputSize.find(call.optionalString("input"), for: twin, session: session, call: call)
        findings += weights.needs()
        findings += weights.shapes(input?.sizes, isIntended: input.map { $0.origin != .shortest } ?? false)
        checked = input.map { "input \($0.text)" }
      }
      findings += try weights.values(session.work)
    } catch let failure as Failure where ![.usage, .interrupted].contains(failure.kind) && failure.span == nil {
      findings.append(Finding(.error, failure, part: "checkpoint"))
    }
    session.changes.inputs.append(.init(role: "twin", version: record.id, detail: name))
    if let first = findings.first(where: { $0.severity == .error }) {
      let place = first.layer.map { "\($0): " } ?? ""
      session.failedCheck = Failure(
        .assertion, "`\(name)` can't run\(checked.map { " on \($0)" } ?? ""): \(place)\(first.problem)",
        hint: first.remedy, span: call.span)
    }
    return .table(Finding.table(findings))
  }

  /// - Parameter text: `REC/STIM`, or `REC` for all its stimuli.
  private func recordingFindings(
    _ twin: LoadedTwin, on text: String, _ call: Call, _ session: Session
  ) throws -> [Finding] {
    let span = call.span(of: "stimulus")
    let sources: [LoadedStimulus]
    if text.contains("/") {
      sources = [try session.loadStimulus(text, at: span)]
    } else {
      let record = try session.lookup(text, kinds: [.recording], at: span)
      guard let payload = record.payload as? RecordingPayload else {
        throw Failure(.mismatch, "`\(text)` is not a recording", span: span)
      }
      sources = try payload.stimuli.map { try session.loadStimulus("\(text)/\($0.name)", at: span) }
    }
    let named = try call.optionalString("head")
    let head: Result<Int, Failure>
    do {
      head = .success(try twin.head(session: sources.first?.session, named: named))
    } catch let failure as Failure {
      guard named == nil else { throw failure.located(at: call.span(of: "head")) }
      head = .failure(failure)
    }
    guard let first = sources.first else { return [] }
    let check = RecordingCheck(
      twin.architecture, source: twin.source, on: first.recordingName, session: first.session,
      stimuli: sources.map(\.stimulus), head: head)
    return try check.findings { stimulus, head in
      guard let source = sources.first(where: { $0.stimulus.name == stimulus.name }) else { return nil }
      do {
        try Predictor(session: session).checkInput(twin, head: head, source, for: .rates)
        return nil
      } catch {
        return error as? Failure
      }
    }
  }
}
