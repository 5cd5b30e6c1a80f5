import Base
import Foundation
import Grids
import Jobs
import TestSupport
import Testing

@Suite("The script of a job")
struct TaskScriptTests {
  private func batch(_ commands: [String], restarts: [String] = []) throws -> Batch {
    let folder = try Fixtures.temporaryFolder()
    let batch = Batch(
      name: "b", engine: .local, jobs: commands.indices.map { Batch.Job(name: "j\($0 + 1)") }, folder: folder + "/a b")
    var plan = BatchPlan(commands: commands, folder: folder)
    plan.restarts = restarts
    try plan.write(batch)
    return batch
  }

  private func run(_ batch: Batch, _ job: Int) throws -> ProgramResult {
    try ExternalProgram("bash", remedy: "").run([batch.folder + "/task", String(job)])
  }

  @Test("It runs its line in the folder of the submission, and leaves its start and its end")
  func ends() throws {
    let batch = try batch(["pwd; echo $VCSH_JOB_NAME", "exit 3", "kill -9 $$"])
    defer { try? FileManager.default.removeItem(atPath: (batch.folder as NSString).deletingLastPathComponent) }
    let first = try run(batch, 1)
    #expect(first.isSuccess)
    #expect(first.output.text == (batch.folder as NSString).deletingLastPathComponent + "\nj1\n")
    #expect(try run(batch, 2).end == .exited(status: 3))
    // What a signal has killed ends by that signal.
    #expect(try run(batch, 3).end == .killed(signal: 9))
    #expect(try run(batch, 4).end == .exited(status: 125))
    let records = TaskRecords(batch)
    #expect([1, 2, 3].map { records.end($0)?.code } == [0, 3, 137])
    #expect(records.start(1) != nil && records.hasResult(1) && !records.hasResult(4))
  }

  @Test("A job that has started before runs the line of a restart")
  func restarts() throws {
    let batch = try batch(["echo first"], restarts: ["echo again"])
    defer { try? FileManager.default.removeItem(atPath: (batch.folder as NSString).deletingLastPathComponent) }
    #expect(try run(batch, 1).output.text == "first\n")
    TaskRecords.clear([1], in: batch)
    #expect(!TaskRecords(batch).hasStarted(1) && TaskRecords(batch).end(1) == nil)
    #expect(try run(batch, 1).output.text == "again\n")
  }

  @Test("What an earlier start has left in the log is not told of the next one")
  func logOfTheLastStart() throws {
    let batch = try batch(["echo 'Exceeded job memory limit'; exit 1"], restarts: ["echo 'a wrong word'; exit 1"])
    defer { try? FileManager.default.removeItem(atPath: (batch.folder as NSString).deletingLastPathComponent) }
    func start() throws {
      let line = "\(ShellWord.quoted(batch.folder))/task 1 >> \(ShellWord.quoted(batch.log(1))) 2>&1"
      #expect(try ExternalProgram("bash", remedy: "").run(["-c", line]).end == .exited(status: 1))
    }
    try start()
    #expect(TaskRecords(batch).logEnd(1) == "Exceeded job memory limit\n")
    TaskRecords.clear([1], in: batch)
    try start()
    #expect(TaskRecords(batch).logEnd(1) == "a wrong word\n")
    let whole = try String(contentsOfFile: batch.log(1), encoding: .utf8)
    #expect(whole == "Exceeded job memory limit\na wrong word\n")
  }

  @Test("A job whose record can't be written ends with status 122")
  func fullDisk() throws {
    let batch = try batch(["echo ran"])
    defer { try? FileManager.default.removeItem(atPath: (batch.folder as NSString).deletingLastPathComponent) }
    try FileManager.default.removeItem(atPath: batch.folder + "/records")
    let result = try run(batch, 1)
    #expect(result.end == .exited(status: 122))
    #expect(result.errors.text.contains("the record of job 1 can't be written"))
  }
}
