import Base
import Commands
import Help
import Language
import Rendering
import Terminal

/// `vcsh help WORD` and `vcsh COMMAND --help`: the page that `help WORD` shows at the prompt, without a workspace.
enum ProgramHelp {
  /// Commands of the program itself, which have their own pages.
  private static let own: Set<String> = ["init", "demo", "repair", "reference", "run-jobs"]

  /// The word whose page is asked for; nil where the words ask for something else.
  static func topic(_ words: some Collection<String>) -> String? {
    let words = Array(words)
    guard words.count == 2, let first = words.first, let second = words.last else { return nil }
    if first == "help", !second.hasPrefix("-"), !own.contains(second) { return second }
    let asks = second == "--help" || second == "-h"
    return asks && !own.contains(first) && AllCommands.table[first] != nil ? first : nil
  }

  /// - Throws: `missing` where nothing has this name.
  static func show(_ name: String) throws {
    let signatures = AllCommands.table.signatures
    let pages = HelpTopic(AllCommands.table).named(name, signatures)
    guard !pages.isEmpty else {
      throw Failure(
        .missing, "there is no help on `\(name.shortened)`",
        hint: Suggestion.hint(for: name, among: HelpTopic.names(signatures)) ?? "`vcsh help help` shows how to search")
    }
    let renderer = Renderer(ProgramRun.screenOptions())
    for page in pages { try StandardStreams.write(renderer.render(.report(page))) }
  }
}
