import Base
import Language
import Session

/// Writes what comes through the pipe to a file and hands it on.
struct SaveCommand: Command {
  static let signature = Signature(
    "save", in: "tables", "Writes the piped table to a file, and passes it to the next command"
  )
  .effect(.changes)
  .argument("file", .path, ".csv, .tsv, .json, .jsonl, .npz, .md, .html or .tex")
  .takes(.any)
  .returns(.input)
  .writes("file")
  .searchTerms("export", "write", "csv", "tee", "latex", "html")

  static let examples = [
    Example("eval twin on sim/gaborium | where bits_per_spike < 0 | save /tmp/vcsh-example.csv", "Keep the bad cells"),
    Example("eval twin on sim/gaborium | select cid r nll | save /tmp/vcsh-example.tex", "A table for a paper"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    guard let input = call.input else {
      throw Failure(.usage, "save needs something from the pipe", hint: "write `… | save FILE`", span: call.span)
    }
    let given = try call.string("file")
    let path = try session.output(given)
    try ResultFile.checkEnding(path, given: given, at: call.span(of: "file"))
    try ResultFile.write(input, to: path, at: call.span(of: "file"))
    try session.wrote(path)
    return input
  }
}
