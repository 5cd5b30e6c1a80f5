import Base

/// A run of Weights & Biases that was resumed: W&B begins a folder of its own for each process, with the same id.
extension WandbLog {
  /// Reads the logs of all parts of one run as one.
  ///
  /// From its first step on a later log wins, as it does among TensorBoard's files. How the run ended, the last log tells.
  ///
  /// - Parameters:
  ///   - parts: the logs, the earliest first.
  ///   - memory: of earlier readings; nil to read whole files.
  /// - Throws: as `read(_:memory:)`, where no log can be read.
  public static func read(parts: [String], memory: LogMemory? = nil) throws -> RunLog {
    var (logs, remarks): ([RunLog], [String]) = ([], [])
    var failure: Failure?
    for path in parts {
      do {
        var log = try read(path, memory: memory)
        // That it goes on from another one is said once, when they are joined.
        if !logs.isEmpty { log.remarks.removeAll { $0.hasPrefix(RunLog.resumed) } }
        if parts.count > 1 {
          let folder = path.folderAbove.lastComponent
          log.remarks = log.remarks.map { $0.hasPrefix(RunLog.resumed) ? $0 : "\(folder): \($0)" }
        }
        logs.append(log)
      } catch let error as Failure where error.kind != .interrupted {
        failure = failure ?? error
        remarks.append(error.message)
      }
    }
    guard let first = logs.first else { throw failure ?? Failure(.missing, "no log of W&B") }
    var run = logs.dropFirst().reduce(first) { joined($0, $1) }
    run.remarks += remarks
    if logs.count > 1 {
      let hours = logs.compactMap(hours)
      run.hours = hours.isEmpty ? nil : hours.reduce(0, +)
    }
    return run
  }

  private static func joined(_ run: RunLog, _ later: RunLog) -> RunLog {
    var run = run
    if let start = later.curves.firstStep {
      for place in run.curves.indices where !RunLog.countsApart(run.curves[place].name) {
        run.curves[place].drop(from: start)
      }
      run.remarks.append("\(RunLog.resumed): the later log counts from its first step, \(start)")
    }
    var places = Dictionary(run.curves.enumerated().map { ($1.name, $0) }) { first, _ in first }
    for curve in later.curves {
      if let place = places[curve.name] {
        run.curves[place].append(curve)
      } else {
        places[curve.name] = run.curves.count
        run.curves.append(curve)
      }
    }
    run.curves.removeAll { $0.values.isEmpty }
    run.remarks += later.remarks
    (run.name, run.id) = (later.name ?? run.name, later.id ?? run.id)
    let known = Set(later.parameters.map(\.key))
    run.parameters = run.parameters.filter { !known.contains($0.key) } + later.parameters
    (run.state, run.evidence) = (later.state, later.evidence)
    (run.started, run.ended) = (run.started ?? later.started, later.ended ?? run.ended)
    return run
  }

  /// Time between a part's first and last word: W&B's own count may go on from the part before.
  private static func hours(_ part: RunLog) -> Double? {
    guard let started = part.started, let ended = part.ended, ended >= started else { return part.hours }
    return (ended - started) / 3600
  }
}
