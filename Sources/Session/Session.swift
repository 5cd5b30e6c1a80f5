import Base
import Foundation
import Language
import Rendering
import RunLogs
import Workspace

/// One run of vcsh on a workspace: the host of all commands.
///
/// A command collects what it changes in `changes`; they are forgotten when it fails or is interrupted. Those of an
/// entry's last command are written in one transaction with the entry's end, those of the ones before it when the next
/// command begins, which may read them.
public final class Session: CommandHost {
  public let workspace: Workspace
  public let work: Work
  /// Notes for the user that are not results: to standard error.
  public let note: (String) -> Void
  /// The commands that it can run.
  public let commands: CommandTable
  public var signatures: SignatureTable { commands.signatures }
  public private(set) lazy var interpreter = Interpreter(
    host: SessionHost(self), cancellation: work.cancellation)
  /// Set by `exit`.
  public var isFinished = false
  /// Whether someone sits at a prompt.
  public var isInteractive = false
  /// What the prompt shall offer for editing next: set by `in N --edit`.
  public var nextLine: String?
  /// The folder from which relative paths are taken; nil for the process's own.
  package var folder: String?
  /// Where a replay writes its files instead: paths as given, and where they went.
  package var diversion: Diversion?
  /// Whether variables and definitions are kept in the workspace: at the prompt and after `-c`.
  public var keepsNames = false
  /// The environment variable of a recipe that starts again in the workspace of its earlier start.
  public static let restartVariable = "VCSH_RESTART"
  /// Whether a name that is taken may be given again: a recipe that starts again makes what its earlier start had made.
  public var replacesNames = false
  /// The texts of the definitions that the workspace keeps; the variables in them are read with those of an entry.
  var definitionTexts: [String] = []
  /// The entries that gave variables their values; `_` is the last result.
  var variableEntries: [String: Int64] = [:]
  /// How many statements are at work: a statement may run others (`rerun`, `refresh`).
  private var depth = 0

  /// Set by `record`: the recipe that grows with the session.
  package var recording: Recording?

  /// Set by `mode`; nil: the mode that the shell was started with.
  public package(set) var outputMode: OutputMode?

  /// Where the running entry shows states that replace each other; set by whoever runs entries.
  package var onView: ((Value) throws -> Void)?
  /// Whether someone sees the states that `show` gives while the entry runs.
  package var isWatched = false

  /// Entry and place of notes that are made once.
  var notedPlaces: Set<String> = []

  package var changes = Changes()
  /// What the last command that is done has changed, not written yet.
  private var pending = Changes()
  /// Twins that are open in this process; few, because their weights are in memory.
  var openTwins: [(payload: TwinPayload, model: OpenTwin)] = []
  /// The number of the entry that runs, or ran last.
  public private(set) var entry: Int64 = 0
  /// Set by a command whose result tells what is wrong; `let` takes the result and forgets it.
  package var failedCheck: Failure?
  static let keptTwins = 4
  /// What was read of logs that other tools write to: a second look reads only what grew.
  let runLogs = LogMemory()

  public init(
    workspace: Workspace, commands: CommandTable, work: Work = .silent, note: @escaping (String) -> Void = { _ in }
  ) {
    self.workspace = workspace
    self.commands = commands
    self.work = work
    self.note = note
  }

  /// A recipe that grows with the session.
  package struct Recording {
    package let path: String
    /// Writes the recipe with all entries so far.
    package let write: (Session) throws -> Void

    package init(path: String, write: @escaping (Session) throws -> Void) {
      self.path = path
      self.write = write
    }
  }

  // MARK: Entries

  /// What became of one entry.
  public struct Outcome {
    public var entry: Int64
    public var source: String
    public var result: Result<Value, Failure>
    /// What a check found wrong: the statement yields its result and yet has failed.
    public var failedCheck: Failure?
  }

  /// Records a statement, runs it, and records how it ended. A running statement may run others.
  ///
  /// - Parameter given: the value of a `param` statement that came from outside; it is kept with the entry.
  public func run(_ statement: Statement, origin: String, given: String? = nil) -> Outcome {
    let suspended = (entry: entry, changes: changes, pending: pending, failedCheck: failedCheck)
    depth += 1
    defer {
      depth -= 1
      if depth > 0 { (entry, changes, pending, failedCheck) = suspended }
      if depth == 0 { record() }
    }
    let started = ContinuousClock.now
    failedCheck = nil
    let command = String(statement.text.prefix { $0.isLetter })
    workspace.willRun(takingAway: signatures[command]?.isDestructive ?? false)
    do {
      let text = statement.text + (given.map { "  # given: \($0)" } ?? "")
      entry = try workspace.begin(
        source: text, origin: origin, folder: folder ?? FileManager.default.currentDirectoryPath,
        inputs: variables(in: statement.text))
    } catch  where Workspace.isFullDisk(error) {
      return runUnrecorded(statement, error)
    } catch {
      return Outcome(entry: 0, source: statement.text, result: .failure(Self.failure(error)))
    }
    let entry = entry
    pending = Changes()
    let result = Result { try interpreter.run(statement) }.mapError(Self.failure)
    if case .assign = statement.kind { failedCheck = nil }
    let names = freshNames()
    pending.names.variables += names.variables
    pending.names.definitions += names.definitions
    pending.names.droppedVariables += names.droppedVariables
    let seconds = Self.seconds(ContinuousClock.now - started)
    do {
      switch result {
      case .success(let value):
        let digest = value == .null ? nil : try stored(value)
        try workspace.finish(
          entry, status: failedCheck == nil ? .ok : .failed, seconds: seconds, error: failedCheck?.message,
          result: digest, changes: pending)
        if case .assign(let name, _) = statement.kind { variableEntries[name] = entry }
        if case .parameter(let declaration) = statement.kind { variableEntries[declaration.name] = entry }
        if case .value = statement.kind { variableEntries["_"] = entry }
      case .failure(let failure):
        try workspace.finish(
          entry, status: failure.kind == .interrupted ? .interrupted : .failed, seconds: seconds,
          error: failure.message, result: nil, changes: pending)
      }
    } catch  where Workspace.isFullDisk(error) && (pending.keepNothing || (try? result.get()) == nil) {
      // It was begun with the last room on the disk. Its result, or what it failed for, is the same for that.
      note("the disk is full: the end of this entry is not recorded")
    } catch {
      let failure = Self.failure(error).located(at: statement.span)
      try? workspace.finish(
        entry, status: failure.kind == .interrupted ? .interrupted : .failed, seconds: seconds, error: failure.message,
        result: nil)
      return Outcome(entry: entry, source: statement.text, result: .failure(failure))
    }
    return Outcome(entry: entry, source: statement.text, result: result, failedCheck: failedCheck)
  }

  /// The digest of a result; nil where a full disk has no room for it.
  private func stored(_ value: Value) throws -> String? {
    let data = try ValueCodec.encode(value)
    do {
      return try workspace.objects.put(data)
    } catch  where Workspace.isFullDisk(error) {
      if workspace.spendReserve(), let digest = try? workspace.objects.put(data) { return digest }
      note("the disk is full: the result of this entry is not kept")
      return nil
    }
  }

  /// Runs a statement on a full disk: what only looks works on, and what has something to keep fails.
  private func runUnrecorded(_ statement: Statement, _ reason: any Error) -> Outcome {
    note("the disk is full: this entry is not recorded")
    entry = 0
    pending = Changes()
    let result = Result { try interpreter.run(statement) }.mapError(Self.failure)
    _ = freshNames()
    guard case .success = result, !pending.keepNothing else {
      return Outcome(entry: 0, source: statement.text, result: result, failedCheck: failedCheck)
    }
    return Outcome(entry: 0, source: statement.text, result: .failure(Self.failure(reason).located(at: statement.span)))
  }

  /// Adds what was just done to the recipe that is being recorded.
  private func record() {
    guard let recording else { return }
    do {
      try recording.write(self)
    } catch {
      self.recording = nil
      note("recording has ended: \(Self.failure(error).message)")
    }
  }

  /// The entries whose results a statement reads through variables.
  private func variables(in text: String) -> [Changes.Input] {
    VariableNames.mentioned(in: text).compactMap { name in
      variableEntries[name].map { .entry($0, as: "$" + name) }
    }
  }

  /// Ends a block after a statement whose check failed; `let` takes the result instead.
  public func endBlock(after statement: Statement) throws {
    defer { failedCheck = nil }
    if case .assign = statement.kind { return }
    if let failedCheck { throw failedCheck }
  }

  /// Shows a state of the running entry in place of the one before it, such as a table that is watched.
  ///
  /// A command calls it as often as it likes, on the thread that runs it, and writes no note in between. The value that
  /// it returns replaces the last state.
  /// - Throws: a failure that the command must pass on, where the view can't be delivered.
  package func show(_ view: Value) throws { try onView?(view) }

  public func write(
    to path: String, of type: ResultType.Shape?, at span: SourceSpan, _ value: () throws -> Value
  ) throws {
    let target = try output(path)
    try ResultFile.check(target, given: path, at: span)
    try ResultFile.checkEnding(target, given: path, at: span)
    if let type { try ResultFile.check(type, to: target, at: span) }
    let value = try value()
    try ResultFile.write(value, to: target, at: span)
    try wrote(target)
    // Together with what the line's last command changed.
    pending.written += changes.written
    changes = Changes()
  }

  public func run(_ call: Call) throws -> Value {
    guard let command = commands[call.signature.name] else {
      throw Failure(.usage, "unknown command `\(call.signature.name)`", span: call.span)
    }
    // What the line's earlier commands changed is written before the first command that could see it, or with its end.
    let isBlind = command is any TableCommand.Type
    if !isBlind {
      try workspace.commit(pending, entry: entry)
      pending = Changes()
      changes = Changes()
    }
    let value = try Cancellation.$current.withValue(work.cancellation) { try command.init().run(call, in: self) }
    try work.cancellation.check()
    if isBlind { return value }
    if replacesNames { changes.replaceNames() }
    pending = changes
    changes = Changes()
    return value
  }

  /// Commits what the running command has changed so far, for a command that is about to fail and has results to keep.
  package func keepNow() throws {
    if replacesNames { changes.replaceNames() }
    try workspace.commit(changes, entry: entry)
    changes = Changes()
  }

  package static func failure(_ error: any Error) -> Failure {
    (error as? Failure) ?? Failure(.system, (error as NSError).localizedDescription)
  }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
