import Base
import Formats
import Foundation
import Language
import Rendering
import Workspace

/// Writes predictions or a table to a file for other tools.
struct Export: Command {
  static let signature = Signature("export", in: "objects", "Writes predictions or a table to a file")
    .argument("subject", .value, "Predictions or a table by name, or a value such as $scores")
    .argument("file", .path, "Where to: .npz for predictions; .csv .tsv .json .jsonl .md .html .tex for tables")
    .returns(.nothing)
    .searchTerms("write", "save", "csv", "npz", "json", "numpy", "pandas")
    .details(
      "An npz of predictions holds idx, rhat, robs, dfs (time, cell) and cid; existing files are replaced whole.")

  static let examples = [
    Example("predict twin on sim/gaborium as p --replace; export p /tmp/vcsh-example.npz", "Predictions for numpy"),
    Example(
      "let scores = eval twin on sim/gaborium; export $scores /tmp/vcsh-example.csv", "A table for a spreadsheet"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let path = try session.output(try call.string("file"))
    switch call.value("subject") {
    case .string(let name)?:
      let record = try session.lookup(name, at: call.span(of: "subject"))
      session.changes.inputs.append(.init(role: record.kind.rawValue, version: record.id, detail: name))
      if case .predictions(let payload) = record.payload, path.hasSuffix(".npz") {
        try PredictionsFile.write(try session.storedPredictions(name, record, payload), to: path)
      } else {
        try TableFile.write(
          try session.table(of: record, named: name, call: call), to: path, span: call.span(of: "file"))
      }
    case .some(let value):
      try TableFile.write(value, to: path, span: call.span(of: "file"))
    case nil:
      throw Failure(.usage, "export needs something to write", span: call.span)
    }
    try session.wrote(path)
    return .null
  }
}
