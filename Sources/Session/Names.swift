import Base
import Foundation
import Language
import Workspace

extension Session {
  /// What `name` points to; a wrong name gets the one that was probably meant.
  package func lookup(_ name: String, kinds: Set<KindName> = [], at span: SourceSpan? = nil) throws -> VersionRecord {
    guard let version = try workspace.lookup(name) else {
      let names = try workspace.names(kinds: kinds.isEmpty ? nil : kinds).map(\.name)
      let what = kinds.count == 1 ? kinds.first?.rawValue ?? "object" : "object"
      throw Failure(
        .missing, "no \(what) named `\(name.shortened)`",
        hint: interpreter.variables[name].map { _ in MistakenWord.hint(forVariable: name) }
          ?? fileHint(name) ?? Suggestion.hint(for: name, among: names)
          ?? (names.isEmpty
            ? "`open PATH as \(Self.isName(name) ? name : "NAME")` makes one" : "`ls` lists what there is"),
        span: span)
    }
    guard kinds.isEmpty || kinds.contains(version.kind) else {
      throw Failure(
        .mismatch,
        KindPhrase.mismatch(name, is: version.kind.rawValue, not: kinds.map(\.rawValue).sorted()),
        span: span)
    }
    return version
  }

  /// Refuses a name that is taken, or that could not be typed.
  package func checkNew(_ name: String, replacing: Bool, at span: SourceSpan? = nil) throws {
    guard Self.isName(name) else {
      throw Failure(
        .usage, "`\(name.shortened)` can't be a name",
        hint: "names begin with a letter and hold letters, digits, `-`, `_` and `.`",
        span: span)
    }
    if !replacing, !replacesNames, let taken = try workspace.lookup(name) {
      throw Failure(
        .conflict, "the name `\(name)` is taken by a \(taken.kind.rawValue)",
        hint: "choose another name with `as NAME`, or add --replace", span: span)
    }
  }

  /// How to open a file that stands where the name of an object belongs; nil where there is no such file.
  package func fileHint(_ word: String) -> String? {
    guard word.contains(".") || word.contains("/"), FileManager.default.fileExists(atPath: absolute(word)) else {
      return nil
    }
    let file = word.lastComponent
    let name = Self.name(from: file.prefix { $0 != "." }.isEmpty ? file : String(file.prefix { $0 != "." }))
    return "it is a file: `open \(word) as \(name)` makes an object of it"
  }

  /// Whether something could be given this name and called by it.
  private static func isName(_ name: String) -> Bool {
    guard let first = name.first, first.isLetter || first == "_" else { return false }
    return name.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) }
  }

  /// A name made from a file's, without what a name can't hold.
  package static func name(from file: String) -> String {
    let kept = file.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" }
    let name = String(kept)
    return name.first.map { $0.isLetter || $0 == "_" } == true ? name : "_" + name
  }

  /// Refuses the name given with `as`, before any work is done.
  package func checkName(of call: Call) throws {
    guard let name = try call.optionalString("name") else { return }
    try checkNew(name, replacing: call.isSet("replace"), at: call.span(of: "name"))
  }

  /// Keeps a result table under the name given with `as`, if one was given.
  package func keep(_ table: Table, for call: Call, parent: Int64? = nil) throws {
    guard let name = try call.optionalString("name") else { return }
    let digest = try workspace.objects.put(ValueCodec.encode(.table(table)))
    changes.versions.append(
      .init(
        TablePayload(rows: table.rowCount, columns: table.names, object: digest), name: name, parent: parent,
        replacing: call.replacing))
  }

  /// Keeps a cache record at once: work that is done stays done, whatever becomes of the command.
  func remember(_ record: CacheRecord) throws {
    var changes = Changes()
    changes.cached.append(record)
    try workspace.commit(changes, entry: entry)
  }
}

extension Call {
  /// What the name given with `as` may stand for already: anything with `--replace`.
  package var replacing: Changes.NewVersion.Replacing { isSet("replace") ? .anything : .nothing }
}
