import Base
import Foundation
import Grids
import TestSupport
import Testing

/// Slurm's programs, replaced by scripts that replay what Slurm 22.05 printed.
struct SlurmStandIn {
  let folder: String

  init() throws {
    folder = try Fixtures.temporaryFolder()
    for name in ["jobs/records", "jobs/logs"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for name in ["sbatch", "squeue", "sacct", "scancel"] { try replay(name, "") }
  }

  /// - Parameter errors: what it prints to standard error, with status 1.
  func replay(_ program: String, _ output: String, errors: String? = nil) throws {
    try Data(output.utf8).write(to: URL(filePath: "\(folder)/\(program).out"))
    let script = """
      #!/bin/bash
      echo "$@" >> \(folder)/\(program).calls
      cat \(folder)/\(program).out
      \(errors.map { "echo '\($0)' >&2; exit 1" } ?? "")
      """
    try Data(script.utf8).write(to: URL(filePath: "\(folder)/\(program)"))
    chmod("\(folder)/\(program)", 0o755)
  }

  func calls(_ program: String) -> String {
    (try? String(contentsOfFile: "\(folder)/\(program).calls", encoding: .utf8)) ?? ""
  }

  var client: SlurmClient { SlurmClient(folder: folder) }

  func batch(_ count: Int) -> Batch {
    var batch = Batch(
      name: "b", engine: .slurm, jobs: (1...count).map { Batch.Job(name: "j\($0)") }, folder: folder + "/jobs")
    batch.submissions = [.init(jobs: Array(1...count), slurm: "7")]
    return batch
  }

  func record(_ name: String, _ text: String) throws {
    try Data((text + "\n").utf8).write(to: URL(filePath: "\(folder)/jobs/\(name)"))
  }

  func states(_ batch: Batch) throws -> [String] {
    try BatchStatus(batch, slurm: client).jobs.map(\.state.rawValue)
  }
}

@Suite("Slurm")
struct SlurmTests {
  @Test("Slurm's tables, a job's record and its log together give the job's state")
  func states() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    try slurm.replay(
      "squeue",
      """
      7|10|PENDING|JobArrayTaskLimit|
      7|1|RUNNING|None|n1
      7|11|PENDING|DependencyNeverSatisfied|
      7|12|COMPLETING|None|n2

      """)
    try slurm.replay(
      "sacct",
      """
      7_1|RUNNING|0:0|n1|10
      7_2|COMPLETED|0:0|n1|7200
      7_3|COMPLETED|0:0|n1|7200
      7_4|FAILED|3:0|n2|1
      7_5|FAILED|0:9|n2|1
      7_5.batch|CANCELLED|0:9|n2|1
      7_6|CANCELLED by 1000|0:0|n1|4
      7_7|OUT_OF_MEMORY|0:125|n1|4
      7_8|NODE_FAIL|1:0|n1|4
      7_9|TIMEOUT|0:0|n1|60
      7_[10-11%2]|PENDING|0:0|None assigned|0
      7_12|FAILED|0:9|n2|9
      7_13|FAILED|0:9|n2|9
      7_14|FAILED|1:0|n2|9
      7_15|FAILED|122:0|n2|9
      7_16|PREEMPTED|0:0|n2|9

      """)
    try slurm.record("records/2.end", "0 1700000000.5")
    try slurm.record(
      "logs/13.log", "slurmstepd-n2: error: StepId=4.batch exceeded memory limit (436 > 104), being killed")
    try slurm.record("logs/14.log", "OSError: [Errno 122] Disk quota exceeded")
    let status = try BatchStatus(slurm.batch(16), slurm: slurm.client)
    #expect(
      status.jobs.map(\.state.rawValue) == [
        "running", "done", "no result", "failed", "killed", "cancelled", "out of memory", "node lost", "out of time",
        "waiting", "blocked", "running", "out of memory", "disk full", "disk full", "preempted",
      ])
    #expect(status.jobs[1].seconds == 7200)
    #expect(status.jobs[3].detail == "FAILED, status 3")
    #expect(status.jobs[10].detail == "PENDING (DependencyNeverSatisfied)")
    #expect(status.troubles.isEmpty)
  }

  @Test("Without a connection to Slurm, jobs are unreachable unless the accounts list their end")
  func unreachable() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    let words = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)"
    try slurm.replay("squeue", "", errors: words)
    try slurm.replay("sacct", "", errors: "sacct: error: Problem talking to the database: Connection refused")
    let status = try BatchStatus(slurm.batch(2), slurm: slurm.client)
    #expect(status.jobs.map(\.state.rawValue) == ["unreachable", "unreachable"])
    #expect(status.troubles.count == 2 && status.troubles[0].contains("Unable to contact slurm controller"))
    // The accounts alone still list what has ended.
    try slurm.replay("sacct", "7_1|FAILED|3:0|n2|1\n")
    #expect(try slurm.states(slurm.batch(2)) == ["failed", "unreachable"])
  }

  @Test("A Slurm that does not answer is left after the time that it gets, and what was known last is shown as such")
  func silent() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    try slurm.replay("squeue", "7|1|RUNNING|None|n1\n7|2|PENDING|Priority|\n")
    #expect(try slurm.states(slurm.batch(2)) == ["running", "waiting"])
    for name in ["squeue", "sacct"] {
      try Data("#!/bin/bash\nexec sleep 60\n".utf8).write(to: URL(filePath: "\(slurm.folder)/\(name)"))
    }
    let start = ContinuousClock.now
    let status = try BatchStatus(slurm.batch(2), slurm: SlurmClient(folder: slurm.folder, patience: 0.1))
    #expect(ContinuousClock.now - start < .seconds(30))
    #expect(status.jobs.map(\.state.rawValue) == ["unreachable", "unreachable"])
    #expect(status.jobs[0].detail.contains(/^no answer from Slurm; last known: running, [0-9.]+ (ms|s|min) ago$/))
    #expect(status.jobs[1].detail.contains("last known: waiting"))
    #expect(
      status.troubles == [
        "no answer from slurmctld to squeue within 0.10 s",
        "no answer from slurmdbd to sacct within 0.10 s",
      ])
    // Without Slurm's programs, too, there is an answer: nothing more than what was known.
    let absent = try BatchStatus(slurm.batch(2), slurm: SlurmClient(folder: slurm.folder + "/nowhere"))
    #expect(absent.jobs[0].detail.contains("last known: running"))
    #expect(absent.troubles.count == 1 && absent.troubles[0].contains("is not installed"))
  }

  @Test("A job that is started again waits for the newest start of the job that it depends on")
  func dependencies() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    func batch(_ name: String, after: String? = nil) throws -> Batch {
      var batch = slurm.batch(5)
      (batch.name, batch.folder, batch.submissions) = (name, "\(slurm.folder)/\(name)", [])
      batch.after = after
      try BatchPlan(commands: (1...5).map { "echo \($0)" }, folder: slurm.folder).write(batch)
      return batch
    }
    let engine = BatchEngine(program: "vcsh", slurm: slurm.client)
    var train = try batch("train")
    try slurm.replay("sbatch", "7\n")
    try engine.start(&train, jobs: Array(1...5), slots: nil)
    var score = try batch("score", after: train.folder)
    try slurm.replay("squeue", (1...5).map { "7|\($0)|PENDING|Priority|\n" }.joined())
    try slurm.replay("sbatch", "8\n")
    try engine.start(&score, jobs: Array(1...5), slots: nil)
    // Job 1 is done, 2 and 3 have failed, 4 and 5 run; the scores of 2 and 3 are blocked.
    try slurm.replay(
      "squeue",
      "7|4|RUNNING|None|n1\n7|5|RUNNING|None|n1\n"
        + (2...3).map { "8|\($0)|PENDING|DependencyNeverSatisfied|\n" }.joined())
    try slurm.replay(
      "sacct",
      "7_1|COMPLETED|0:0|n1|5\n7_2|FAILED|1:0|n1|5\n7_3|FAILED|1:0|n1|5\n8_1|FAILED|1:0|n1|5\n8_4|FAILED|1:0|n1|5\n")
    try TaskRecords.write("0 1700000000.5", "1.end", in: train)
    let refusal = #expect(throws: Failure.self) { try engine.start(&score, jobs: [2, 3], slots: nil) }
    #expect(refusal?.hint == "`retry train --failed` first" && refusal?.kind == .conflict)
    // Job 2 is trained again under the number 9.
    try slurm.replay("sbatch", "9\n")
    try engine.start(&train, jobs: [2], slots: nil)
    try slurm.replay(
      "squeue",
      "7|4|RUNNING|None|n1\n7|5|RUNNING|None|n1\n9|2|PENDING|Priority|\n8|3|PENDING|DependencyNeverSatisfied|\n")
    try slurm.replay("sbatch", "10\n")
    let plan = try engine.start(&score, jobs: [1, 2, 3, 4], slots: nil)
    #expect(plan.blocked == [3])
    let script = "\(slurm.folder)/score/submit.slurm\n"
    #expect(
      slurm.calls("sbatch").hasSuffix(
        "--parsable --array=1 \(script)--parsable --array=2 --dependency=aftercorr:9 \(script)"
          + "--parsable --array=4 --dependency=aftercorr:7 \(script)"))
    #expect(slurm.calls("sbatch").contains("--parsable --array=1-5 --dependency=aftercorr:7 \(script)"))
    // A batch with other jobs waits for all that are not done, each under its newest number.
    var report = try batch("report", after: train.folder)
    report.jobs = [.init(name: "all")]
    try slurm.replay("squeue", "7|4|RUNNING|None|n1\n7|5|RUNNING|None|n1\n9|2|PENDING|Priority|\n7|3|RUNNING|None|n1\n")
    try slurm.replay("sacct", "7_1|COMPLETED|0:0|n1|5\n")
    try engine.start(&report, jobs: [1], slots: nil)
    #expect(
      slurm.calls("sbatch").hasSuffix(
        "--array=1 --dependency=afterok:9:7_3:7_4:7_5 \(slurm.folder)/report/submit.slurm\n"))
    // One that has failed keeps all of it back.
    try slurm.replay("sacct", "7_1|FAILED|1:0|n1|5\n")
    var late = try batch("late", after: train.folder)
    late.jobs = [.init(name: "all")]
    #expect(throws: Failure.self) { try engine.start(&late, jobs: [1], slots: nil) }
    #expect(late.submissions.isEmpty)
  }

  @Test("Where Slurm keeps no accounts, the state of a job that it forgot is from the job's record, or is lost")
  func forgotten() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    try slurm.replay("squeue", "", errors: "slurm_load_jobs error: Invalid job id specified")
    try slurm.replay("sacct", "", errors: "Slurm accounting storage is disabled")
    try slurm.record("records/1.end", "0 1700000000.5")
    try slurm.record("records/2.end", "3 1700000000.5")
    try slurm.record("records/3.end", "137 1700000000.5")
    let status = try BatchStatus(slurm.batch(4), slurm: slurm.client)
    #expect(status.jobs.map(\.state.rawValue) == ["done", "failed", "killed", "lost"])
    #expect(status.troubles == ["Slurm keeps no accounts here: states of ended jobs are from their own records"])
  }

  @Test(
    "A job that was cancelled while it waited has left Slurm's tables: vcsh's own `cancel` tells of it, or it is lost")
  func cancelledWaiting() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    // As Slurm 22.05 printed it for `--array=1-12%2`, after `scancel 7_[12]` and `scancel 7_[7-8]`: nothing has 7, 8 and 12,
    // and the line of the waiting array still has 9 and 10, which have run.
    try slurm.replay(
      "squeue",
      """
      7|10|COMPLETED|None|n1
      7|9|COMPLETED|None|n1
      7|3|COMPLETED|None|n1
      7|1|COMPLETED|None|n1
      7|11|PENDING|JobArrayTaskLimit|

      """)
    try slurm.replay(
      "sacct",
      (1...10).filter { ![7, 8].contains($0) }.map { "7_\($0)|COMPLETED|0:0|n1|3\n" }.joined()
        + "7_[9-11%2]|PENDING|0:0|None assigned|0\n")
    for job in 1...10 where ![7, 8].contains(job) { try slurm.record("records/\(job).end", "0 1700000000.5") }
    var batch = slurm.batch(12)
    try BatchEngine(program: "vcsh", slurm: slurm.client).cancel(batch, jobs: [12])
    let status = try BatchStatus(batch, slurm: slurm.client)
    #expect(status.summary == "12 jobs: 1 waiting, 8 done, 1 cancelled, 2 lost")
    #expect(status.jobs[8].state == .done && status.jobs[9].state == .done)
    #expect(status.jobs[11].detail == "by `cancel`; Slurm does not know it any more")
    #expect(status.jobs[7].detail == "Slurm does not know it any more; it left no record of a start")
    // Started again, it is not cancelled any more.
    try slurm.replay("sbatch", "8\n")
    try BatchEngine(program: "vcsh", slurm: slurm.client).start(&batch, jobs: [12], slots: nil)
    #expect(try BatchStatus(batch, slurm: slurm.client).jobs[11].state == .lost)
  }

  @Test("Until the accounts know an end, the queue tells it; what the accounts alone call running is not")
  func lateAccounts() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    try slurm.replay(
      "squeue", "7|1|FAILED|RaisedSignal:9(Killed)|n1\n7|2|FAILED|NonZeroExitCode|n1\n7|3|FAILED|None|n1\n")
    try slurm.replay("sacct", (1...4).map { "7_\($0)|RUNNING|0:0|n1|9\n" }.joined())
    try slurm.record("records/3.end", "137 1700000000.5")
    let status = try BatchStatus(slurm.batch(4), slurm: slurm.client)
    #expect(status.jobs.map(\.state.rawValue) == ["killed", "failed", "killed", "lost"])
    #expect(status.jobs[3].detail.hasPrefix("Slurm's queue does not know it; its accounts still say RUNNING"))
    // Without the queue, its state is not known.
    try slurm.replay(
      "squeue", "", errors: "slurm_load_jobs error: Unable to contact slurm controller (connect failure)")
    #expect(try slurm.states(slurm.batch(4)) == Array(repeating: "unreachable", count: 4))
  }

  @Test("Ten thousand jobs are read from Slurm's two tables")
  func many() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    let half = 5000
    try slurm.replay("squeue", (half + 1...2 * half).map { "7|\($0)|PENDING|Priority|\n" }.joined())
    try slurm.replay(
      "sacct", (1...half).map { "7_\($0)|FAILED|1:0|n1|5\n" }.joined() + "7_[5001-10000]|PENDING|0:0|None assigned|0\n")
    let status = try BatchStatus(slurm.batch(2 * half), slurm: slurm.client)
    #expect(status.summary == "10000 jobs: 5000 waiting, 5000 failed")
  }

  @Test("A batch is submitted as one array, a retry as an array of its jobs, cancelled by their numbers")
  func submission() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    try slurm.replay("sbatch", "42;cluster\n")
    var batch = slurm.batch(9)
    batch.submissions = []
    var resources = SlurmResources()
    (resources.memory, resources.arrayLimit, resources.time) = ("2G", 3, "1:00:00")
    batch.resources = resources
    try BatchPlan(commands: (1...9).map { "echo \($0)" }, folder: slurm.folder).write(batch)
    let engine = BatchEngine(program: "vcsh", slurm: slurm.client)
    try engine.start(&batch, jobs: Array(1...9), slots: nil)
    try engine.start(&batch, jobs: [2, 3, 4, 9], slots: nil)
    #expect(batch.submissions.map(\.slurm) == ["42", "42"])
    #expect(
      slurm.calls("sbatch")
        == "--parsable --array=1-9%3 \(slurm.folder)/jobs/submit.slurm\n--parsable --array=2-4,9%3 \(slurm.folder)/jobs/submit.slurm\n"
    )
    let script = try String(contentsOfFile: slurm.folder + "/jobs/submit.slurm", encoding: .utf8)
    for option in ["--array=1-9%3", "--mem=2G", "--time=1:00:00", "--requeue", "--open-mode=append"] {
      #expect(script.contains("#SBATCH \(option)\n"))
    }
    try engine.cancel(batch, jobs: [1, 3, 4])
    #expect(slurm.calls("scancel") == "42_[1]\n42_[3-4]\n")
    #expect(try Batch(folder: batch.folder) == batch)
  }

  @Test("Slurm's refusal reaches the user in Slurm's words")
  func refusal() throws {
    let slurm = try SlurmStandIn()
    defer { try? FileManager.default.removeItem(atPath: slurm.folder) }
    try slurm.replay("sbatch", "", errors: "sbatch: error: invalid partition specified: gpu")
    var batch = slurm.batch(1)
    batch.submissions = []
    let failure = #expect(throws: Failure.self) {
      try BatchEngine(program: "vcsh", slurm: slurm.client).start(&batch, jobs: [1], slots: nil)
    }
    #expect(failure?.message == "sbatch: error: invalid partition specified: gpu")
    #expect(failure?.hint == "`sinfo` lists the partitions")
    #expect(batch.submissions.isEmpty)
  }

  @Test(
    "A time that Slurm would read as something else is refused",
    arguments: ["8h", "--x", "1:2:3:4", ""])
  func resources(_ time: String) {
    var resources = SlurmResources()
    resources.time = time
    let failure = #expect(throws: Failure.self) { try resources.check() }
    #expect(failure?.message == "`\(time)` is not a time")
  }

  @Test("Numbers of array tasks are read in all of Slurm's forms")
  func tasks() {
    #expect(SlurmTables.tasks("7") == [7])
    #expect(SlurmTables.tasks("[3-5,9%2]") == [3, 4, 5, 9])
    #expect(SlurmTables.tasks("[1,3]") == [1, 3])
    #expect(SlurmTables.tasks("N/A") == [])
    #expect(SlurmTables.tasks("9999999999999999999999") == [])
  }

  @Test("A line that is not Slurm's is an error, not a state")
  func damaged() {
    let queue = #expect(throws: Failure.self) { try SlurmTables.queue("7|1|RUNNING\n") }
    #expect(queue?.message == "squeue printed a line that vcsh can't read: `7|1|RUNNING`")
    let accounts = #expect(throws: Failure.self) { try SlurmTables.accounting("7_1|RUNNING\n") }
    #expect(accounts?.message == "sacct printed a line that vcsh can't read: `7_1|RUNNING`")
  }
}
