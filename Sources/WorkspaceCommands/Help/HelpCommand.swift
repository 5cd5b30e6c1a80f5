import Base
import Functions
import Help
import Language
import Metrics
import Session

/// Tells what commands there are, and what a command, function, word or metric is for.
struct HelpCommand: Command {
  static let signature = Signature(
    "help", in: "shell",
    "Lists all commands, or explains one command, function, word, metric, object, variable or recipe"
  )
  .effect(.session(.shows))
  .argument(
    "topic", .word("topic"), "A command, function, word, metric, object, $variable or a recipe's file", optional: true
  )
  .flag("search", .string, "Search for these words")
  .returns(.report)
  .searchTerms("usage", "manual", "man", "commands", "?")
  .details(
    """
    `NAME?` and `NAME --help` are the same as `help NAME`, and `?` as `help`. `help --search` looks at names first, then at search terms, summaries and details, of commands, functions, words of \
    the language and metrics. `examples COMMAND` shows what its examples give, `explain METRIC` how a number is made.
    """)

  static let examples = [
    Example("help calibrate", "One command: usage, arguments, columns, examples"),
    Example("help quantile", "A function for expressions"),
    Example("help let", "A word of the language"),
    Example("help --search \"gain offset\"", "Find something by words"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if let words = try call.optionalString("search") {
      guard let found = HelpSearch(session.interpreter.signatures, commands: session.commands).report(words) else {
        throw Failure(
          .missing, "no match for `\(words)`", hint: "`help` lists everything", span: call.span(of: "search"))
      }
      return .report(found)
    }
    guard let name = try call.optionalString("topic") else { return .report(overview(session.commands)) }
    let signatures = session.interpreter.signatures
    let pages = HelpTopic(session.commands).named(name, signatures)
    guard let first = pages.first else {
      // A name that is not a word of vcsh may be one of the user's.
      let own = ObjectPage(session)
      if let found = name.hasPrefix("$") ? own.variable(name) : own.object(name) ?? own.variable(name) {
        return .report(found.report)
      }
      do {
        if let page = try RecipePage.report(name, in: session) { return .report(page) }
      } catch let failure as Failure {
        throw failure.located(at: call.span(of: "topic"))
      }
      throw Failure(
        .missing, "there is no help on `\(name.shortened)`",
        hint: Suggestion.hint(
          for: name,
          among: HelpTopic.names(signatures).filter { signatures[$0]?.isDestructive != true } + known(session))
          ?? "`help --search \(name.shortened)` looks into all texts", span: call.span(of: "topic"))
    }
    // A name that is both a command and a function gets the help of both.
    return .report(
      Report(
        first.title,
        first.sections
          + pages.dropFirst().flatMap { page in
            [Report.Section("also", .lines([page.title]))] + page.sections
          }))
  }

  /// The names of objects and variables.
  private func known(_ session: Session) -> [String] {
    ((try? session.workspace.objectNames(kinds: nil)) ?? []) + session.interpreter.variables.keys.map { "$" + $0 }
  }

  private func overview(_ commands: CommandTable) -> Report {
    var sections = commands.categories.map { category in
      Report.Section(
        category,
        .fields(
          Record(
            commands.all.filter { $0.signature.category == category }.map {
              ($0.signature.name, .string($0.signature.summary))
            })))
    }
    sections.append(
      .init("functions", .lines(CommandHelp.wrap(FunctionTable.names.joined(separator: " "), width: 96))))
    sections.append(
      .init(
        "language",
        .lines([
          "let NAME = …   param NAME: type = default \"help\"   assert CONDITION \"message\"   if … { } else { }   for x in … { }",
          "def NAME(a, b = 3) { … }   source FILE   units: rate_hz > 5 Hz   regular expressions: name =~ '^Sim'",
          "pipes: eval twin on sim/gaborium | where bits_per_spike < 0.1 | sort rate_hz | head 10",
          "$_ is the last result. `help TOPIC` describes a topic, `explain METRIC` a number; `help --search WORDS` searches",
        ])))
    return Report("commands", sections)
  }
}
