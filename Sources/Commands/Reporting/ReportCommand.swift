import Base
import Foundation
import Language
import Rendering
import Session
import Workspace

/// A twin on a recording on one page, for a colleague.
struct ReportCommand: Command {
  static let signature = Signature(
    "report", in: "evaluation",
    "A twin on a recording on one page: scores, fields, kernels, calibration, cells, provenance"
  )
  .effect(.changes)
  .argument("subject", .object(kinds: ["twin", "predictions"]), "The twin, or predictions that were made elsewhere")
  .argument(
    "recording", .object(kinds: ["recording"]), "The recording; not for predictions", keyword: "on", optional: true
  )
  .flag("html", .path, "Write the page to this .html file, and show its summary alone")
  .flag(
    "fields", .string,
    "The stimulus for the receptive fields; by default gaborium, otherwise the one with the most frames"
  )
  .trained()
  .head()
  .behavior()
  .writes("html")
  .returns(.report)
  .searchTerms("page", "summary", "document", "html", "share", "colleague", "overview", "print")
  .details(
    """
    vcsh judges a twin as `generalization` does: on the held-out trials of the stimuli that it was trained on, and on all \
    trials of the others. If it is not known what the twin was trained on, vcsh uses the held-out trials of every stimulus. \
    Each chapter ends with the commands that reproduce its numbers. The page is one file that needs no network; its tables \
    can be sorted. The same twin, recording and vcsh give the same page, byte for byte. An existing file is replaced. \
    The scores are kept for `leaderboard` and `sql`.

    Of predictions that were made elsewhere the report holds scores, gains and causes; its other chapters say what is missing.
    """)

  static let examples = [
    Example("report twin on sim --html /tmp/vcsh-example-report.html", "A page to mail to a colleague"),
    Example("report twin on sim --fields fixrsvp > /tmp/vcsh-example-report.md", "The same as text"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let path = try call.optionalString("html").map { try page($0, call, session) }
    let document = try document(call, session)
    guard let path else { return .report(document.report) }
    try TableFile.write(text: ReportPage.render(document), to: path, span: call.span(of: "html"))
    try session.wrote(path)
    return .report(document.summary)
  }

  private func document(_ call: Call, _ session: Session) throws -> ReportDocument {
    let name = try call.string("subject")
    let record = try session.lookup(name, kinds: [.twin, .predictions], at: call.span(of: "subject"))
    guard let payload = record.payload as? PredictionsPayload else {
      guard call.isGiven("recording") else {
        throw Failure(
          .usage, "`\(name)` is a twin: say on which recording", hint: "report \(name) on REC",
          span: call.span(of: "subject"))
      }
      return try ReportMaterial(call, in: session).document
    }
    for flag in ["recording", "fields", "trained", "head", "no-behavior"] where call.isGiven(flag) {
      throw Failure(
        .usage, "`\(name)` holds predictions, without the twin and the recording that they came from",
        hint: "leave out `\(flag == "recording" ? "on …" : "--" + flag)`", span: call.span(of: flag))
    }
    return try StoredReport(session.storedSubject(name, record, payload, split: nil), in: session).document
  }

  /// Where the page goes: refused before any work is done.
  private func page(_ given: String, _ call: Call, _ session: Session) throws -> String {
    guard (given as NSString).pathExtension.lowercased() == "html" else {
      throw Failure(
        .usage, "`\(given.shortened)`: the page is written as .html",
        hint: "name a file such as report.html; without --html the report goes to standard output",
        span: call.span(of: "html"))
    }
    let path = try session.output(given)
    try ResultFile.check(path, given: given, at: call.span(of: "html"))
    return path
  }
}
