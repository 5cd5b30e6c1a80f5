import Base
import Foundation
import Language
import Runs
import Workspace

/// One run of an open set.
package struct NamedRun {
  /// The set's name.
  package let set: String
  package let runs: RunSet
  package let run: RunSummary

  /// Its name without an end.
  package var name: String { run.run }
}

extension Session {
  /// The runs below a folder, and what `use` makes of them. Logs that have not changed since the last look are not read
  /// again; what the next look starts from is stored while `use` works.
  package func readRuns<Result>(path: String, glob: String?, _ use: (RunSet) throws -> Result) throws -> Result {
    let key = Digest.of("vcsh runs 5\n\(path)\n\(glob ?? "")")
    var known: [UInt8] = []
    if let block = try workspace.cachedBlocks(key)[0],
      let data = try? RegularFile(path: workspace.objects.path(of: block.digest)).contents()
    {
      known = Array(data)
    }
    let set = try RunSet(
      root: path, glob: glob, index: known, now: Date().timeIntervalSince1970, memory: runLogs,
      cancellation: work.cancellation)
    for remark in set.remarks { note(remark) }
    let storing = BackgroundWork { [objects = workspace.objects] in
      set.hasNewIndex ? try objects.put(Data(set.index)) : nil
    }
    let made = Swift.Result { try use(set) }
    do {
      if let digest = try storing.value() {
        changes.cached.append(
          CacheRecord(answer: key, block: 0, kind: "runs", twin: "", stimulus: path, frames: [0], digest: digest))
      }
    } catch  where Workspace.isFullDisk(error) {
      // The next look reads the logs again.
    }
    return try made.get()
  }

  /// The runs of an open set as they are now, and what `use` makes of them.
  package func runSet<Result>(
    _ name: String, _ payload: RunSetPayload, at span: SourceSpan?, _ use: (RunSet) throws -> Result
  ) throws -> Result {
    let path = workspace.absolute(path: payload.path)
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(.missing, "\(path): the folder of `\(name)` is gone", hint: "open it where it is now", span: span)
    }
    return try readRuns(path: path, glob: payload.glob, use)
  }

  package func runSet(named name: String, at span: SourceSpan?) throws -> RunSet {
    try runSet(named: name, at: span) { $0 }
  }

  package func runTable(named name: String, at span: SourceSpan?) throws -> Table {
    try runSet(named: name, at: span, table)
  }

  private func runSet<Result>(
    named name: String, at span: SourceSpan?, _ use: (RunSet) throws -> Result
  ) throws -> Result {
    let record = try lookup(name, kinds: [.runs], at: span)
    guard let payload = record.payload as? RunSetPayload else {
      throw Failure(.mismatch, "`\(name)` is not a set of runs", span: span)
    }
    changes.inputs.append(.init(role: "runs", version: record.id, detail: name))
    return try runSet(name, payload, at: span, use)
  }

  package func table(of set: RunSet) throws -> Table {
    var table = try RunsTable.table(set.runs, cancellation: work.cancellation)
    let broken = set.runs.count(where: \.isBroken)
    if broken > 0 { table.note = "\(broken) of \(set.runs.count) runs can't be read: `note` says why" }
    return table
  }

  /// The runs that a word means: a set with all its runs, `SET/RUN`, or a run of any open set.
  ///
  /// - Returns: empty where no open set has it.
  /// - Throws: `missing` for `SET/…` without such a run.
  package func runs(meantBy word: String, at span: SourceSpan?) throws -> [NamedRun] {
    let sets = try workspace.names(kinds: [.runs]).map(\.name)
    if sets.contains(word) {
      let set = try runSet(named: word, at: span)
      return set.runs.map { NamedRun(set: word, runs: set, run: $0) }
    }
    if let name = sets.first(where: { word.hasPrefix($0 + "/") }) {
      let set = try runSet(named: name, at: span)
      let found = set.runs(named: String(word.dropFirst(name.count + 1)))
      if !found.isEmpty { return found.map { NamedRun(set: name, runs: set, run: $0) } }
    }
    // A name in full goes before a part of one in another set.
    var found: [NamedRun] = []
    var best = Int.max
    for name in sets {
      let set = try runSet(named: name, at: span)
      let (rank, runs) = set.ranked(named: word)
      guard !runs.isEmpty, rank <= best else { continue }
      if rank < best { (best, found) = (rank, []) }
      found += runs.map { NamedRun(set: name, runs: set, run: $0) }
    }
    // The same folder may be open twice.
    var seen: Set<String> = []
    return found.filter { seen.insert($0.runs.root + "/" + $0.run.folder + "\n" + ($0.run.id ?? $0.run.run)).inserted }
  }

  /// The one run that a word means.
  ///
  /// - Throws: `missing` where no open set has it, `conflict` where several fit.
  package func run(meantBy word: String, at span: SourceSpan?) throws -> NamedRun {
    let found = try runs(meantBy: word, at: span)
    if let object = try workspace.lookup(word), object.kind != .runs,
      !found.contains(where: { $0.name.components(separatedBy: "/").contains(word) || $0.run.id == word })
    {
      throw Failure(
        .mismatch, "`\(word.shortened)` is a \(object.kind.rawValue) of this workspace, not a run of an open set",
        hint: object.kind == .twin
          ? "`curves \(word)` shows its training, `check \(word)` what is wrong with it"
          : "`runs` lists the runs of a set",
        span: span)
    }
    if found.count == 1 { return found[0] }
    guard found.isEmpty else {
      let names = found.map { "\($0.set)/\($0.name)" }
      throw Failure(
        .conflict,
        "`\(word.shortened)` fits \(found.count) runs: \(names.prefix(4).map(\.shortened).joined(separator: ", "))\(found.count > 4 ? ", …" : "")",
        hint: Set(names).count == names.count
          ? "name one of them in full, such as `\(names[0])`" : "name one of them by its id or its folder", span: span)
    }
    let sets = try workspace.names(kinds: [.runs]).map(\.name)
    let meant = sets.first { word.hasPrefix($0 + "/") }
    let known = try (meant.map { [$0] } ?? sets).flatMap { try runSet(named: $0, at: span).runs.map(\.run) }
    throw Failure(
      .missing, "no run named `\(word.shortened)`",
      hint: fileHint(word) ?? Suggestion.hint(for: word, among: known)
        ?? (sets.isEmpty
          ? "`open FOLDER as logs` opens the runs below a folder" : "`runs \(meant ?? sets[0])` lists its runs"),
      span: span)
  }
}
