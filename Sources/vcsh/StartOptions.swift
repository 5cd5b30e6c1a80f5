/// What `vcsh` was started with, when it is none of its other commands.
struct StartOptions {
  var workspaces: [String] = []
  var files: [String] = []
  var commands: [String] = []
  var json = false
  var csv = false
  var markdown = false
  var outputs: [String] = []
  var check = false
  var dryRun = false
  var serve = false
  var recipeHelp = false
  /// The recipe's parameters.
  var parameters: [String] = []

  var workspace: String? { workspaces.first }
  var file: String? { files.first }
  var output: String? { outputs.first }
  var command: String? { commands.isEmpty ? nil : commands.joined(separator: "\n") }

  init() {}

  /// `[-w DIR] [-c COMMANDS | -f FILE] [--json]`, read without the parser of arguments, which takes a tenth of the time of such a
  /// start. Nil for everything else, be it right or wrong.
  init?(usual words: some Sequence<String>) {
    var rest = words.makeIterator()
    func value() -> String? { rest.next().flatMap { $0.isEmpty || $0.hasPrefix("-") ? nil : $0 } }
    while let word = rest.next() {
      switch word {
      case "-w", "-c", "-f":
        guard let value = value() else { return nil }
        switch word {
        case "-w": workspaces.append(value)
        case "-c": commands.append(value)
        default: files.append(value)
        }
      case "--json": json = true
      default: return nil
      }
    }
    guard files.isEmpty || commands.isEmpty else { return nil }
  }
}
