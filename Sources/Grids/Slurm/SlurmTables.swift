import Base

/// A job of an array, as Slurm numbers it.
package struct SlurmKey: Hashable, Sendable {
  package var job: String
  package var task: Int

  package init(job: String, task: Int) { (self.job, self.task) = (job, task) }
}

/// What Slurm says of a job.
package struct SlurmRow: Sendable, Equatable {
  /// Slurm's word, without what follows it: `CANCELLED` of `CANCELLED by 1000`.
  package var state: String
  /// Why it waits, in Slurm's word; nil where it does not wait.
  package var reason: String?
  package var node: String?
  package var exit: Int?
  package var signal: Int?
  package var seconds: Double?

  /// The signal in a reason as the queue gives it: `RaisedSignal:9(Killed)`.
  var raisedSignal: Int? {
    guard let reason, reason.hasPrefix("RaisedSignal:") else { return nil }
    return Int(reason.dropFirst("RaisedSignal:".count).prefix(while: \.isNumber))
  }
}

/// Reads what `squeue` and `sacct` print.
package enum SlurmTables {
  /// The columns of `squeue` that are read.
  package static let queueFormat = "%F|%K|%T|%r|%N"
  package static let accountingFields = "JobID,State,ExitCode,NodeList,ElapsedRaw"

  /// - Throws: `format` with the line for one that is not of this form.
  package static func queue(_ text: String) throws -> [SlurmKey: SlurmRow] {
    var rows: [SlurmKey: SlurmRow] = [:]
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map { String($0) ?? "" }
      guard fields.count == 5 else { throw damaged("squeue", String(line) ?? "") }
      let row = SlurmRow(
        state: word(fields[2]), reason: ["", "None"].contains(fields[3]) ? nil : fields[3],
        node: fields[4].isEmpty ? nil : fields[4])
      for task in tasks(fields[1]) { rows[SlurmKey(job: fields[0], task: task)] = row }
    }
    return rows
  }

  /// The lines of whole jobs; those of their steps are left out. Of a requeued job the last line counts.
  ///
  /// The line of an array that waits, `7_[3-9%2]`, comes after those of its jobs and may still list some that have started:
  /// it counts only for jobs without a line of their own.
  package static func accounting(_ text: String) throws -> [SlurmKey: SlurmRow] {
    var rows: [SlurmKey: SlurmRow] = [:]
    var waiting: [SlurmKey: SlurmRow] = [:]
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map { String($0) ?? "" }
      guard fields.count >= 5 else { throw damaged("sacct", String(line) ?? "") }
      guard !fields[0].contains("."), let bar = fields[0].firstIndex(of: "_") else { continue }
      let codes = fields[2].split(separator: ":").map { Int($0) }
      let row = SlurmRow(
        state: word(fields[1]), node: ["", "None assigned"].contains(fields[3]) ? nil : fields[3],
        exit: codes.first ?? nil, signal: codes.count > 1 ? codes[1] : nil, seconds: Double(fields[4]))
      let job = String(fields[0][..<bar])
      let numbers = String(fields[0][fields[0].index(after: bar)...])
      for task in tasks(numbers) {
        let key = SlurmKey(job: job, task: task)
        if numbers.hasPrefix("[") { waiting[key] = row } else { rows[key] = row }
      }
    }
    return rows.merging(waiting) { own, _ in own }
  }

  /// `7`, `[3-5,9%2]`.
  package static func tasks(_ text: String) -> [Int] {
    let inner = text.hasPrefix("[") ? text.dropFirst().prefix { $0 != "]" && $0 != "%" } : text[...]
    return inner.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last, last - first < 1_000_000 else {
        return []
      }
      return Array(first...last)
    }
  }

  private static func word(_ state: String) -> String {
    String(state.prefix { $0 != " " && $0 != "+" })
  }

  private static func damaged(_ program: String, _ line: String) -> Failure {
    Failure(.format, "\(program) printed a line that vcsh can't read: `\(line.shortened)`")
  }
}
