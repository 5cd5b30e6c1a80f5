import Base
import Foundation

/// What a watch knows across its own end: alarms that are on and turns that were taken. One small file in the workspace.
public struct WatchRecord: Sendable, Equatable, Codable {
  public var root: String
  public var board = AlarmBoard()
  public var fast: RecipeTurns?
  public var slow: RecipeTurns?
  /// Newest epoch of each run when it was last looked at.
  public var epochs: [String: Int] = [:]

  public init(root: String) { self.root = root }

  /// For a watch that begins: turns go on where they were, unless the interval is another one. Nil for no recipe.
  public mutating func prepare(fast: Int?, slow: Int?) {
    for (interval, path) in [(fast, \WatchRecord.fast), (slow, \WatchRecord.slow)] {
      guard let interval else {
        self[keyPath: path] = nil
        continue
      }
      if self[keyPath: path]?.every != interval { self[keyPath: path] = RecipeTurns(every: interval) }
      self[keyPath: path]?.recover()
    }
  }

  /// Takes a run's checkpoints.
  ///
  /// - Returns: for each recipe the epochs that it skips.
  public mutating func look(_ run: String, _ checkpoints: [(epoch: Int, path: String)]) -> [(
    recipe: String, skipped: [Int]
  )] {
    var found: [(recipe: String, skipped: [Int])] = []
    if let skipped = fast?.look(run, checkpoints) { found.append(("fast", skipped)) }
    if let skipped = slow?.look(run, checkpoints) { found.append(("slow", skipped)) }
    return found
  }

  public mutating func next(_ recipe: String) -> RecipeTurns.Turn? {
    recipe == "fast" ? fast?.next() : slow?.next()
  }

  public mutating func finish(_ recipe: String) {
    if recipe == "fast" { fast?.finish() } else { slow?.finish() }
  }

  public mutating func restart(_ run: String, at epoch: Int) {
    fast?.restart(run, at: epoch)
    slow?.restart(run, at: epoch)
  }

  /// - Returns: a fresh record where there is none, or none that can be read.
  public static func read(_ path: String, root: String) -> WatchRecord {
    guard let data = try? RegularFile(path: path).contents(),
      let record = try? JSONDecoder().decode(WatchRecord.self, from: data), record.root == root
    else { return WatchRecord(root: root) }
    return record
  }

  /// - Throws: `system` where the disk refuses.
  public func write(_ path: String) throws {
    do {
      try JSONEncoder().encode(self).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw Failure(.system, "\(path): \(error.localizedDescription)")
    }
  }
}
