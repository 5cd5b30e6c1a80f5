import Base
import Functions
import Language
import Metrics
import Session

/// What `help NAME` shows, by name: commands, functions, words of the language, metrics.
package struct HelpTopic {
  package let commands: CommandTable

  package init(_ commands: CommandTable) { self.commands = commands }

  /// Every name that help knows.
  package static func names(_ signatures: SignatureTable) -> [String] {
    var seen: Set<String> = []
    let names =
      signatures.names + FunctionTable.names + LanguageWord.all.map(\.name) + AllMetrics.types.map { $0.name }
    return names.filter { seen.insert($0).inserted }
  }

  /// All pages under a name; none where nothing has it.
  package func named(_ name: String, _ signatures: SignatureTable) -> [Report] {
    var pages: [Report] = []
    if let signature = signatures[name] {
      pages.append(CommandHelp(commands).report(signature, examples: commands[name]?.examples ?? []))
    }
    if let function = FunctionTable.all.first(where: { $0.name == name }) { pages.append(Self.page(function)) }
    if let word = LanguageWord.named(name) { pages.append(Self.page(word)) }
    if let metric = AllMetrics.named(name) { pages.append(MetricPage.report(metric, commands: commands)) }
    return pages
  }

  private static func page(_ function: Function) -> Report {
    let scope =
      function.takesColumns
      ? "Takes a list, or after `where` and `summarize` the values of a column in all rows."
      : "Takes values; after `where` and its like, those of the row."
    let near = FunctionTable.neighbours(of: function.name)
    return Report(
      "\(function.name): \(function.summary)",
      [
        .init("usage", .lines([function.usage])),
        .init("details", .lines(CommandHelp.wrap(scope, width: CommandHelp.width))),
        .init("see also", .lines(CommandHelp.wrap(near.joined(separator: " "), width: CommandHelp.width))),
      ])
  }

  private static func page(_ word: LanguageWord) -> Report {
    var sections = [Report.Section("usage", .lines(word.usage))]
    if !word.detail.isEmpty {
      sections.append(.init("details", .lines(CommandHelp.wrap(word.detail, width: CommandHelp.width))))
    }
    if !word.examples.isEmpty {
      sections.append(
        .init("examples", .lines(word.examples.flatMap { $0.split(separator: "\n").map(String.init) })))
    }
    return Report("\(word.name): \(word.summary)", sections)
  }
}
