import Base
import Language
import Recordings
import Session
import Twin
import Workspace

/// Says whether a twin can run before anything runs.
struct CheckCommand: Command {
  static let signature = Signature("check", in: "twins", "Says whether a twin can run, before anything runs")
    .argument("twin", .object(kinds: ["twin"]), "The twin")
    .argument(
      "stimulus", .stimulus, "A recording, or one of its stimuli, that it is to run on", keyword: "on", optional: true
    )
    .flag("input", .string, "Input size TxHxW to check the layers with, where no recording is named")
    .flag("head", .word("head"), "With `on`: the head by number or session, where the recording's own is not meant")
    .returns(
      .table([
        ColumnSignature("severity", "string", "error: it can't run, or its numbers would be wrong; warning: it runs"),
        ColumnSignature("part", "string"), ColumnSignature("layer", "string", "Layer, tensor, option or stimulus"),
        ColumnSignature("problem", "string"),
        ColumnSignature("shapes", "string", "channel x time x height x width"),
        ColumnSignature("remedy", "string"),
      ])
    )
    .searchTerms(
      "validate", "verify", "diagnose", "nan", "missing", "unexpected", "strict", "shapes", "lags", "problems"
    )
    .details(
      """
      Looks at shapes layer by layer, at tensors that are missing, unexpected or hold NaN, at heads, cells, rates and lags, \
      and at options that VisionCore silently makes nothing of. Without `on` and --input, layers are checked with the input of \
      an open recording of one of the twin's sessions, else with the shortest that works. With an error the table is shown and \
      the command has failed: exit code 3 in batch. `let found = check twin` takes the table and goes on.
      """)

  static let examples = [
    Example("check twin", "Weights, heads and configuration"),
    Example("check twin on sim", "The same, and whether it can run on every stimulus of a recording"),
    Example("check twin --input 25x51x51 | where severity == 'error'", "Whether the layers work for another input"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("twin")
    let record = try session.lookup(name, kinds: [.twin], at: call.span(of: "twin"))
    if call.isGiven("input"), call.isGiven("stimulus") {
      throw Failure(
        .usage, "a recording has its input", hint: "leave out --input or `on …`", span: call.span(of: "input"))
    }
    var findings: [Finding] = []
    var checked: String?
    do {
      let twin = try session.loadTwin(name, record: record)
      let weights = TwinWeightCheck(twin: twin)
      findings += weights.configuration() + weights.tensors() + weights.heads()
      if let text = try call.optionalString("stimulus") {
        let check = try RecordingCheck(twin, on: text, head: call.optionalString("head"), session: session, call: call)
        findings += try check.findings()
        checked = text
      } else {
        let input = try InputSize.find(call.optionalString("input"), for: twin, session: session, call: call)
        findings += weights.needs() + weights.shapes(input)
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
}
