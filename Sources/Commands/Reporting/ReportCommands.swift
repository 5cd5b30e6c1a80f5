import Analysis
import Language
import Session

/// The command lines that reproduce a report's numbers.
struct ReportCommands {
  var twin: String
  var recording: String
  var head: String?
  var withoutBehavior: Bool
  var trained: String?
  var fields: String?

  private var options: String {
    (head.map { " --head \(RecipeText.word($0))" } ?? "") + (withoutBehavior ? " --no-behavior" : "")
  }

  /// `NAME twin on sim/gaborium --split all`
  func on(_ part: GeneralizationPart, _ name: String) -> String {
    "\(name) \(twin) on \(stimulus(part.stimulus)) --split \(part.split.rawValue)" + options
  }

  func stimulus(_ name: String) -> String { RecipeText.word("\(recording)/\(name)") }

  func generalization(_ metric: String) -> String {
    "generalization \(twin) on \(recording) --metric \(metric)"
      + (trained.map { " --trained \(RecipeText.word($0))" } ?? "") + options
  }

  func gain(_ part: GeneralizationPart) -> String {
    "gain \(twin) on \(recording) --split \(part.split.rawValue)\(options) | where stimulus == \(Printer.quoted(part.stimulus))"
  }

  func fields(on name: String) -> String { "sta \(twin) on \(stimulus(name))" + options }

  func field(_ cid: Int, on name: String) -> String { "rf \(twin) \(cid) on \(stimulus(name))" + options }

  func why(_ cid: Int, on name: String) -> String { "why \(twin) \(cid) on \(stimulus(name))" + options }

  func neuron(_ cid: Int, on name: String) -> String { "neuron \(twin) \(cid) on \(stimulus(name))" + options }

  var report: String {
    "report \(twin) on \(recording)" + (fields.map { " --fields \(RecipeText.word($0))" } ?? "")
      + (trained.map { " --trained \(RecipeText.word($0))" } ?? "") + options
  }
}
