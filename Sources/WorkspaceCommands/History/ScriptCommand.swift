import Base
import Foundation
import Language
import Session
import Workspace

/// Turns past entries into a recipe.
struct ScriptCommand: Command {
  static let signature = Signature(
    "script", in: "workspace", "Turns past entries into a recipe, with the values that may change as parameters"
  )
  .effect(.session(.manages))
  .argument("entries", .word("entries"), "12-20, or 12,15-18; default all entries of this session", optional: true)
  .flag("session", .word("session"), "Another session: `last`, or the beginning of its id")
  .flag("literal", "Keep values as they were typed: no parameters")
  .flag("all", "Keep entries that only look, and name those that failed in comments")
  .returns(.value)
  .searchTerms("recipe", "save session", "parameters", "replay", "papermill", "batch", "reproduce", "record")
  .details(
    """
    script leaves out entries that failed, were undone, only look (`history`, `help`, `status` …) or act on the session by \
    number (`undo`, `rerun` …). It adds the earlier entries that made the variables, objects and calibrations that the \
    others use, with a comment. Paths, stimuli, splits, cids and the numbers of flags become parameters. The default of a \
    parameter is the value that you typed; input files get their whole path. `> x.vc` writes the recipe, \
    `vcsh -f x.vc --help` lists its parameters, `vcsh -f x.vc --split all` sets one.
    """)

  static let examples = [
    Example("eval twin on sim/gaborium --split val | head 3; script 4", "One entry, and those that it needs"),
    Example("script > /tmp/vcsh-example.vc", "All of this session, as a file"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let chosen = try session.chosenEntries(call, "entries")
    let sessions = Set(chosen.map(\.session))
    guard sessions.count <= 1 else {
      throw Failure(
        .usage, "these entries are of \(sessions.count) sessions, whose variables are not the same",
        hint: "choose one: --session last, or the beginning of an id", span: call.span(of: "entries"))
    }
    let entries: RecipeEntries
    do {
      entries = try RecipeEntries(
        chosen, keepsLooking: call.isSet("all"), completes: true, in: session)
    } catch let failure as Failure {
      throw failure.located(at: call.span)
    }
    guard let first = entries.items.first(where: { $0.neededBy == nil })?.record,
      let last = entries.items.last(where: { $0.neededBy == nil })?.record
    else {
      throw Failure(
        .missing, "none of these entries makes a recipe", hint: "`history` lists what there is", span: call.span)
    }
    let numbers = first.id == last.id ? "Entry \(first.id)" : "Entries \(first.id)-\(last.id)"
    let day = first.started.formatted(.iso8601.year().month().day())
    let recipe = RecipeText(
      entries.items, comments: ["\(numbers) of the vcsh session \(first.session.prefix(8)), \(day)"],
      remarks: call.isSet("all") ? remarks(entries) : [:], lifts: !call.isSet("literal"), in: session)
    try check(recipe.text, session.signatures, at: call.span)
    return .string(recipe.text)
  }

  /// Comments that name what failed, before the entry that came next.
  private func remarks(_ entries: RecipeEntries) -> [Int64: [String]] {
    var remarks: [Int64: [String]] = [:]
    for (record, reason) in entries.leftOut {
      let next = entries.items.first { $0.record.id > record.id }?.record.id ?? .max
      remarks[next, default: []].append("left out, entry \(record.id): \(record.source) (\(reason))")
    }
    return remarks
  }

  /// A recipe that would not run in a fresh workspace is none.
  private func check(_ text: String, _ signatures: SignatureTable, at span: SourceSpan) throws {
    let program = try Parser.parse(
      SourceText(text, name: "<script>"), signatures: signatures, files: SourceFiles())
    guard
      let problem = Checker(signatures: signatures).check(program, in: Surroundings(objects: [])).first
    else { return }
    let line = problem.span.map { " (line \($0.line) of it)" } ?? ""
    throw Failure(
      .conflict, "the recipe would not run by itself: \(problem.message)\(line)",
      hint: "choose more entries, or leave out the one that says so", span: span)
  }
}
