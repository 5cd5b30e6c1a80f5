import Base
import Language
import Rendering
import Session

/// Changes how results are written from here on.
struct ModeCommand: Command {
  static let signature = Signature("mode", in: "shell", "Sets how results are written from here on, or lists the ways")
    .effect(.session(.shows))
    .argument("name", .choice(AllOutputModes.names), "The mode", optional: true)
    .returns(.any)
    .searchTerms("output", "format", "csv", "json", "latex", "html", "markdown", "width")
    .details(
      """
      Modes for reading (table, line, markdown, html, latex) round numbers and give units; data modes (csv, tsv, json, \
      jsonl) keep every digit. An undefined value is `-` for readers, empty in csv and tsv, null in json. With --json \
      every entry stays one JSON object, whatever the mode. `save FILE` writes one result by its file's ending.
      """)

  static let examples = [
    Example("mode", "The ways there are"),
    Example("mode line; eval twin on sim/gaborium | head 2; mode table", "Wide rows, one column a line"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if let name = try call.optionalString("name") {
      session.outputMode = try OutputMode.named(name)
      return .null
    }
    return .table(
      Table([
        Column("mode", AllOutputModes.names),
        Column("files", AllOutputModes.all.map { $0.fileEndings.first.map { "." + $0 } }),
        Column("what", AllOutputModes.all.map(\.summary)),
      ]))
  }
}
