import Base
import Foundation
import Language
import Session
import Workspace

/// Writes the entries from now on to a recipe.
struct RecordCommand: Command {
  static let signature = Signature(
    "record", in: "workspace", "Writes every entry that succeeds from now on to a recipe, until `record --stop`"
  )
  .effect(.session(.manages))
  .argument("file", .path, "The recipe to write; without it, record says which recipe is being written", optional: true)
  .flag("stop", "Finish the recipe")
  .flag("replace", "Overwrite an existing file")
  .writes("file")
  .returns(.value)
  .returnsMessage()
  .searchTerms("recipe", "macro", "log", "session", "script", "save")
  .details(
    """
    The file is complete after every entry, even if the session crashes. Entries that fail, are undone or only look are left \
    out. Values stay as you typed them; `script` turns them into parameters.
    """)

  static let examples = [
    Example(
      "record /tmp/vcsh-example-record.vc --replace; eval twin on sim/gaborium | head 3; record --stop", "A recipe")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    if call.isSet("stop") {
      guard let recording = session.recording else {
        throw Failure(
          .usage, "no recording is running", hint: "`record FILE.vc` starts one", span: call.span(of: "stop"))
      }
      if call.isGiven("file") {
        throw Failure(
          .usage, "record --stop takes no file", hint: "the recipe is \(recording.path)", span: call.span(of: "file"))
      }
      try recording.write(session)
      session.recording = nil
      try session.wrote(recording.path)
      return .null
    }
    guard let file = try call.optionalString("file") else {
      return .string(session.recording.map { "recording to \($0.path)" } ?? "no recording is running")
    }
    if let recording = session.recording {
      throw Failure(
        .conflict, "\(recording.path) is being recorded", hint: "`record --stop` ends it", span: call.span(of: "file"))
    }
    let path = try session.output(file)
    try ResultFile.check(path, given: file, at: call.span(of: "file"))
    guard call.isSet("replace") || !FileManager.default.fileExists(atPath: path) else {
      throw Failure(
        .conflict, "\(file.shortened) is there already", hint: "choose another name, or add --replace",
        span: call.span(of: "file"))
    }
    let recorder = Recorder(path: path, after: session.entry)
    try recorder.write(in: session)
    session.recording = Session.Recording(path: path, write: recorder.write)
    session.note("recording to \(path); `record --stop` ends it")
    return .null
  }
}
