import Base
import Foundation

/// What jobs left on disk about themselves: their start, and their end with its status.
package struct TaskRecords {
  private let batch: Batch
  private let names: Set<String>

  package struct Start {
    package var host: String
    /// Seconds since 1970.
    package var time: Double
    /// How many bytes earlier starts of the job had left in its log.
    package var logBytes: Int
  }

  package struct End {
    package var code: Int
    package var time: Double
  }

  /// How the local engine saw a job end.
  package enum EngineEnd: Equatable {
    case exited(Int)
    case killed(signal: Int)
    case cancelled
    /// Not started: what it waits for has failed.
    case blocked
    case notStarted(String)
  }

  package init(_ batch: Batch) {
    self.batch = batch
    names = Set((try? FileManager.default.contentsOfDirectory(atPath: batch.folder + "/records")) ?? [])
  }

  package func start(_ job: Int) -> Start? {
    guard let words = words("\(job).start"), words.count >= 2, let time = Double(words[1]) else { return nil }
    return Start(host: words[0], time: time, logBytes: words.count > 3 ? Int(words[3]) ?? 0 : 0)
  }

  package func end(_ job: Int) -> End? {
    guard let words = words("\(job).end"), words.count >= 2, let code = Int(words[0]), let time = Double(words[1])
    else {
      return nil
    }
    return End(code: code, time: time)
  }

  package func engineEnd(_ job: Int) -> EngineEnd? {
    guard let words = words("\(job).engine"), let first = words.first else { return nil }
    switch first {
    case "exited": return .exited(words.count > 1 ? Int(words[1]) ?? 1 : 1)
    case "killed": return .killed(signal: words.count > 1 ? Int(words[1]) ?? 9 : 9)
    case "cancelled": return .cancelled
    case "blocked": return .blocked
    default: return .notStarted(words.dropFirst().joined(separator: " "))
    }
  }

  package func hasStarted(_ job: Int) -> Bool { names.contains("\(job).start") }
  package func isCancelled(_ job: Int) -> Bool { names.contains("\(job).cancel") }

  /// Whether a job left what it must leave behind.
  package func hasResult(_ job: Int) -> Bool {
    guard batch.jobs.indices.contains(job - 1) else { return false }
    guard let result = batch.jobs[job - 1].result else { return names.contains("\(job).end") }
    var info = stat()
    return stat(result, &info) == 0 && (info.st_mode & S_IFMT != S_IFREG || info.st_size > 0)
  }

  /// The end of what a job's last start left in its log, for what it says of its death.
  package func logEnd(_ job: Int) -> String {
    guard let file = try? RegularFile(path: batch.log(job)) else { return "" }
    let begin = max(0, file.size - 4096, start(job)?.logBytes ?? 0)
    guard begin < file.size, let bytes = try? file.read(begin..<file.size) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func words(_ name: String) -> [String]? {
    guard names.contains(name),
      let data = try? RegularFile(path: batch.folder + "/records/" + name).contents()
    else { return nil }
    return String(decoding: data.prefix(4096), as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// Writes a record as a whole.
  package static func write(_ text: String, _ name: String, in batch: Batch) throws {
    try AtomicFile.write(Data((text + "\n").utf8), to: "\(batch.folder)/records/\(name)")
  }

  /// Removes what a job recorded, before it starts again. The record that it has started before stays.
  package static func clear(_ jobs: [Int], in batch: Batch) {
    for job in jobs {
      rename("\(batch.folder)/records/\(job).start", "\(batch.folder)/records/\(job).before")
      for ending in ["end", "engine", "cancel"] { unlink("\(batch.folder)/records/\(job).\(ending)") }
    }
  }
}
