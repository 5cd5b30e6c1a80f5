import Base
import Formats
import Foundation
import RunLogs
import Runs
import Session

/// Looks at runs again and again, until their end, a time, or Ctrl-C.
final class RunWatch {
  private let root: String
  private let glob: String?
  private let isWanted: (RunSummary) -> Bool
  private let options: WatchOptions
  private let session: Session
  private let recordPath: String
  private var record: WatchRecord
  private var saved: WatchRecord?
  private var set: RunSet?
  /// A log that has grown is read on from where it ended.
  private let logs = LogMemory()
  private(set) var watched: [String: WatchedRun] = [:]
  private var stamps: [String: String] = [:]
  private var checkpoints = WatchedCheckpoints()
  /// The checkpoint whose kernels were looked at, by run.
  private var kernelsOf: [String: String] = [:]
  private var outlook = RunOutlook()
  private var forecasts: [String: String] = [:]
  private var recipe: (name: String, turn: RecipeTurns.Turn, work: Background<WatchedRecipe.Results>)?
  private var turnsTaken: [String: Int] = [:]
  private var programs: [Background<String?>] = []
  private var mirror: EventMirror?
  private var recentAlarms: [RunAlarm] = []
  private let events: FolderEvents

  init(
    root: String, glob: String?, isWanted: @escaping (RunSummary) -> Bool, _ options: WatchOptions, in session: Session
  ) throws {
    (self.root, self.glob, self.isWanted, self.options, self.session) = (root, glob, isWanted, options, session)
    recordPath = try session.watchRecordPath(of: root)
    record = WatchRecord.read(recordPath, root: root)
    record.prepare(fast: options.fast?.every, slow: options.slow?.every)
    mirror = options.tensorboard.map(EventMirror.init)
    events = FolderEvents(polls: options.polls)
  }

  struct Row {
    var run: WatchedRun
    var alarms: Int
    var turns: Int
  }

  static let columns = TableShape<Row>([
    .string("run", "The run") { $0.run.summary.run },
    .string("state", "As in `runs`") { $0.run.summary.state.rawValue },
    .int("epochs", "Completed epochs") { $0.run.summary.epochs },
    .string("metric", "The metric that ranks the run") { $0.run.summary.metric?.name },
    .float("best", "Its best value") { $0.run.summary.best },
    .int("alarms", "Alarms that are on") { $0.alarms },
    .int("turns", "Checkpoints on which recipes have run since the watch began") { $0.turns },
  ])

  /// - Throws: `interrupted` on Ctrl-C; `missing` where no run has come until its time has passed.
  func run() throws -> Table {
    let end = options.minutes.map { ContinuousClock.now.advanced(by: .seconds($0 * 60)) }
    defer { stop() }
    try look()
    if watched.isEmpty {
      let isThere = FileManager.default.fileExists(atPath: root)
      session.note("\(root): \(isThere ? "no run is there yet" : "no such folder yet"); waiting for the first run")
    }
    var hasProcessEnded = false
    var nextLook = ContinuousClock.now.advanced(by: .seconds(options.pollSeconds))
    while true {
      let isDone = recipe == nil && !isRecipeWaiting
      if isDone, hasProcessEnded || options.untilEnd && !watched.isEmpty && haveAllEnded { break }
      let left = end.map { ($0 - .now) / .seconds(1) } ?? .infinity
      if left <= 0 { break }
      let isClose = recipe != nil || checkpoints.isRetrying || options.process != nil
      let hasChanged = try events.wait(
        seconds: min(left, isClose ? 0.2 : options.pollSeconds), cancellation: session.work.cancellation)
      // What it wrote before its end is seen by the look after it.
      hasProcessEnded = options.process.map { !$0.isAlive } ?? false
      if hasChanged || hasProcessEnded || checkpoints.isRetrying || ContinuousClock.now >= nextLook {
        try look()
        nextLook = ContinuousClock.now.advanced(by: .seconds(options.pollSeconds))
        // A log that is written to all the time is looked at a few times a second.
        usleep(200_000)
      } else if let set {
        try takeTurns(set)
        try save()
      }
    }
    try finishPrograms()
    guard !watched.isEmpty || hasProcessEnded else {
      throw Failure(
        .missing, "\(root): no run has come", hint: "`open \(root) as logs` shows what is found in a folder")
    }
    return Self.columns.table(
      rows,
      note: events.isNotified || options.polls
        ? nil
        : "inotify gave no notice of all folders: vcsh looked every \(Value.double(options.pollSeconds).plainText) s")
  }

  private var rows: [Row] {
    watched.values.sorted { $0.summary.run < $1.summary.run }.map { run in
      Row(
        run: run, alarms: record.board.alarms.count { $0.run == run.summary.run },
        turns: turnsTaken[run.summary.run] ?? 0)
    }
  }

  private var isRecipeWaiting: Bool {
    !(record.fast?.waiting.isEmpty ?? true) || !(record.slow?.waiting.isEmpty ?? true)
  }

  private var haveAllEnded: Bool {
    let now = Date().timeIntervalSince1970
    return watched.values.allSatisfy {
      $0.hasEnded(now: now, modified: set?.modified($0.summary) ?? 0, quietSeconds: options.quietSeconds)
    }
  }

  private func stop() {
    recipe?.work.stop()
    for program in programs { program.stop() }
    try? save()
  }

  /// A command of `--on-alarm` that was just started gets some time.
  private func finishPrograms() throws {
    let end = ContinuousClock.now.advanced(by: .seconds(10))
    while ContinuousClock.now < end, programs.contains(where: { $0.result == nil }) {
      try session.work.cancellation.check()
      usleep(50_000)
    }
    tellPrograms()
  }

  /// Says what went wrong with commands that have ended.
  private func tellPrograms() {
    programs.removeAll { program in
      guard let result = program.result else { return false }
      if case .success(let text?) = result { session.note("--on-alarm: \(text)") }
      if case .failure(let failure) = result { session.note("--on-alarm: \(failure.message)") }
      return true
    }
  }

  // MARK: One look

  private func look() throws {
    let now = Date().timeIntervalSince1970
    guard !watched.isEmpty || FileManager.default.fileExists(atPath: root) else {
      events.watch([(root as NSString).deletingLastPathComponent])
      return
    }
    let found = try RunSet(
      root: root, glob: glob, index: set?.index ?? [], now: now, memory: logs, cancellation: session.work.cancellation)
    set = found
    let runs = found.runs.filter(isWanted)
    for name in record.board.keep(runs: Set(found.runs.map(\.run))) {
      recentAlarms.removeAll { $0.run == name }
      session.note("\(name): its log is gone, and its alarms with it")
    }
    events.watch(folders(of: runs))
    for run in runs where !run.isBroken {
      try session.work.cancellation.check()
      try look(at: run, in: found, now: now)
    }
    try takeTurns(found)
    tellPrograms()
    try save()
    if session.isWatched {
      try session.show(.report(WatchView(runs: rows.map(\.run), forecasts, recentAlarms, recipe?.turn).report))
    }
  }

  private func folders(of runs: [RunSummary]) -> Set<String> {
    var folders: Set<String> = [root]
    for run in runs {
      for folder in run.folders {
        var path = folder.isEmpty ? root : root + "/" + folder
        while path.count > root.count {
          folders.insert(path)
          path = (path as NSString).deletingLastPathComponent
        }
      }
      for checkpoint in run.checkpoints { folders.insert((checkpoint.path as NSString).deletingLastPathComponent) }
    }
    return folders
  }

  private func look(at run: RunSummary, in found: RunSet, now: Double) throws {
    let name = run.run
    let modified = found.modified(run)
    if stamps[name] != run.stamp {
      // A log that is replaced while it is read is read at the next look.
      guard let log = try? found.log(run) else { return }
      stamps[name] = run.stamp
      let before = watched[name]?.summary.epochs
      var state = watched[name] ?? WatchedRun(run)
      state.look(run, log, modified: modified, planned: checkpoints.plannedEpochs(of: run))
      if let epochs = run.epochs, let earlier = record.epochs[name], epochs < earlier {
        session.note("\(name): begins again at epoch \(max(0, epochs - 1))")
        record.restart(name, at: epochs)
      }
      record.epochs[name] = run.epochs
      try mirror?.add(log.curves, of: name)
      watched[name] = state
      if run.epochs != before {
        forecasts[name] = try outlook.text(for: state, in: found)
        // A log that has a header alone has no epoch yet.
        if !session.isWatched, run.epochs != 0 { session.note(state.line(forecast: forecasts[name])) }
      }
      let alarms = LogAlarms(risingEpochs: options.risingEpochs).alarms(name, log)
      try tell(record.board.update(name, alarms, of: LogAlarms.kinds))
    } else if watched[name]?.summary.state != run.state {
      watched[name]?.settle(run)
    }
    guard let state = watched[name] else { return }
    // A run that has not grown since the watch began, and does not run, is an old one.
    let isOld = state.pace.moments.count < 2 && run.state != .running
    let hasEnded = isOld || state.hasEnded(now: now, modified: modified, quietSeconds: .infinity)
    let pace = hasEnded ? [] : state.pace.alarms(name, now: now, modified: modified, quietSeconds: options.quietSeconds)
    try tell(record.board.update(name, pace, of: RunPace.kinds))
    let usable = checkpoints.look(run, now: now)
    try tell(record.board.update(name, checkpoints.alarms(name), of: WatchedCheckpoints.kinds))
    if let newest = checkpoints.newest(usable), newest.path + newest.stamp != kernelsOf[name] {
      kernelsOf[name] = newest.path + newest.stamp
      try tell(record.board.update(name, LagAlarm.alarms(name, newest.path), of: LagAlarm.kinds))
      try mirror?.add(checkpoint: newest.path, of: name, step: state.step(ofEpoch: newest.epoch))
    }
    for (recipe, skipped) in record.look(name, usable) where !skipped.isEmpty {
      session.note(
        "\(name): the \(recipe) recipe skips epoch \(skipped.map(String.init).joined(separator: ", ")): a newer checkpoint is there"
      )
    }
  }

  // MARK: Alarms

  private func tell(_ alarms: [RunAlarm]) throws {
    for alarm in alarms {
      // On a terminal the view has it.
      if !session.isWatched { session.note(alarm.line) }
      recentAlarms = Array((recentAlarms + [alarm]).suffix(5))
      if let command = options.onAlarm { programs.append(AlarmProgram.start(command, alarm)) }
    }
  }

  // MARK: Recipes

  private func takeTurns(_ found: RunSet) throws {
    if let (name, turn, work) = recipe, let result = work.result {
      recipe = nil
      record.finish(name)
      try keep(name, turn, result, found)
    }
    guard recipe == nil else { return }
    for candidate in [options.fast, options.slow].compactMap({ $0 }) {
      guard let turn = record.next(candidate.name) else { continue }
      recipe = (candidate.name, turn, Background { try candidate.run(turn, $0) })
      return
    }
  }

  private func keep(
    _ name: String, _ turn: RecipeTurns.Turn, _ result: Result<WatchedRecipe.Results, Failure>, _ found: RunSet
  ) throws {
    switch result {
    case .success(let results):
      guard let run = found.runs.first(where: { $0.run == turn.run }) else { return }
      let kept = RecipeResults.Turn(
        recipe: name, epoch: turn.epoch, step: watched[turn.run]?.step(ofEpoch: turn.epoch) ?? 0, rows: results.rows,
        tables: results.tables)
      try RecipeResults.append(kept, to: session.recipeResultsPath(of: run, in: found))
      turnsTaken[turn.run, default: 0] += 1
      try tell(record.board.update(turn.run, [], of: [.recipe]))
      let curves = try session.recipeCurves(of: run, in: found)
      try tell(record.board.update(turn.run, RecipeAlarms.alarms(turn.run, curves), of: RecipeAlarms.kinds))
      if !session.isWatched {
        session.note("\(turn.run): \(name) recipe on epoch \(turn.epoch): \(kept.line)")
      }
      try mirror?.add(kept, of: turn.run)
    case .failure(let failure) where failure.kind == .interrupted: break
    case .failure(let failure):
      let alarm = RunAlarm(
        turn.run, .recipe, place: name, "the \(name) recipe on epoch \(turn.epoch): \(failure.message)")
      try tell(record.board.update(turn.run, [alarm], of: [.recipe]))
    }
  }

  private func save() throws {
    guard saved != record else { return }
    try record.write(recordPath)
    saved = record
  }
}
