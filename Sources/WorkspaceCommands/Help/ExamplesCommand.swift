import Base
import Help
import Language
import Session

/// Shows a command's examples and their output.
struct ExamplesCommand: Command {
  static let signature = Signature("examples", in: "shell", "Shows a command's examples and their output")
    .effect(.session(.shows))
    .argument("command", .word("command"), "The command")
    .returns(.report)
    .searchTerms("example", "demo", "output", "show", "how to")
    .details(
      """
      The output is stored with vcsh; nothing runs. It comes from the demo's data, where `twin`, `sim` and `nova` are open. \
      Times are not real. Long output is cut.
      """)

  static let examples = [Example("examples head", "How `head` is used")]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("command")
    guard let command = session.commands[name] else {
      throw Failure(
        .missing, "there is no command `\(name.shortened)`",
        hint: Suggestion.hint(for: name, among: session.commands.signatures.names) ?? "`help` lists them",
        span: call.span(of: "command"))
    }
    guard !command.examples.isEmpty else { return .report(Report("\(name) has no examples", [])) }
    let snapshot = try ExampleSnapshot.installed(for: name)
    if snapshot == nil {
      session.note("what the examples print is not installed beside this program (\(ExampleSnapshot.folder))")
    }
    let sections = command.examples.map { example in
      let output = snapshot?.output(of: example.command) ?? ""
      return Report.Section(
        example.note, .lines(["> " + example.command] + (output.isEmpty ? [] : output.components(separatedBy: "\n"))))
    }
    return .report(Report("examples of \(name)", sections))
  }
}
