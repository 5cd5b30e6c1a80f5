import Base
import Foundation
import Grids
import Jobs
import Language
import Session
import Workspace

/// What `submit` was asked for, checked, and handed over.
struct SubmitRequest {
  private let call: Call
  private let session: Session
  private let name: String
  private let engine: Batch.Engine
  private let grid: (name: String, grid: Grid)?
  private let template: CommandTemplate?
  private let recipe: JobRecipe?
  private let start: String

  init(_ call: Call, in session: Session) throws {
    (self.call, self.session) = (call, session)
    start = session.folder ?? FileManager.default.currentDirectoryPath
    engine = Batch.Engine(rawValue: try call.string("engine")) ?? .local
    var words = call.strings("what")
    let grids = try session.workspace.names(kinds: [.grid]).map(\.name)
    if let first = words.first, grids.contains(first) {
      grid = (first, try session.grid(named: first, at: call.span(of: "what")).grid)
      words.removeFirst()
    } else {
      grid = nil
    }
    recipe = try call.optionalString("file").map { try JobRecipe($0, call, in: session) }
    guard words.count <= 1, (words.count == 1) != (recipe != nil) else {
      let message =
        words.isEmpty && recipe == nil
        ? "submit needs what its jobs run"
        : recipe != nil ? "submit takes a recipe or a command line, not both" : "`\(words[0].shortened)` is no grid"
      throw Failure(
        .usage, message,
        hint: words.count > 1 ? "put the command line into quotes" : "submit GRID 'COMMAND {run}', or --file RECIPE.vc",
        span: call.span(of: "what"))
    }
    do {
      template = try words.first.map { try CommandTemplate($0) }
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "what"))
    }
    if grid != nil, call.isGiven("over") {
      throw Failure(.usage, "the jobs are the grid's runs: --over has no place beside it", span: call.span(of: "over"))
    }
    try Self.checkFlags(call, engine)
    name = try Self.name(call, grid?.name ?? recipe?.stem ?? template?.stem ?? "jobs", session)
  }

  private static func checkFlags(_ call: Call, _ engine: Batch.Engine) throws {
    let idle = engine == .local ? ["partition", "time", "gpus", "cpus", "mem", "array-limit"] : ["jobs"]
    if let flag = idle.first(where: call.isGiven) {
      throw Failure(
        .usage, "--\(flag) does nothing with --engine \(engine.rawValue)",
        hint: engine == .local ? "--engine slurm, or leave it out" : "--array-limit limits how many run at once",
        span: call.span(of: flag))
    }
    if let slots = try call.optionalInt("jobs"), !(1...1000).contains(slots) {
      throw Failure(.usage, "--jobs takes 1 to 1000", span: call.span(of: "jobs"))
    }
  }

  /// The batch's name: given, or made from what it runs.
  private static func name(_ call: Call, _ stem: String, _ session: Session) throws -> String {
    let folder = session.batchFolder
    func isTaken(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }
    if let given = try call.optionalString("batch") {
      guard given.first?.isLetter == true,
        given.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
      else {
        throw Failure(
          .usage, "`\(given.shortened)` can't be the name of a batch",
          hint: "names begin with a letter and hold letters, digits, `-`, `_` and `.`", span: call.span(of: "batch"))
      }
      guard !isTaken(given) else {
        throw Failure(
          .conflict, "there is a batch `\(given)` already",
          hint: "choose another name; `retry \(given) --failed` goes on with it",
          span: call.span(of: "batch"))
      }
      return given
    }
    let clean = String(
      stem.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) ? $0 : "-" }.prefix(40))
    let base = clean.first?.isLetter == true ? clean : "jobs-" + clean
    return isTaken(base) ? (2...).lazy.map { "\(base)-\($0)" }.first { !isTaken($0) } ?? base : base
  }

  // MARK: Handing over

  func submit() throws -> Batch {
    let folder = "\(session.batchFolder)/\(name)"
    if engine == .slurm, folder.contains(where: { $0.isWhitespace || "%\\\"'".contains($0) }) {
      throw Failure(
        .unsupported, "\(folder): Slurm can't write logs to a path with blanks, quotes or %",
        hint: "use a workspace at another path", span: call.span)
    }
    let table =
      try grid.map { try JobTable($0.grid, folder: folder + "/grid", cancellation: session.work.cancellation) }
      ?? located("over") { try JobTable(over: call.strings("over")) }
    var jobs: [Batch.Job] = []
    var plan = BatchPlan(commands: [], folder: start)
    let result = try call.optionalString("result").map { try CommandTemplate($0) }
    let restart = try call.optionalString("on-restart").map { try CommandTemplate($0) }
    for (index, job) in table.jobs.enumerated() {
      let workspace = "\(folder)/work/\(job.name)"
      let values = job.values.merging(["workspace": workspace, "job": String(index + 1)]) { $1 }
      func line(_ template: CommandTemplate, _ flag: String) throws -> String {
        let filled = try located(flag) { try template.filled(values) }
        return template.placeholders.contains("workspace") ? "\(setUp(folder, workspace)) && { \(filled); }" : filled
      }
      if let recipe {
        let words =
          [OwnProgram.path, "-w", workspace, "-f", recipe.path] + recipe.arguments(values, columns: table.columns)
        let program = words.map(ShellWord.quoted).joined(separator: " ")
        plan.commands.append("\(setUp(folder, workspace)) && exec \(program)")
        if restart == nil {
          plan.restarts.append("\(setUp(folder, workspace)) && exec env \(Session.restartVariable)=1 \(program)")
        }
      } else if let template {
        plan.commands.append(try line(template, "what"))
      }
      if let restart { plan.restarts.append(try line(restart, "on-restart")) }
      let left = try result.map { path in
        absolute(try located("result") { try path.filled(values) }.unquoted)
      }
      jobs.append(
        Batch.Job(
          name: job.name, digest: job.digest, result: left ?? (recipe == nil ? nil : workspace + "/workspace.sqlite"),
          levels: job.levels))
    }
    var batch = Batch(name: name, engine: engine, jobs: jobs, folder: folder)
    batch.after = try call.optionalString("after").map { try session.batch(named: $0, at: call.span(of: "after")) }
      .map { other in
        guard other.engine == engine else {
          throw Failure(
            .mismatch,
            "`\(other.name)` runs on the engine \(other.engine.rawValue), and these jobs on \(engine.rawValue)",
            span: call.span(of: "after"))
        }
        return other.folder
      }
    if engine == .slurm { batch.resources = try resources() }
    do {
      try prepare(batch, plan, table)
      let slots = try call.optionalInt("jobs") ?? 1
      let plan = try BatchEngine(program: OwnProgram.path).start(
        &batch, jobs: Array(1...batch.jobs.count), slots: slots)
      if let remark = batch.remark(on: plan) { session.note(remark) }
    } catch {
      // Nothing was handed over: nothing stays.
      if batch.submissions.allSatisfy({ $0.slurm == nil }) { try? FileManager.default.removeItem(atPath: folder) }
      throw error
    }
    return batch
  }

  private func prepare(_ batch: Batch, _ plan: BatchPlan, _ table: JobTable) throws {
    try plan.write(batch)
    if let grid {
      _ = try GridFolder.write(
        grid.grid, named: grid.name, to: batch.folder + "/grid", cancellation: session.work.cancellation)
    }
    let seed = try Workspace.create(at: batch.folder + "/seed", payloads: AllKinds.payloads)
    let names = try lentNames(table)
    if !names.isEmpty { try seed.borrow(names, from: session.workspace) }
    try recipe?.check(table.jobs.first?.values ?? [:], columns: table.columns, seed: seed.root)
  }

  /// The names of this workspace that the jobs use.
  private func lentNames(_ table: JobTable) throws -> [String] {
    let known = Set(try session.workspace.names().filter { ![.grid, .runs].contains($0.version.kind) }.map(\.name))
    var wanted: Set<String> = []
    for text in try call.optionalString("with").map(ListText.elements) ?? [] {
      guard known.contains(text) else {
        throw Failure(
          .missing, "no object named `\(text.shortened)`", hint: Suggestion.hint(for: text, among: known.sorted()),
          span: call.span(of: "with"))
      }
      wanted.insert(text)
    }
    for job in table.jobs {
      for value in job.values.values {
        for part in [value, String(value.prefix { $0 != "/" })] where known.contains(part) { wanted.insert(part) }
      }
    }
    return wanted.union(recipe?.words.intersection(known) ?? []).sorted()
  }

  /// A job's own workspace, before what it runs.
  private func setUp(_ folder: String, _ workspace: String) -> String {
    "\(ShellWord.quoted(folder + "/workspace")) \(ShellWord.quoted(workspace))"
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : URL(filePath: start).appending(path: path).standardizedFileURL.path
  }

  private func resources() throws -> SlurmResources {
    var resources = SlurmResources()
    resources.partition = try call.optionalString("partition")
    resources.time = try call.optionalString("time")
    resources.gpus = try call.optionalInt("gpus")
    resources.cpus = try call.optionalInt("cpus")
    resources.memory = try call.optionalString("mem")
    resources.arrayLimit = try call.optionalInt("array-limit")
    do { try resources.check() } catch let failure as Failure { throw failure.located(at: call.span) }
    return resources
  }

  private func located<T>(_ argument: String, _ body: () throws -> T) throws -> T {
    do { return try body() } catch let failure as Failure { throw failure.located(at: call.span(of: argument)) }
  }
}

extension CommandTemplate {
  /// The name of the program that it runs.
  fileprivate var stem: String {
    let word = text.trimmingBlanks.prefix { !$0.isWhitespace }
    return ((String(word) as NSString).lastPathComponent as NSString).deletingPathExtension
  }
}
