import Base
import Foundation
import Glibc
import Jobs
import Synchronization

/// Runs the jobs of a submission on this machine: a process of its own, which goes on when the shell has ended.
///
/// It holds a lock file as long as it lives, so that whoever looks can tell. How each job ended is written by the runner, which
/// has it from the system; a job is asked to end by a file `records/N.cancel`.
package final class LocalRunner: Sendable {
  private let batch: Batch
  private let submission: Batch.Submission
  private let queue: Mutex<[Int]>
  private let bash: ExternalProgram

  /// - Throws: a failure where the batch has no such submission.
  package init(folder: String, submission number: Int) throws {
    batch = try Batch(folder: folder)
    guard batch.submissions.indices.contains(number) else {
      throw Failure(.missing, "\(folder): the batch has no submission \(number)")
    }
    submission = batch.submissions[number]
    queue = Mutex(submission.jobs)
    bash = try ExternalProgram("bash", remedy: "jobs are started by bash")
    lock = try Self.take(Self.lockPath(folder, number))
  }

  private let lock: Int32

  deinit { close(lock) }

  private static func lockPath(_ folder: String, _ number: Int) -> String { "\(folder)/runner-\(number).lock" }

  private static func take(_ path: String) throws -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Failure(.system, "can't write \(path): \(String(cString: strerror(errno)))") }
    // Whoever looks whether a runner lives holds the lock for a moment, too.
    for _ in 0..<100 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
      usleep(20_000)
    }
    close(descriptor)
    throw Failure(.conflict, "these jobs are being run already")
  }

  /// Whether the runner of a submission lives.
  package static func isAlive(_ folder: String, _ number: Int) -> Bool {
    let descriptor = open(lockPath(folder, number), O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }

  /// Runs all jobs to their ends.
  package func run() {
    let slots = max(1, min(submission.slots ?? 1, submission.jobs.count))
    let group = DispatchGroup()
    for _ in 0..<slots {
      group.enter()
      let thread = Thread { [self] in
        while let job = next() { runOne(job) }
        group.leave()
      }
      thread.stackSize = 1 << 20
      thread.start()
    }
    group.wait()
  }

  /// The next job in line.
  private func next() -> Int? {
    queue.withLock { jobs -> Int? in jobs.isEmpty ? nil : jobs.removeFirst() }
  }

  private func runOne(_ job: Int) {
    let end: String
    if let refusal = waitForOthers(job) {
      end = refusal
    } else {
      end = run(job)
    }
    // On a full disk there is no record; what the job left tells then.
    try? TaskRecords.write(end, "\(job).engine", in: batch)
  }

  private func isCancelled(_ job: Int) -> Bool { access("\(batch.folder)/records/\(job).cancel", F_OK) == 0 }

  private func run(_ job: Int) -> String {
    let cancellation = Cancellation()
    let finished = Cancellation()
    let watch = Thread { [self] in
      while !finished.isCancelled {
        if isCancelled(job) { return cancellation.cancel() }
        usleep(100_000)
      }
    }
    watch.start()
    defer { finished.cancel() }
    do {
      let line = "exec \(ShellWord.quoted(batch.folder + "/task")) \(job) >> \(ShellWord.quoted(batch.log(job))) 2>&1"
      let result = try bash.run(["-c", line], cancellation: cancellation)
      switch result.end {
      case .exited(let status): return "exited \(status)"
      case .killed(let signal): return "killed \(signal)"
      case .stopped: return "refused \(result.ending)"
      }
    } catch let failure as Failure {
      return failure.kind == .interrupted ? "cancelled" : "refused \(failure.message)"
    } catch {
      return "refused \(error)"
    }
  }

  /// Waits for the jobs of the batch before.
  ///
  /// - Returns: why the job does not start; nil where it may.
  private func waitForOthers(_ job: Int) -> String? {
    if isCancelled(job) { return "cancelled" }
    guard let after = batch.after, let other = try? Batch(folder: after) else { return nil }
    let isPaired = other.jobs.map(\.name) == batch.jobs.map(\.name)
    let needed = isPaired ? [job] : Array(1...max(1, other.jobs.count))
    while true {
      if isCancelled(job) { return "cancelled" }
      let states = LocalStates.statuses(other, TaskRecords(other)).filter { needed.contains($0.job) }.map(\.state)
      if states.allSatisfy({ $0 == .done }) { return nil }
      if states.contains(where: \.isFailure) { return "blocked" }
      usleep(200_000)
    }
  }

  /// Starts a runner that does not end with this process.
  ///
  /// - Parameter program: the file of vcsh.
  package static func start(_ batch: Batch, submission: Int, program: String) throws {
    let setsid = try ExternalProgram("setsid", remedy: "install util-linux")
    let line = [program, "run-jobs", batch.folder, String(submission)].map(ShellWord.quoted).joined(separator: " ")
    let log = ShellWord.quoted(batch.folder + "/runner.log")
    let result = try setsid.run(["--fork", "/bin/bash", "-c", "exec \(line) < /dev/null >> \(log) 2>&1"])
    guard result.isSuccess else {
      throw Failure(.system, "the runner can't be started: \(result.errors.text.trimmingBlanks)")
    }
    // It lives when its lock is taken, or has ended when all its jobs have.
    for _ in 0..<250 {
      if isAlive(batch.folder, submission) { return }
      let records = TaskRecords(batch)
      if batch.submissions[submission].jobs.allSatisfy({ records.engineEnd($0) != nil }) { return }
      usleep(20_000)
    }
    // The batch's folder may be taken away by who asked for the start.
    let said = (try? String(contentsOfFile: batch.folder + "/runner.log", encoding: .utf8))?
      .split(whereSeparator: \.isNewline).last.map { ": \(String($0).shortened)" }
    throw Failure(.system, "the runner has not started\(said ?? "")", hint: "is \(program) vcsh's own file?")
  }
}
