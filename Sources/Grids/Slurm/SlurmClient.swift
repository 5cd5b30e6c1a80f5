import Base
import Foundation
import Jobs

/// Slurm's own programs: `sbatch`, `squeue`, `sacct`, `scancel`.
package struct SlurmClient: Sendable {
  /// The folder that holds them; nil: they are looked for in PATH.
  private let folder: String?
  /// How long a question may take. Slurm's own programs try for more than a minute to reach a daemon that is down.
  private let patience: Double

  /// How long an order may take: one that is stopped may have been carried out.
  private static let orderSeconds = 60.0

  /// - Parameter patience: seconds that `squeue` and `sacct` get.
  package init(folder: String? = nil, patience: Double = 8) { (self.folder, self.patience) = (folder, patience) }

  /// What Slurm says of jobs.
  package struct Answer: Sendable {
    package var queue: [SlurmKey: SlurmRow] = [:]
    package var accounting: [SlurmKey: SlurmRow] = [:]
    /// What could not be asked, and why, in Slurm's words.
    package var troubles: [String] = []
    /// Whether Slurm keeps accounts of jobs that have ended.
    package var hasAccounting = true
    /// Whether the queue was read.
    package var hasQueue = true
  }

  /// Hands a script to Slurm.
  ///
  /// - Parameter array: the jobs, in Slurm's form.
  /// - Returns: Slurm's number of the array.
  /// - Throws: `system` with Slurm's words where it refuses.
  package func submit(_ script: String, array: String, dependency: String?) throws -> String {
    var arguments = ["--parsable", "--array=\(array)"]
    if let dependency { arguments.append("--dependency=\(dependency)") }
    let result = try run("sbatch", arguments + [script], seconds: Self.orderSeconds)
    guard result.isSuccess else { throw refusal("sbatch", result) }
    let number = result.output.text.trimmingBlanks.prefix { $0 != ";" }
    guard !number.isEmpty, number.allSatisfy(\.isNumber) else {
      throw Failure(.system, "sbatch gave no job number: \(result.output.text.trimmingBlanks.shortened)")
    }
    return String(number)
  }

  /// - Parameter jobs: the jobs of the array; all of it where nil.
  package func cancel(_ number: String, jobs: [Int]?) throws {
    let target = jobs.map { "\(number)_[\(SlurmScript.array($0, limit: nil))]" } ?? number
    let result = try run("scancel", [target], seconds: Self.orderSeconds)
    // What has ended in the meantime need not be cancelled.
    guard result.isSuccess || Self.isUnknownJob(result.errors.text) else { throw refusal("scancel", result) }
  }

  /// What the queue and the accounts say of these arrays.
  ///
  /// - Throws: `interrupted`. What can't be asked, or does not answer in time, is in the answer.
  package func ask(_ numbers: [String]) throws -> Answer {
    var answer = Answer()
    guard !numbers.isEmpty else { return answer }
    let list = numbers.joined(separator: ",")
    do {
      let queue = try run(
        "squeue", ["-h", "-r", "-t", "all", "-j", list, "-o", SlurmTables.queueFormat], seconds: patience)
      if queue.isSuccess {
        answer.queue = try SlurmTables.queue(queue.output.text)
      } else if !Self.isUnknownJob(queue.errors.text) {
        answer.hasQueue = false
        answer.troubles.append(Self.words("squeue", queue))
      }
      let accounts = try run(
        "sacct", ["-n", "-P", "-X", "-j", list, "--format=\(SlurmTables.accountingFields)"], seconds: patience)
      if accounts.isSuccess {
        answer.accounting = try SlurmTables.accounting(accounts.output.text)
      } else if accounts.errors.text.contains("disabled") {
        answer.hasAccounting = false
      } else {
        answer.troubles.append(Self.words("sacct", accounts))
      }
    } catch let failure as Failure where failure.kind == .system {
      // Slurm's programs are not here: what is known of the jobs is shown all the same.
      answer.hasQueue = false
      answer.troubles.append("\(failure.message): ask where Slurm's programs are, as on the login node")
    }
    return answer
  }

  private func run(_ name: String, _ arguments: [String], seconds: Double) throws -> ProgramResult {
    let program = try ExternalProgram(folder.map { "\($0)/\(name)" } ?? name, remedy: Self.remedy)
    // Jobs of a huge array, a line each.
    return try program.run(arguments, seconds: seconds, limit: 64 << 20)
  }

  private static let remedy =
    "Slurm's programs are on the cluster's login node: run vcsh there; --engine local runs jobs on this machine"

  private static func isUnknownJob(_ text: String) -> Bool { text.lowercased().contains("invalid job id") }

  private static func words(_ name: String, _ result: ProgramResult) -> String {
    if case .stopped(let seconds) = result.end {
      return
        "no answer from \(name == "sacct" ? "slurmdbd" : "slurmctld") to \(name) within \(NumberText.duration(seconds: seconds))"
    }
    let line = result.errors.text.split(separator: "\n").last.map(String.init) ?? result.ending
    return line.hasPrefix("\(name): ") ? line : "\(name): \(line)"
  }

  private func refusal(_ name: String, _ result: ProgramResult) -> Failure {
    let words = Self.words(name, result)
    let lower = words.lowercased()
    let hint: String? =
      if case .stopped = result.end {
        "it may have been carried out all the same: look with `squeue --me` before you try again"
      } else if lower.contains("configuration source") || lower.contains("slurm.conf") {
        "this machine belongs to no cluster: run vcsh on the cluster's login node, or use --engine local"
      } else if lower.contains("unable to contact") || lower.contains("connection") || lower.contains("timed out") {
        "the connection to Slurm is lost: try again when `sinfo` answers"
      } else if lower.contains("partition") {
        "`sinfo` lists the partitions"
      } else if lower.contains("array") {
        "`scontrol show config` shows MaxArraySize: submit the jobs in several batches"
      } else {
        nil
      }
    return Failure(.system, words, hint: hint)
  }
}
