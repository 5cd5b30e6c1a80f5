import Base
import Formats
import Language
import Workspace

/// A kind of object: all that is particular to it stands in the file that declares the conformance.
///
/// A new kind is one new file (its payload, and what is asked for here) and one line in `AllKinds`.
package protocol ObjectKind: Payload {
  /// Whether objects of this kind get names, so that `ls KIND` can list them.
  static var isNamed: Bool { get }
  /// Whether `export` writes it to a file.
  static var isExported: Bool { get }

  /// The flags of `open` that mean something for a file of this kind.
  static var openFlags: [String] { get }

  /// What `open` makes of a file; nil where the file holds no object of this kind.
  ///
  /// - Throws: what is wrong with a file that is of this kind.
  static func open(_ file: CandidateFile, for request: OpenRequest) throws -> OpenAnswer?
  /// Whether opening this under a name that stands for `existing` changes nothing.
  func isSame(as existing: Self) -> Bool
  /// What `open` shows of it, besides name and kind.
  var opened: Record { get }

  /// How many cells it has; nil where it has none, or does not know them.
  var cellCount: Int? { get }
  /// The ids of its cells, where they are known.
  var cids: [Int] { get }
  /// What `ls` says of it in a line.
  var line: String { get }
  /// What it is called in a lineage where no name points to it.
  var nameless: String { get }
  /// What `undo` and `restore` call it where it is in force without a name.
  var inForce: String { get }

  /// What `show NAME` answers.
  func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value
  /// The value that it holds; nil for what holds arrays.
  func value(in workspace: Workspace) throws -> Value?
  /// Writes it to the file of `export`.
  func export(_ name: String, _ record: VersionRecord, to path: String, for call: Call, in session: Session) throws

  /// How it differs from `earlier`, which a replayed command made before, in words; nil where it does not.
  func difference(from earlier: Self, by comparison: ObjectComparison) throws -> String?
}

extension ObjectKind {
  package static var isNamed: Bool { true }
  package static var isExported: Bool { false }
  package static var openFlags: [String] { [] }
  package static func open(_ file: CandidateFile, for request: OpenRequest) throws -> OpenAnswer? { nil }
  package func isSame(as existing: Self) -> Bool { self == existing }
  package var cids: [Int] { [] }
  package var nameless: String { "(unnamed)" }
  package var inForce: String { "" }
  package func value(in workspace: Workspace) throws -> Value? { nil }

  package func export(
    _ name: String, _ record: VersionRecord, to path: String, for call: Call, in session: Session
  ) throws {
    guard let value = try value(in: session.workspace) else {
      throw Failure(
        .mismatch,
        "`\(name)` is \(KindPhrase.one(kind.rawValue)): only twins, predictions and tables are written to files",
        span: call.span(of: "subject"))
    }
    try TableFile.write(value, to: path, span: call.span(of: "file"))
  }

  package func difference(from earlier: Self, by comparison: ObjectComparison) throws -> String? {
    "a \(kind.rawValue) then, another \(kind.rawValue) now"
  }
}

extension VersionRecord {
  /// What the version holds, with all that vcsh knows of its kind.
  package var object: any ObjectKind {
    get throws {
      guard let object = payload as? any ObjectKind else {
        throw Failure(.unsupported, "vcsh does not know the kind of object `\(kind.rawValue)`")
      }
      return object
    }
  }
}
