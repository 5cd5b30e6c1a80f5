import Base
import Foundation
import GRDB

extension Workspace {
  /// Takes over objects of another workspace under their names, with all that they were made from.
  ///
  /// What is here already stays as it is. Entries keep their identity, so that `gather` finds them again.
  public func borrow(_ names: [String], from other: Workspace) throws {
    let extract = try CatalogueExtract(names, of: other)
    let store = ObjectTransfer(from: { other.objects.path(of: $0) }, to: objects)
    for version in extract.versions { for digest in version.payload.objects { try store.take(digest) } }
    try store.sync()
    try write { db in
      var known = try Self.knownEntries(in: db)
      var log: MoveLog?
      var merge = Merge(extract, into: self, suffix: "home")
      var kept = NamesOfContent()
      try merge.apply(in: db, known: &known, kept: &kept, log: &log)
    }
  }

  /// Merges other workspaces into this one by content. What was merged earlier is not merged again.
  ///
  /// First the objects and files come, then, in one transaction for each few workspaces, the rows that name them: whoever
  /// ends the process leaves a whole workspace, and the next call goes on.
  ///
  /// - Parameters:
  ///   - roots: the folders of the other workspaces, with the names that distinguish them.
  ///   - entry: the running entry.
  ///   - rewriting: see `Merge`.
  ///   - progress: called after each transaction with the number of workspaces that are done.
  /// - Throws: what is wrong with some of them, once the others are merged; at once where the system refuses, or where all
  ///   of it is interrupted.
  public func gather(
    _ roots: [(path: String, name: String)], entry: Int64,
    rewriting: @escaping (any Payload, _ version: (Int64) -> Int64?, _ entry: (Int64) -> Int64?) throws -> any Payload,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> [MergeReport] {
    var reports: [MergeReport] = []
    var damaged: [(path: String, name: String, failure: Failure)] = []
    var start = roots.startIndex
    while start < roots.endIndex {
      let end = min(start + Self.gatheredAtOnce, roots.endIndex)
      var merges: [(path: String, name: String, merge: Merge)] = []
      for (path, name) in roots[start..<end] {
        do {
          merges.append((path, name, try prepare(path, name, rewriting)))
        } catch let failure as Failure where Self.concernsOne(failure) {
          damaged.append((path, name, failure))
        }
      }
      do {
        reports += try apply(merges.map(\.merge), entry)
      } catch let failure as Failure where Self.concernsOne(failure) {
        // The one that is to blame is found by itself.
        for (path, name, merge) in merges {
          do {
            reports += try apply([merge], entry)
          } catch let failure as Failure where Self.concernsOne(failure) {
            damaged.append((path, name, failure))
          }
        }
      }
      start = end
      try progress(end)
    }
    guard let first = damaged.first else { return reports }
    let others = damaged.count > 1 ? " (and \(damaged.dropFirst().map(\.name).joined(separator: ", ")))" : ""
    throw Failure(
      first.failure.kind,
      "\(damaged.count) of \(roots.count) workspaces can't be merged: \(first.name): \(first.failure.message)\(others); the other \(reports.count) are merged",
      hint: first.failure.hint ?? "`vcsh repair \(first.path)` saves what can be read; move it away, and gather again")
  }

  /// Whether a failure tells of one of the other workspaces, so that the rest can still be merged.
  private static func concernsOne(_ failure: Failure) -> Bool {
    [.format, .missing, .mismatch, .unsupported].contains(failure.kind)
  }

  /// In one transaction.
  private func apply(_ merges: [Merge], _ entry: Int64) throws -> [MergeReport] {
    try write { db in
      var known = try Self.knownEntries(in: db)
      var kept = NamesOfContent()
      var log: MoveLog? = MoveLog(entry: entry, session: session)
      let reports = try merges.map { prepared in
        var merge = prepared
        try merge.apply(in: db, known: &known, kept: &kept, log: &log)
        return merge.report
      }
      try log?.close(in: db)
      return reports
    }
  }

  /// A transaction is synced once: many workspaces share the wait for it.
  private static let gatheredAtOnce = 50

  private func prepare(_ root: String, _ name: String, _ rewriting: @escaping Merge.Rewriting) throws -> Merge {
    let extract = try CatalogueExtract(root: root, payloads: payloads)
    let store = ObjectTransfer(from: extract.object, to: objects)
    // What is needed by a version must come; a result that is gone is only not shown.
    for version in extract.versions { for digest in version.payload.objects { try store.take(digest) } }
    for entry in extract.entries { if let digest = entry.result { try? store.take(digest) } }
    try store.sync()
    var merge = Merge(extract, into: self, suffix: name, rewriting: rewriting)
    merge.files = try bringFiles(of: extract, name)
    return merge
  }

  private static func knownEntries(in db: Database) throws -> [String: Int64] {
    var known: [String: Int64] = [:]
    let rows = try Row.fetchCursor(db, sql: "SELECT id, session, started FROM entry")
    while let row = try rows.next() {
      let session: String = try row.value("session")
      let started: Double = try row.value("started")
      known["\(session) \(started.bitPattern)"] = try row.value("id")
    }
    return known
  }

  // MARK: Files

  /// Copies the files that entries wrote into the other workspace: figures and tables. A file with the same content is kept
  /// once; one whose path is taken gets the other workspace's name.
  ///
  /// - Returns: where each file is kept, by its path there.
  private func bringFiles(of extract: CatalogueExtract, _ name: String) throws -> [String: WrittenFile] {
    var kept: [String: WrittenFile] = [:]
    for (_, file) in extract.written where Self.mayBeBrought(file.path) {
      let source = extract.root + "/" + file.path
      // What was changed by hand since, or taken away, is no result of an entry.
      guard let original = try? RegularFile(path: source), original.size == file.byteCount,
        try original.digest() == file.digest
      else { continue }
      let parts = file.path as NSString
      let stem = parts.deletingPathExtension
      let ending = parts.pathExtension.isEmpty ? "" : "." + parts.pathExtension
      for place in [file.path, "\(stem)-\(name)\(ending)"] {
        let target = root + "/" + place
        if let there = try? RegularFile(path: target) {
          guard there.size == file.byteCount, try there.digest() == file.digest else { continue }
        } else {
          try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
          try AtomicFile.write(original.contents(), to: target)
        }
        kept[file.path] = WrittenFile(path: place, byteCount: file.byteCount, digest: file.digest)
        break
      }
    }
    return kept
  }

  /// Whether a path is inside the other workspace, and no part of what a workspace keeps for itself.
  private static func mayBeBrought(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return !path.hasPrefix("/") && !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
      && !["objects", "locks", "jobs", "recipes", "reserve"].contains(parts.first.map(String.init) ?? "")
      && !path.hasPrefix(catalogueName)
  }
}

/// Takes objects from one store into another: as links where the disk is the same, else as copies.
final class ObjectTransfer {
  private let path: (String) -> String
  private let store: ObjectStore
  private var folders: Set<String> = []
  private var done: Set<String> = []

  init(from path: @escaping (String) -> String, to store: ObjectStore) { (self.path, self.store) = (path, store) }

  /// - Throws: `missing` where the object is gone, `format` where it holds other bytes.
  func take(_ digest: String) throws {
    guard done.insert(digest).inserted else { return }
    // The name of a file comes from the other catalogue.
    guard digest.count == 64, digest.allSatisfy(\.isHexDigit) else {
      throw Failure(.format, "the other catalogue names an object `\(digest.shortened)`, which is no digest")
    }
    let target = store.path(of: digest)
    if access(target, F_OK) == 0 { return store.renew(digest) }
    let source = path(digest)
    guard try RegularFile(path: source).digest() == digest else { throw ObjectStore.damaged(digest, source) }
    let folder = (target as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if link(source, target) == 0 || errno == EEXIST {
      folders.insert(folder)
    } else {
      let kept = try store.putFile { try FileManager.default.copyItem(atPath: source, toPath: $0) }
      guard kept == digest else { throw ObjectStore.damaged(digest, source) }
    }
  }

  /// Makes sure that the new names of objects last.
  func sync() throws {
    for folder in folders { try ObjectStore.sync(folder) }
    if !folders.isEmpty { try ObjectStore.sync(store.root) }
  }
}
