import Base

/// What Slurm is asked for each job of an array.
public struct SlurmResources: Codable, Sendable, Equatable {
  public var partition: String?
  /// `8:00:00`, `2-00:00`, or minutes.
  public var time: String?
  public var gpus: Int?
  public var cpus: Int?
  /// `32G`; a number alone is megabytes.
  public var memory: String?
  /// How many jobs of the array run at once.
  public var arrayLimit: Int?

  package init() {}

  /// Refuses what Slurm would not understand, or what would be read as another option.
  package func check() throws {
    if let partition, partition.isEmpty || !partition.allSatisfy({ $0.isLetter || $0.isNumber || "-_.,".contains($0) })
    {
      throw Failure(.usage, "`\(partition.shortened)` can't be a partition", hint: "`sinfo` lists the partitions")
    }
    if let time, time.wholeMatch(of: /(\d+-)?\d+(:\d\d){0,2}/) == nil {
      throw Failure(.usage, "`\(time.shortened)` is not a time", hint: "write 90 (minutes), 8:00:00 or 2-00:00")
    }
    if let memory, memory.wholeMatch(of: /\d+[KMGT]?/) == nil {
      throw Failure(.usage, "`\(memory.shortened)` is not a memory size", hint: "write 32G, or megabytes")
    }
    for (name, value) in [("gpus", gpus), ("cpus", cpus), ("array-limit", arrayLimit)] {
      if let value, value < 1 { throw Failure(.usage, "--\(name) must be at least 1") }
    }
  }
}

/// The script that `sbatch` gets: one a batch, which works without vcsh.
enum SlurmScript {
  static func text(_ batch: Batch) -> String {
    let resources = batch.resources ?? SlurmResources()
    var options = [
      "--job-name=\(batch.name)", "--array=\(array(Array(1...max(1, batch.jobs.count)), limit: resources.arrayLimit))",
      // Slurm takes blanks and % in a path as its own: the folder of a batch has none.
      "--output=\(batch.folder)/logs/%a.log", "--open-mode=append", "--requeue",
    ]
    if let partition = resources.partition { options.append("--partition=\(partition)") }
    if let time = resources.time { options.append("--time=\(time)") }
    if let gpus = resources.gpus { options.append("--gpus=\(gpus)") }
    if let cpus = resources.cpus { options.append("--cpus-per-task=\(cpus)") }
    if let memory = resources.memory { options.append("--mem=\(memory)") }
    return """
      #!/bin/bash
      # The batch `\(batch.name)` of \(batch.jobs.count) jobs. `sbatch submit.slurm` runs it all; `sbatch --array=3,7 submit.slurm` these jobs.
      # A job that is preempted is requeued; vcsh's trainings then go on from the last epoch.
      \(options.map { "#SBATCH \($0)" }.joined(separator: "\n"))

      exec \(ShellWord.quoted(batch.folder))/task "$SLURM_ARRAY_TASK_ID"

      """
  }

  /// Numbers as Slurm writes them: `1-4,7%2`.
  static func array(_ jobs: [Int], limit: Int?) -> String {
    var ranges: [ClosedRange<Int>] = []
    for job in jobs.sorted() {
      if let last = ranges.last, last.upperBound + 1 == job {
        ranges[ranges.count - 1] = last.lowerBound...job
      } else if ranges.last?.contains(job) != true {
        ranges.append(job...job)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
      separator: ",")
      + (limit.map { "%\($0)" } ?? "")
  }
}
