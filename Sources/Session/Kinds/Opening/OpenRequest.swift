import Base
import Formats
import Foundation
import Language
import Workspace

/// What a kind of object makes of a file.
package enum OpenAnswer {
  /// One object, and the name that it gets where the user gives none.
  case object(any ObjectKind, name: String)
  /// Several objects, which the kind has kept under their names, told in a table.
  case table(Table)
}

/// What `open` is asked for: the file and the flags, and the session that keeps what is found.
package struct OpenRequest {
  package let session: Session
  package let call: Call
  /// The path as the user typed it.
  package let given: String
  package let path: String
  /// Taken before the file is read: tells later whether it has changed.
  let stamp: FileStamp
  /// `--config`
  let configuration: String?
  /// `--model`: the file with the model's configuration
  let modelFile: String?
  /// `--weights` and `--prefix`
  let selection: WeightSelection
  /// `--rate`, `--cells`: what stands for a recording's own
  let rate: Double?
  let cells: [Int]?
  /// `--data`
  package let data: String?
  package let yaml = YAMLFiles()

  package init(_ call: Call, in session: Session) throws {
    self.session = session
    self.call = call
    given = try call.string("path")
    path = session.absolute(given)
    stamp = FileStamp(path)
    configuration = try call.optionalString("config").map(session.absolute)
    modelFile = try call.optionalString("model").map(session.absolute)
    selection = WeightSelection(set: try call.optionalString("weights"), prefix: try call.optionalString("prefix"))
    rate = try call.optionalFloat("rate")
    if let rate, !(1e-3...1e6).contains(rate) {
      throw Failure(.usage, "--rate: \(rate) is not a rate in Hz", span: call.span(of: "rate"))
    }
    cells = try call.optionalString("cells").map { text in
      guard let ids = [Int](idRanges: text), Set(ids).count == ids.count else {
        throw Failure(
          .usage, "--cells: `\(text.shortened)` is not a list of different ids", hint: "e.g. --cells \"0-4, 7, 9\"",
          span: call.span(of: "cells"))
      }
      return ids
    }
    data = try call.optionalString("data").map(session.absolute)
  }

  /// A file that the command itself found. Of the flags of `open` only `--config` and `--model` may be given.
  package init(_ path: String, _ call: Call, in session: Session) throws {
    self.session = session
    self.call = call
    (given, self.path) = (path, path)
    stamp = FileStamp(path)
    configuration = try call.optionalString("config").map(session.absolute)
    modelFile = try call.optionalString("model").map(session.absolute)
    selection = WeightSelection()
    (rate, cells, data) = (nil, nil, nil)
  }

  /// The file's name without its ending.
  var stem: String { ((path as NSString).lastPathComponent as NSString).deletingPathExtension }

  /// The name that the user gave, else one made from `other`.
  package func name(or other: String) throws -> String {
    try call.optionalString("name") ?? Session.name(from: other)
  }

  /// Keeps an object under a name.
  ///
  /// - Parameter argument: the span that the error points to if the name is taken.
  /// - Returns: false where the name stands for the same already.
  /// - Throws: `conflict` for a name that stands for another object, `usage` for one that can't be typed.
  @discardableResult
  package func keep<Kind: ObjectKind>(_ object: Kind, as name: String, at argument: String = "name") throws -> Bool {
    if let existing = try session.workspace.lookup(name)?.payload as? Kind, object.isSame(as: existing) { return false }
    try session.checkNew(name, replacing: call.isSet("replace"), at: call.span(of: argument))
    session.changes.versions.append(.init(object, name: name, replacing: call.replacing))
    return true
  }
}
