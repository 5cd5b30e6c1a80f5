import Base
import Foundation
import Language
import Rendering
import Session
import Workspace

/// Writes a twin, predictions, a table or the session to a file for other tools and people.
struct ExportCommand: Command {
  static let signature = Signature(
    "export", in: "objects", "Writes a twin, predictions, a table or the session to a file"
  )
  .effect(.changes)
  .argument("subject", .value, "A twin, predictions or a table by name, a value such as $scores, or `session`")
  .argument(
    "file", .path,
    "The file to write: .ckpt or .safetensors for a twin; .npz for predictions; .csv .tsv .json .jsonl .md .html .tex for tables; .html .md .ipynb for the session"
  )
  .flag("entries", .word("entries"), "Of the session, only these: 12-20 or 12,15-18")
  .flag("session", .word("session"), "Another session: `last`, or the beginning of its id")
  .returns(.nothing)
  .writes("file")
  .searchTerms(
    "write", "save", "csv", "npz", "json", "numpy", "pandas", "document", "report", "notebook", "jupyter", "html",
    "share"
  )
  .details(
    """
    An npz of predictions holds idx, rhat, robs, dfs (time, cell) and cid; existing files are replaced whole, but a file that \
    an object is read from is not. \
    A twin's .safetensors holds every tensor under its name in the checkpoint, and configuration, sessions and cids in the \
    metadata: `open` reads it back. Beside FILE.safetensors vcsh writes FILE_model.yaml, the model's configuration as VisionCore \
    reads it: `open WEIGHTS --model FILE_model.yaml` and `new FILE_model.yaml` take it. \
    A .ckpt is a Lightning checkpoint for VisionCore: the keys, order, element types and hyper-parameters of the checkpoint that \
    the twin came from, with the tensors as they are now, new heads in their place, and the twin's origin under `vcsh_lineage`. \
    Beside FILE.ckpt vcsh writes FILE.yaml and FILE_sessions/ with the sessions and \
    their cids. A YAML of yours in the place of one of these is not replaced. `torch.load(FILE, weights_only=True)` reads it. \
    `export session` tells what was done, from what is stored; nothing runs. The page is one file with figures and tables that \
    sort; the notebook has the outputs in it. Without --entries vcsh exports this session; `vcsh -c 'export session x.html'` exports the one \
    before; `sql "SELECT shell, min(entry), max(entry) FROM entries GROUP BY shell"` lists them.
    """)

  static let examples = [
    Example("export twin /tmp/vcsh-example.safetensors", "A twin's tensors and configuration for PyTorch"),
    Example("predict twin on sim/gaborium as p --replace; export p /tmp/vcsh-example.npz", "Predictions for numpy"),
    Example(
      "let scores = eval twin on sim/gaborium; export $scores /tmp/vcsh-example.csv", "A table for a spreadsheet"),
    Example(
      "eval twin on sim/gaborium; export session /tmp/vcsh-example.html", "What was done, to mail to a colleague"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if call.value("subject") == .string("session"), try session.workspace.lookup("session") == nil {
      return try exportSession(call, in: session)
    }
    if let name = ["entries", "session"].first(where: call.isGiven) {
      throw Failure(
        .usage, "--\(name) is for `export session`", hint: "leave it out", span: call.span(of: name))
    }
    let given = try call.string("file")
    let path = try session.output(given)
    try ResultFile.check(path, given: given, at: call.span(of: "file"))
    switch call.value("subject") {
    case .string(let name)?:
      let record = try session.lookup(name, at: call.span(of: "subject"))
      session.changes.inputs.append(.init(role: record.kind.rawValue, version: record.id, detail: name))
      try session.checkOverwriting(path, by: name, at: call.span(of: "file"))
      try record.object.export(name, record, to: path, for: call, in: session)
    case .some(let value):
      try session.checkOverwriting(path, by: nil, at: call.span(of: "file"))
      try TableFile.write(value, to: path, span: call.span(of: "file"))
    case nil:
      throw Failure(.usage, "export needs something to write", span: call.span)
    }
    try session.wrote(path)
    return .null
  }

  private func exportSession(_ call: Call, in session: Session) throws -> Value {
    let given = try call.string("file")
    let ending = (given as NSString).pathExtension.lowercased()
    guard ["html", "md", "ipynb"].contains(ending) else {
      throw Failure(
        .usage, "`\(given.shortened)`: a session can't be written in this format", hint: "use .html .md .ipynb",
        span: call.span(of: "file"))
    }
    let entries = try session.chosenEntries(call, "entries")
    let document = try StoredSession(session: session).document(of: entries)
    guard !document.entries.isEmpty else {
      throw Failure(.missing, "there is no entry to export", hint: "`history` lists what there is", span: call.span)
    }
    let text =
      switch ending {
      case "html": SessionPage.render(document)
      case "md": SessionMarkdown.render(document)
      default: try SessionNotebook.render(document)
      }
    let path = try session.output(given)
    try TableFile.write(text: text, to: path, span: call.span(of: "file"))
    try session.wrote(path)
    return .null
  }
}
