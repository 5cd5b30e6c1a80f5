import Base
import Language
import Rendering
import Session

/// Sets the form in which results are written.
struct ModeCommand: Command {
  static let signature = Signature(
    "mode", in: "shell", "Sets the form in which results are written, or lists the modes"
  )
  .effect(.session(.shows))
  .argument("name", .choice(AllOutputModes.names), "The mode; without it, mode lists all modes", optional: true)
  .returns(.any)
  .returns(columns.signatures, when: .missing("name"))
  .searchTerms("output", "format", "csv", "json", "latex", "html", "markdown", "width")
  .details(
    """
    Modes for reading (table, line, markdown, html, latex) round numbers and show units. Data modes (csv, tsv, json, jsonl) \
    keep every digit. An undefined value is `-` in modes for reading, empty in csv and tsv, and null in json. With --json, \
    every entry is one JSON object in every mode. `save FILE` writes one result in the mode of the file's ending.
    """)

  static let examples = [
    Example("mode", "All modes"),
    Example("mode line; eval twin on sim/gaborium | head 2; mode table", "Wide rows, with each column on its own line"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if let name = try call.optionalString("name") {
      session.outputMode = try OutputMode.named(name)
      return .null
    }
    return .table(Self.columns.table(AllOutputModes.all))
  }

  static let columns = TableShape<OutputMode>([
    .string("mode", "Its name") { $0.name },
    .string("files", "Ending of files that `save` writes in this mode") { $0.fileEndings.first.map { "." + $0 } },
    .string("what", "What results look like") { $0.summary },
  ])
}
