import Base
import Language
import Session
import Workspace

/// Shows what an object is.
struct ShowCommand: Command {
  static let signature = Signature(
    "show", in: "objects",
    "Shows what an object is, such as a twin's architecture, a recording's stimuli or a run's log"
  )
  .argument("name", .object(kinds: []), "Its name; or a run of an open set, by its name, its id, or a part of it")
  .flag("input", .string, "Input size TxHxW for a twin's shapes, if no open recording has it")
  .returns(.any)
  .searchTerms("describe", "info", "tree", "architecture", "summary", "print")
  .details("For a recording, `spikes` and `mean_rate_hz` count the spikes in valid bins.")

  static let examples = [
    Example("show twin", "Architecture with shapes, sessions and heads, training epoch and score"),
    Example("show sim", "Stimuli, frames, trials, spikes"),
    Example("open runs as grid; show grid/killed", "What a run of another tool left"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("name")
    if try session.workspace.lookup(name) == nil, !(try session.workspace.names(kinds: [.runs])).isEmpty {
      return .report(try RunPage.make(try session.run(meantBy: name, at: call.span(of: "name"))))
    }
    let record = try session.lookup(name, at: call.span(of: "name"))
    return try record.object.show(name, record, for: call, in: session)
  }
}
