import Base
import Foundation
import Jobs

/// Slurm's own programs: `sbatch`, `squeue`, `sacct`, `scancel`.
package struct SlurmClient: Sendable {
  /// The folder that holds them; nil: they are looked for in PATH.
  private let folder: String?

  package init(folder: String? = nil) { self.folder = folder }

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
    let result = try run("sbatch", arguments + [script])
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
    let result = try run("scancel", [target])
    // What has ended in the meantime need not be cancelled.
    guard result.isSuccess || Self.isUnknownJob(result.errors.text) else { throw refusal("scancel", result) }
  }

  /// What the queue and the accounts say of these arrays.
  ///
  /// - Throws: `interrupted`, and `missing` where Slurm is not installed. What can't be asked is in the answer.
  package func ask(_ numbers: [String]) throws -> Answer {
    var answer = Answer()
    guard !numbers.isEmpty else { return answer }
    let list = numbers.joined(separator: ",")
    let queue = try run("squeue", ["-h", "-r", "-t", "all", "-j", list, "-o", SlurmTables.queueFormat])
    if queue.isSuccess {
      answer.queue = try SlurmTables.queue(queue.output.text)
    } else if !Self.isUnknownJob(queue.errors.text) {
      answer.hasQueue = false
      answer.troubles.append(Self.words("squeue", queue))
    }
    let accounts = try run(
      "sacct", ["-n", "-P", "-X", "-j", list, "--format=\(SlurmTables.accountingFields)"])
    if accounts.isSuccess {
      answer.accounting = try SlurmTables.accounting(accounts.output.text)
    } else if accounts.errors.text.contains("disabled") {
      answer.hasAccounting = false
    } else {
      answer.troubles.append(Self.words("sacct", accounts))
    }
    return answer
  }

  private func run(_ name: String, _ arguments: [String]) throws -> ProgramResult {
    let program = try ExternalProgram(
      folder.map { "\($0)/\(name)" } ?? name,
      remedy: "Slurm's programs are on the cluster's login node; --engine local runs jobs on this machine")
    // Jobs of a huge array, a line each.
    return try program.run(arguments, limit: 64 << 20)
  }

  private static func isUnknownJob(_ text: String) -> Bool { text.lowercased().contains("invalid job id") }

  private static func words(_ name: String, _ result: ProgramResult) -> String {
    let line = result.errors.text.split(separator: "\n").last.map(String.init) ?? result.ending
    return line.hasPrefix("\(name): ") ? line : "\(name): \(line)"
  }

  private func refusal(_ name: String, _ result: ProgramResult) -> Failure {
    let words = Self.words(name, result)
    let lower = words.lowercased()
    let hint: String? =
      lower.contains("unable to contact") || lower.contains("connection") || lower.contains("timed out")
      ? "the connection to Slurm is lost: try again when `sinfo` answers"
      : lower.contains("partition")
        ? "`sinfo` lists the partitions"
        : lower.contains("array")
          ? "`scontrol show config` shows MaxArraySize: submit the jobs in several batches" : nil
    return Failure(.system, words, hint: hint)
  }
}
